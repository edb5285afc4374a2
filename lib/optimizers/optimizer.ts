import { rangeError } from '../errors.ts';
import type { TableRows } from '../ops/merge-rows.ts';
import type { Recording } from '../program/recording.ts';
import { Tensor } from '../program/tensor.ts';
import type { LearningRate, Schedule } from './schedules/schedule.ts';

/** What every optimizer does to a gradient before using it, in this order. */
export interface GradientOptions {
  /** Clip the joint L2 norm of all gradients to this: g ← g·min(1, clipNorm/(norm + 10⁻⁶)). Pascanu et al. 2013. */
  readonly clipNorm?: number;
  /** Clip the L2 norm of each parameter's gradient by itself to this, in place of the joint one. */
  readonly clipParameterNorm?: number;
  /** Clip each element to [−clipValue, clipValue]. */
  readonly clipValue?: number;
  /** Added to the gradient as weightDecay·p, or, where the optimizer decouples it, taken off p as learningRate·weightDecay·p. */
  readonly weightDecay?: number;
  /** Go uphill. Default false. */
  readonly maximize?: boolean;
}

/** Tensors over one contiguous range of the model's flat storage, all of one shape: [n], or, of a table, [rows, E]. */
export interface UpdateTensors {
  readonly parameters: Tensor;
  /** Or, of a table, its rows that are not 0. The others are updated as with a gradient of 0: not touched where that changes nothing. */
  readonly gradients: Tensor | readonly TableRows[];
  /** Optimizer state by name, as named in `states`; zeros before the first step. */
  readonly states: Readonly<Record<string, Tensor>>;
  /** The joint norm of all gradients, where the option `clipNorm` is set. */
  readonly norm?: Tensor | undefined;
}

/** A plain description of an optimizer: what `fit` takes and what a saved model remembers. */
export interface Optimizer {
  readonly name: string;
  readonly options: Readonly<Record<string, number | boolean>>;
  /** A constant, or the rate that the schedule is about. */
  readonly learningRate: number;
  readonly schedule?: Schedule;
  /** Names of the state arrays it needs, each as large as the parameters; in evolution, as what is learned, for each member kept. */
  readonly states: readonly string[];
  /** What a state array holds before the first step; 0 where it is not named. */
  readonly initial: Readonly<Record<string, number>>;
}

/** Records one optimizer step past the commit point. The learning rate is the feed `learningRate`; the step number t is clock[0]. */
export function recordUpdate(
  recording: Recording,
  optimizer: Optimizer,
  { parameters, gradients, states, norm }: UpdateTensors,
): void {
  recording.update(
    optimizer.name,
    {
      parameters,
      ...gradientInputs(gradients),
      ...states,
      learningRate: recording.feed('learningRate', []),
      clock: recording.clock,
      ...(norm ? { norm } : {}),
    },
    ['parameters', ...optimizer.states],
    optimizer.options,
  );
}

function gradientInputs(gradients: UpdateTensors['gradients']): Record<string, Tensor> {
  if (gradients instanceof Tensor) return { gradients };
  return Object.fromEntries(
    gradients.flatMap(({ rows, at }, k) => [
      [`rows${k}`, rows],
      [`at${k}`, at],
    ]),
  );
}

/** Options every optimizer shares, checked, as attributes of its operation. */
export function gradientAttributes(
  name: string,
  { clipNorm, clipParameterNorm, clipValue, weightDecay = 0, maximize = false }: GradientOptions,
): Record<string, number | boolean> {
  positive(name, {
    ...(clipNorm === undefined ? {} : { clipNorm }),
    ...(clipParameterNorm === undefined ? {} : { clipParameterNorm }),
    ...(clipValue === undefined ? {} : { clipValue }),
  });
  if (!(weightDecay >= 0))
    throw rangeError('ERR_ARGUMENT', `${name}: weightDecay must be at least 0, got ${weightDecay}`);
  if (clipNorm !== undefined && clipParameterNorm !== undefined)
    throw rangeError('ERR_ARGUMENT', `${name}: give clipNorm or clipParameterNorm, not both`);
  return {
    clipNorm: clipNorm ?? 0,
    ...(clipParameterNorm === undefined ? {} : { clipParameterNorm }),
    clipValue: clipValue ?? 0,
    weightDecay,
    maximize,
  };
}

/** The option `learningRate` as an optimizer's description has it. @throws ERR_ARGUMENT where it is not positive */
export function learningRateOf(name: string, learningRate: LearningRate): Pick<Optimizer, 'learningRate' | 'schedule'> {
  if (typeof learningRate === 'object') return { learningRate: learningRate.rate, schedule: learningRate };
  positive(name, { learningRate });
  return { learningRate };
}

/** @throws ERR_ARGUMENT where a value is not a positive number */
export function positive(name: string, values: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(values))
    if (!(value > 0 && Number.isFinite(value)))
      throw rangeError('ERR_ARGUMENT', `${name}: ${option} must be a positive number, got ${value}`);
}

/** @throws ERR_ARGUMENT where a value is not in [0, 1) */
export function fraction(name: string, values: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(values))
    if (!(value >= 0 && value < 1))
      throw rangeError('ERR_ARGUMENT', `${name}: ${option} must be in [0, 1), got ${value}`);
}

/** @throws ERR_ARGUMENT unless each value is a whole number of at least `lowest` */
export function wholeNumbers(name: string, values: Readonly<Record<string, number>>, lowest = 1): void {
  for (const [option, value] of Object.entries(values))
    if (!Number.isInteger(value) || value < lowest)
      throw rangeError('ERR_ARGUMENT', `${name}: ${option} must be a whole number of at least ${lowest}, got ${value}`);
}

/** @throws ERR_ARGUMENT unless each value is a number of at least 0 */
export function notNegative(name: string, values: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(values))
    if (!(value >= 0 && Number.isFinite(value)))
      throw rangeError('ERR_ARGUMENT', `${name}: ${option} must be a number of at least 0, got ${value}`);
}

/** @throws ERR_ARGUMENT unless the seed is one that `Random` takes */
export function randomSeed(name: string, seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw rangeError('ERR_ARGUMENT', `${name}: seed must be a whole number in [0, 2³²), got ${seed}`);
}
