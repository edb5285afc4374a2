import { rangeError } from '../errors.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';
import type { Loss } from './loss.ts';
import { meanSquaredError } from './mean-squared-error.ts';

const builders = {
  binaryCrossEntropy,
  crossEntropy: (options: CrossEntropyOptions) => crossEntropy(options),
  meanSquaredError,
} as const;

/** The loss that a saved model names. @throws ERR_FORMAT for one that does not exist */
export function buildLoss({ name, options }: Pick<Loss, 'name' | 'options'>): Loss {
  if (!Object.hasOwn(builders, name))
    throw rangeError('ERR_FORMAT', `there is no loss ${name}; there are ${Object.keys(builders).join(', ')}`);
  return builders[name as keyof typeof builders](options);
}
