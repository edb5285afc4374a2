import { rangeError } from '../errors.ts';
import type { Loss } from './loss.ts';

/** A loss of one of a model's outputs, and how much it counts. */
export interface Head {
  readonly loss: Loss;
  /** At least 0. Default 1. */
  readonly weight?: number;
}

/**
 * Several outputs learned at once: a loss for each layer of a graph that is named, and their sum by weight as the model's. The
 * dataset has targets of the same names, as `heads`. Caruana 1997, "Multitask learning".
 *
 *     heads({ sentiment: binaryCrossEntropy(), stars: { loss: meanSquaredError(), weight: 0.1 } })
 */
export function heads(given: Readonly<Record<string, Loss | Head>>): Loss {
  const entries = Object.entries(given).map(([name, head]) => {
    const { loss, weight = 1 }: Head = 'record' in head ? { loss: head } : head;
    if (!(Number.isFinite(weight) && weight >= 0))
      throw rangeError('ERR_ARGUMENT', `heads: the weight of ${name} must be a number of at least 0, got ${weight}`);
    if (loss.reduction === 'none')
      throw rangeError(
        'ERR_ARGUMENT',
        `heads: ${name} has reduction 'none', of which there is no sum; use 'mean' or 'sum'`,
      );
    if (loss.heads)
      throw rangeError('ERR_ARGUMENT', `heads: ${name} cannot have heads in turn; list them side by side`);
    return [name, { loss, weight }] as const;
  });
  if (entries.length === 0) throw rangeError('ERR_ARGUMENT', 'heads: expected the loss of at least one layer');
  const options = entries.map(([name, { loss, weight }]) => [name, { name: loss.name, options: loss.options, weight }]);
  return {
    name: 'heads',
    options: Object.fromEntries(options),
    reduction: 'mean',
    activation: 'linear',
    targets: 'real',
    heads: Object.fromEntries(entries),
    record() {
      throw rangeError('ERR_ARGUMENT', 'heads: measures several outputs, and was given one');
    },
  };
}
