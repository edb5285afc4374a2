import type { Parameter, Parameters } from '../layers/parameter.ts';
import type { Loss } from '../losses/loss.ts';
import type { TableRows } from '../ops/merge-rows.ts';
import { type Optimizer, recordUpdate } from '../optimizers/optimizer.ts';
import type { Program } from '../program/program.ts';
import { Recording, type RecordingOptions } from '../program/recording.ts';
import { Tensor } from '../program/tensor.ts';
import { type Gradients, recordGradients } from './record-gradients.ts';
import type { Trainable } from './trainable.ts';

/** Records loss, gradients and update of a model as one program. */
export function recordTrainingStep(
  model: Trainable,
  loss: Loss,
  optimizer: Optimizer,
  { quantize }: RecordingOptions = {},
): Program {
  const recording = new Recording('train', { quantize });
  const { clipParameterNorm } = optimizer.options as { readonly clipParameterNorm?: number };
  const recorded = recordGradients(recording, model, loss, { clipParameterNorm, byRows: true });
  recording.check(recorded.loss);
  recording.check(recorded.norm);
  recordUpdates(recording, model.parameters, recorded.gradients, optimizer, recorded.norm);
  return recording.finish();
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
