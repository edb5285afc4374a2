import { type Dataset, dataset } from '../../lib/data/dataset.ts';
import { Random } from '../../lib/random/random.ts';

/** Sequences of vectors of 0 to 6 steps, drawn, with `outputs` real targets each, or at every step. */
export function raggedVectors({ size = 3, outputs = 2, per = 'sequence' as 'sequence' | 'token' } = {}): Dataset {
  const random = new Random(12);
  const vector = (length: number) => Array.from({ length }, () => random.normal());
  const sequences = [4, 1, 6, 0, 3].map(length => Array.from({ length }, () => vector(size)));
  if (per === 'sequence') return dataset({ sequences, size, targets: sequences.map(() => vector(outputs)) });
  return dataset({ sequences, size, per, targets: sequences.map(steps => steps.map(() => vector(outputs))) });
}

/** Sequences of 0 to 6 ids below `vocabulary`, drawn, each with a class, or with one at every step. */
export function raggedIds({ vocabulary = 7, classes = 3, per = 'sequence' as 'sequence' | 'token' } = {}): Dataset {
  const random = new Random(13);
  const ids = [4, 1, 6, 0, 3].map(length => Array.from({ length }, () => random.below(vocabulary)));
  if (per === 'sequence') return dataset({ ids, classes: ids.map(() => random.below(classes)) });
  return dataset({ ids, per, classes: ids.map(row => row.map(() => random.below(classes))) });
}
