import { integers, reals } from './generate.ts';

/** Lengths of a batch of sequences, longest first; the longest is stretched to `steps`. */
type Lengths = (batch: number, steps: number) => number[];

/** From a quarter of the steps to all. */
const uniform: Lengths = (batch, steps) => {
  const shortest = Math.max(1, Math.ceil(steps / 4));
  const drawn = integers('lengths', batch, steps - shortest + 1);
  return longestFirst(
    Array.from(drawn, extra => shortest + extra),
    steps,
  );
};

/** As of sentences: log-normal around a quarter of the steps, half as long or twice as long at about one standard deviation. */
const lognormal: Lengths = (batch, steps) => {
  const [median, deviation] = [steps / 4, 0.7];
  const radius = reals('lengths radius', batch, 0.5);
  const angle = reals('lengths angle', batch, Math.PI);
  const drawn = Array.from(radius, (value, row) => {
    const normal = Math.sqrt(-2 * Math.log(0.5 - value)) * Math.cos(angle[row]!); // Box & Muller 1958; 0.5 − value in (0, 1]
    return Math.min(steps, Math.max(1, Math.round(median * Math.exp(deviation * normal))));
  });
  return longestFirst(drawn, steps);
};

function longestFirst(lengths: readonly number[], steps: number): number[] {
  const sorted = [...lengths].sort((a, b) => b - a);
  sorted[0] = steps;
  return sorted;
}

export const raggedLengths = { uniform, lognormal };
