import { rangeError } from '../errors.ts';
import type { Parameter } from '../layers/parameter.ts';
import type { Loss } from '../losses/loss.ts';
import { clipByNorm } from '../ops/clip-by-norm.ts';
import { globalNorm } from '../ops/global-norm.ts';
import { gradients } from '../ops/gradients.ts';
import { tableRows } from '../ops/merge-rows.ts';
import type { UpdateTensors } from '../optimizers/optimizer.ts';
import type { StorageSpec } from '../program/program.ts';
import type { Recording } from '../program/recording.ts';
import { Tensor } from '../program/tensor.ts';
import { recordLoss } from './feeds.ts';
import type { Trainable } from './trainable.ts';

export type Gradients = ReadonlyMap<Parameter, UpdateTensors['gradients']>;

/**
 * Records the model, its loss and the gradients of all that is learned, kept in the storage 'gradients' where the parameters
 * lie in theirs. `byRows`: of a table that is read by its rows alone only the gradients of those, and nowhere else. Names the
 * results of `recordLoss` and `norm`, the joint norm of the gradients before any clipping.
 */
export function recordGradients(
  recording: Recording,
  model: Trainable,
  loss: Loss,
  { clipParameterNorm: limit, byRows = false }: { clipParameterNorm?: number | undefined; byRows?: boolean } = {},
): { loss: Tensor; norm: Tensor; gradients: Gradients } {
  const { loss: value } = recordLoss(recording, model, loss);
  const trainable = [...model.parameters].filter(parameter => parameter.trainable);
  if (trainable.length === 0)
    throw rangeError('ERR_ARGUMENT', 'train: every parameter is frozen; there is nothing to learn');

  const storage: StorageSpec = { ...model.parameters.spec, name: 'gradients' };
  const arrived = gradients(
    value,
    trainable.map(parameter => parameter.tensor(recording)),
  ).map(gradient => (byRows && limit === undefined ? tableRows(gradient) : undefined) ?? gradient);
  const kept = arrived.map((gradient, index) => {
    if (!(gradient instanceof Tensor)) return gradient;
    const { name, offset, shape } = trainable[index]!;
    const clipped = limit === undefined ? gradient : clipByNorm(gradient, limit);
    return recording.store(clipped, { storage, offset, shape, name: `∂${name}` });
  });
  const norm = globalNorm((limit === undefined ? kept : arrived).flat());
  recording.result('norm', norm);
  return { loss: value, norm, gradients: new Map(trainable.map((parameter, index) => [parameter, kept[index]!])) };
}
