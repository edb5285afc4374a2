import { rangeError } from '../errors.ts';
import type { Parameter, Parameters } from '../layers/parameter.ts';
import type { Loss } from '../losses/loss.ts';
import { globalNorm } from '../ops/global-norm.ts';
import { gradients } from '../ops/gradients.ts';
import { type TableRows, tableRows } from '../ops/merge-rows.ts';
import { type Optimizer, recordUpdate, type UpdateTensors } from '../optimizers/optimizer.ts';
import type { Program } from '../program/program.ts';
import { Recording } from '../program/recording.ts';
import { Tensor } from '../program/tensor.ts';
import { recordLoss } from './feeds.ts';
import type { Trainable } from './trainable.ts';

type Gradients = ReadonlyMap<Parameter, UpdateTensors['gradients']>;

/** Records loss, gradients and update of a model as one program. */
export function recordTrainingStep(model: Trainable, loss: Loss, optimizer: Optimizer): Program {
  const recording = new Recording('train');
  const { loss: value } = recordLoss(recording, model, loss);
  const kept = recordGradients(value, model.parameters);
  const norm = globalNorm([...kept.values()].flat());
  recording.check(value);
  recording.check(norm);
  recording.result('norm', norm);
  recordUpdates(recording, model.parameters, kept, optimizer, norm);
  return recording.finish();
}

/**
 * Gradients of what is not frozen: of a table that is read by its rows alone, only rows; all others in storage, each where
 * its parameter stands among the parameters.
 */
function recordGradients(loss: Tensor, parameters: Parameters): Gradients {
  const { recording } = loss;
  const trainable = [...parameters].filter(parameter => parameter.trainable);
  if (trainable.length === 0)
    throw rangeError('ERR_ARGUMENT', 'train: every parameter is frozen; there is nothing to learn');
  const storage = { ...parameters.spec, name: 'gradients' };
  const all = gradients(
    loss,
    trainable.map(parameter => parameter.tensor(recording)),
  );
  return new Map(
    trainable.map(({ name, offset, shape }, index) => {
      const gradient = all[index]!;
      const kept = tableRows(gradient) ?? recording.store(gradient, { storage, offset, shape, name: `∂${name}` });
      return [trainable[index]!, kept];
    }),
  );
}

/** A table with a gradient of rows is updated for itself, the rest in as few ranges as it takes. */
function recordUpdates(
  recording: Recording,
  parameters: Parameters,
  kept: Gradients,
  optimizer: Optimizer,
  norm: Tensor,
): void {
  const update = (offset: number, shape: readonly number[], rows?: readonly TableRows[]) => {
    const range = (role: 'parameter' | 'gradient' | 'state', name: string) =>
      recording.view(role, {
        storage: { ...parameters.spec, name },
        offset,
        shape,
        name: `${name}[${offset}…]`,
      });
    recordUpdate(recording, optimizer, {
      parameters: range('parameter', 'parameters'),
      gradients: rows ?? range('gradient', 'gradients'),
      states: Object.fromEntries(optimizer.states.map(state => [state, range('state', `optimizer.${state}`)])),
      norm: optimizer.options.clipNorm ? norm : undefined,
    });
  };
  const stored: Parameter[] = [];
  for (const [parameter, gradient] of kept)
    if (gradient instanceof Tensor) stored.push(parameter);
    else update(parameter.offset, parameter.shape, gradient);
  for (const { offset, elements } of parameters.rangesOf(stored)) update(offset, [elements]);
}
