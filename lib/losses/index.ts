import { rangeError } from '../errors.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import { heads } from './heads.ts';
import { huber } from './huber.ts';
import type { Loss } from './loss.ts';
import { meanAbsoluteError } from './mean-absolute-error.ts';
import { meanSquaredError } from './mean-squared-error.ts';
import { smoothL1 } from './smooth-l1.ts';

const builders = {
  binaryCrossEntropy,
  crossEntropy,
  huber,
  meanAbsoluteError,
  meanSquaredError,
  smoothL1,
} as const;

type SavedHeads = Readonly<Record<string, Pick<Loss, 'name' | 'options'> & { readonly weight: number }>>;

/** The loss that a saved model names. @throws ERR_FORMAT for one that does not exist */
export function buildLoss({ name, options }: Pick<Loss, 'name' | 'options'>): Loss {
  if (name === 'heads')
    return heads(
      Object.fromEntries(
        Object.entries(options as SavedHeads).map(([of, { weight, ...loss }]) => [
          of,
          { loss: buildLoss(loss), weight },
        ]),
      ),
    );
  if (!Object.hasOwn(builders, name))
    throw rangeError('ERR_FORMAT', `there is no loss ${name}; there are ${Object.keys(builders).join(', ')}`);
  return builders[name as keyof typeof builders](options);
}
