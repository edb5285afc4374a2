import type { Backend, RealArray, Storage } from '../../lib/backend/backend.ts';
import { globalNorm } from '../../lib/ops/global-norm.ts';
import { type Optimizer, recordUpdate } from '../../lib/optimizers/optimizer.ts';
import type { StorageSpec } from '../../lib/program/program.ts';
import type { Recording } from '../../lib/program/recording.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import type { Weights } from './weights.ts';

/** Storage of an optimizer's states, as they are before the first step. */
export function stateStorages(backend: Backend, { states, initial }: Optimizer, weights: Weights) {
  return Object.fromEntries(
    states.map((name): [string, Storage] => {
      const storage = backend.allocate('real', weights.parameters.elements);
      (storage.array as RealArray).fill(initial[name] ?? 0);
      storage.touch();
      return [stateName(name), storage];
    }),
  );
}

/** Records one step of the optimizer over all weights, from gradients already stored; returns their joint norm. */
export function recordStep(recording: Recording, optimizer: Optimizer, weights: Weights): Tensor {
  const flat = (role: 'parameter' | 'gradient' | 'state', storage: StorageSpec) =>
    recording.view(role, { storage, offset: 0, shape: [storage.elements], name: storage.name });
  const gradients = flat('gradient', weights.gradients);
  const norm = globalNorm([gradients]);
  recording.check(norm);
  recordUpdate(recording, optimizer, {
    parameters: flat('parameter', weights.parameters),
    gradients,
    states: Object.fromEntries(
      optimizer.states.map(name => [name, flat('state', { ...weights.parameters, name: stateName(name) })]),
    ),
    norm: optimizer.options.clipNorm ? norm : undefined,
  });
  return norm;
}

function stateName(name: string): string {
  return `optimizer.${name}`;
}
