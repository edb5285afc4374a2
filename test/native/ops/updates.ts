import { globalNorm } from '../../../lib/ops/global-norm.ts';
import { adadelta } from '../../../lib/optimizers/adadelta.ts';
import { adagrad } from '../../../lib/optimizers/adagrad.ts';
import { adam, adamw } from '../../../lib/optimizers/adam.ts';
import { adamax } from '../../../lib/optimizers/adamax.ts';
import { nadam } from '../../../lib/optimizers/nadam.ts';
import { type Optimizer, recordUpdate } from '../../../lib/optimizers/optimizer.ts';
import { rmsprop } from '../../../lib/optimizers/rmsprop.ts';
import { sgd } from '../../../lib/optimizers/sgd.ts';
import type { Program } from '../../../lib/program/program.ts';
import { Recording } from '../../../lib/program/recording.ts';
import type { Numbers } from '../../backend/conformance/numbers.ts';
import type { Values } from '../../backend/conformance/trial.ts';

/** Every optimizer, by what its options make of it. */
export const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd(),
  'sgd uphill with both clips and decay': sgd({ clipNorm: 0.5, clipValue: 0.01, weightDecay: 0.1, maximize: true }),
  'sgd with momentum': sgd({ momentum: 0.9, dampening: 0.2 }),
  'sgd with Nesterov momentum': sgd({ momentum: 0.9, nesterov: true, clipValue: 0.3 }),
  adam: adam(),
  'adam with amsgrad, clip and decay': adam({ amsgrad: true, clipNorm: 1, weightDecay: 0.02 }),
  adamw: adamw({ learningRate: 0.01, maximize: true }),
  adamax: adamax(),
  'adamax with both clips and decay': adamax({ clipNorm: 2, clipValue: 0.3, weightDecay: 0.1, beta2: 0.9 }),
  nadam: nadam(),
  'nadam with clip and decay': nadam({ clipNorm: 1, weightDecay: 0.02, momentumDecay: 1 }),
  adadelta: adadelta(),
  'adadelta with clip and decay': adadelta({ clipValue: 0.4, weightDecay: 0.02, maximize: true }),
  rmsprop: rmsprop(),
  'rmsprop, centered, with momentum': rmsprop({ centered: true, momentum: 0.5, clipValue: 0.4 }),
  adagrad: adagrad(),
  'adagrad, decaying from an accumulator': adagrad({ learningRateDecay: 0.1, initialAccumulator: 0.3, clipNorm: 3 }),
};

/** One step of an optimizer over `count` parameters, gradients fed. */
export function updateProgram(optimizer: Optimizer, count: number): Program {
  const recording = new Recording('train');
  const gradients = recording.feed('gradients', [count]);
  const stored = (role: 'parameter' | 'state', name: string) =>
    recording.view(role, { storage: { name, dtype: 'real', elements: count }, offset: 0, shape: [count], name });
  recordUpdate(recording, optimizer, {
    parameters: stored('parameter', 'parameters'),
    gradients,
    states: Object.fromEntries(optimizer.states.map(name => [name, stored('state', name)])),
    norm: optimizer.options.clipNorm ? globalNorm([gradients]) : undefined,
  });
  return recording.finish();
}

/** Parameters and states as they may be after some steps. */
export function midway(optimizer: Optimizer, count: number, numbers: Numbers): Values {
  return Object.fromEntries(
    ['parameters', ...optimizer.states].map(name => [name, stateFrom(name, numbers.reals(count))]),
  );
}

/** Squares are not negative, and centered ones not below the square of the mean. */
function stateFrom(name: string, values: Float64Array): Float64Array {
  if (['v', 'vMax', 'u'].includes(name)) return values.map(value => Math.fround(0.5 + value * value));
  return name === 'a' ? values.map(value => Math.fround(value / 2)) : values;
}
