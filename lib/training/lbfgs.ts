import type { Executable, Feeds, NumberArray, Results, RunOptions, Storage } from '../backend/backend.ts';
import { failure } from '../errors.ts';
import type { Loss } from '../losses/loss.ts';
import { add } from '../ops/add.ts';
import { multiply } from '../ops/multiply.ts';
import { scale } from '../ops/scale.ts';
import { slice } from '../ops/slice.ts';
import { square } from '../ops/square.ts';
import { subtract } from '../ops/subtract.ts';
import { sum } from '../ops/sum.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Program, StorageSpec } from '../program/program.ts';
import { Recording, type RecordingOptions } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { recordGradients } from './record-gradients.ts';
import type { Trainable } from './trainable.ts';

/** A step of length t along a direction of slope m is taken where loss ≤ loss₀ + decrease·t·m and slope ≥ curvature·m. */
const decrease = 1e-4;
const curvature = 0.9;
const mostTrials = 20;

/**
 * L-BFGS, as a loop over four small programs and the one that evaluates the loss. It does so at a trial point with storage of
 * its own: whoever reads the model meanwhile sees whole steps only.
 *
 *   evaluate   loss and gradient at the trial point
 *   turn       direction ← −H·gradient, H being the inverse curvature as the remembered steps tell it
 *   move       trial ← parameters + t·direction
 *   accept     remembers the step s and the change y of the gradient; parameters ← trial
 */
export class Lbfgs {
  readonly evaluate: Executable;
  /** None to hand on: what it remembers are steps in a ring, with numbers beside them. */
  readonly states: Readonly<Record<string, Storage>> = {};
  private readonly move: Executable;
  /** Per place in the ring of remembered steps: with this one as the newest. */
  private readonly turn: readonly Executable[];
  private readonly accept: readonly Executable[];
  private readonly history: number;
  private readonly iterations: number;
  private readonly precision: 'float32' | 'float64';
  /** The place of the newest step. */
  private newest = 0;
  /** 1/(s·y) of the remembered steps, newest first, and s·y/(y·y) of the newest: the scale of H. */
  private rho: readonly number[] = [];
  private gamma = 1;

  constructor(model: Trainable, loss: Loss, { options }: Optimizer, numbers?: RecordingOptions) {
    const { parameters } = model;
    const { backend, spec } = parameters;
    this.history = options.history as number;
    this.iterations = options.iterations as number;
    this.precision = backend.precision;
    const flat = () => backend.allocate('real', spec.elements);
    const own = { trial: flat(), gradients: flat(), turnedAt: flat(), direction: flat() };
    const storages = { ...own, parameters: parameters.storage };
    const ring = Array.from({ length: this.history }, () => ({ s: flat(), y: flat() }));

    this.evaluate = backend.load(recordEvaluation(model, loss, numbers), { ...own, parameters: own.trial });
    this.move = backend.load(recordMove(spec), storages);
    const turn = recordTurn(spec, this.history);
    this.turn = ring.map((_, newest) => backend.load(turn, { ...storages, ...fromNewest(ring, newest) }));
    const accept = recordAccept(spec);
    this.accept = ring.map(place => backend.load(accept, { ...storages, ...place }));
  }

  /**
   * Some steps on one batch; resolves to the results of `evaluate` before the first. Aborted, it leaves the parameters as the
   * last whole step made them. Rejects with ERR_NON_FINITE, having written nothing, where the loss is not finite to begin with.
   */
  async run(feeds: Feeds, options: RunOptions = {}): Promise<Results> {
    const rate = feeds.values.learningRate![0]!;
    const first = await this.look(0, feeds, options);
    for (const name of ['loss', 'norm'])
      if (!Number.isFinite(first[name]![0]!))
        throw failure('ERR_NON_FINITE', `run: ${name} is ${first[name]![0]!}; nothing was written`);
    let here = first;
    for (let step = 0; step < this.iterations; step++) {
      const slope = await this.descend(options);
      if (!(slope < 0)) break; // the gradient is 0
      const start = this.rho.length > 0 ? rate : rate * Math.min(1, 1 / here.norm![0]!);
      const found = await this.search(here.loss![0]!, slope, start, feeds, options);
      if (!found) break;
      await this.remember(options);
      here = found;
    }
    return first;
  }

  /** Finds a direction that leads down; answers its slope. What is remembered is given up where it misleads. */
  private async descend(options: RunOptions): Promise<number> {
    const slope = await this.turnTo(options);
    if (slope < 0 || this.rho.length === 0) return slope;
    this.rho = [];
    this.gamma = 1;
    return this.turnTo(options);
  }

  private async turnTo(options: RunOptions): Promise<number> {
    const rho = Array.from({ length: this.history }, (_, age) => this.rho[age] ?? 0);
    const values = { rho: this.real(rho), gamma: this.real([this.gamma]) };
    const { slope } = await this.turn[this.newest]!.run({ sizes: {}, values }, options);
    return slope![0]!;
  }

  /**
   * The results of `evaluate` at a step length that meets the weak conditions of Wolfe, by bisection: Lewis & Overton 2013.
   * Undefined where none is found, as at a minimum, where rounding hides what a step would gain.
   */
  private async search(
    loss: number,
    slope: number,
    start: number,
    feeds: Feeds,
    options: RunOptions,
  ): Promise<Results | undefined> {
    let [tooShort, tooLong, t] = [0, Number.POSITIVE_INFINITY, start];
    const visible = Math.abs(loss) * (this.precision === 'float64' ? 2 ** -53 : 2 ** -24);
    for (let trial = 0; trial < mostTrials && -t * slope > visible; trial++) {
      const there = await this.look(t, feeds, options);
      if (!(there.loss![0]! <= loss + decrease * t * slope)) tooLong = t;
      else if (there.slope![0]! < curvature * slope) tooShort = t;
      else return there;
      t = Number.isFinite(tooLong) ? (tooShort + tooLong) / 2 : 2 * t;
    }
    return undefined;
  }

  /** Evaluates the loss a step of length t along the direction. */
  private async look(t: number, feeds: Feeds, options: RunOptions): Promise<Results> {
    await this.move.run({ sizes: {}, values: { t: this.real([t]) } }, options);
    return this.evaluate.run(feeds, options);
  }

  /** Makes the trial point the parameters. */
  private async remember(options: RunOptions): Promise<void> {
    this.newest = (this.newest + 1) % this.history;
    const { sy, yy } = await this.accept[this.newest]!.run({ sizes: {}, values: {} }, options);
    this.rho = [1 / sy![0]!, ...this.rho].slice(0, this.history);
    this.gamma = sy![0]! / yy![0]!;
  }

  private real(values: readonly number[]): NumberArray {
    return this.precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
  }
}

/** The whole of a storage as one tensor [n]. */
function flat(recording: Recording, spec: StorageSpec, name: string): Tensor {
  const role = name === 'parameters' ? 'parameter' : 'state';
  return recording.view(role, { storage: { ...spec, name }, offset: 0, shape: [spec.elements], name });
}

function overwrite(recording: Recording, spec: StorageSpec, name: string, x: Tensor): void {
  recording.update('copy', { x, y: flat(recording, spec, name) }, ['y'], {});
}

/** Results: those of `recordGradients`, and the slope of the loss along the direction. */
function recordEvaluation(model: Trainable, loss: Loss, numbers?: RecordingOptions): Program {
  const recording = new Recording('train', numbers);
  recordGradients(recording, model, loss);
  const { spec } = model.parameters;
  const slope = multiply(flat(recording, spec, 'gradients'), flat(recording, spec, 'direction'));
  recording.result('slope', sum(slope));
  return recording.finish();
}

function recordMove(spec: StorageSpec): Program {
  const recording = new Recording('infer');
  const step = multiply(flat(recording, spec, 'direction'), recording.feed('t', []));
  overwrite(recording, spec, 'trial', add(flat(recording, spec, 'parameters'), step));
  return recording.finish();
}

/** The recursion of Nocedal 1980 over all places; ρ = 0 skips one. s0 and y0 are the newest. */
function recordTurn(spec: StorageSpec, history: number): Program {
  const recording = new Recording('infer');
  const gradients = flat(recording, spec, 'gradients');
  const rho = recording.feed('rho', [history]);
  const places = Array.from({ length: history }, (_, age) => ({
    rho: slice(rho, { axis: 0, start: age, stop: age + 1 }),
    s: flat(recording, spec, `s${age}`),
    y: flat(recording, spec, `y${age}`),
  }));
  let direction = scale(gradients, -1);
  const alphas = places.map(({ rho, s, y }) => {
    const alpha = multiply(rho, sum(multiply(s, direction)));
    direction = subtract(direction, multiply(alpha, y));
    return alpha;
  });
  direction = multiply(direction, recording.feed('gamma', []));
  for (const [age, { rho, s, y }] of [...places.entries()].reverse()) {
    const beta = multiply(rho, sum(multiply(y, direction)));
    direction = add(direction, multiply(subtract(alphas[age]!, beta), s));
  }
  recording.result('slope', sum(multiply(gradients, direction)));
  overwrite(recording, spec, 'direction', direction);
  overwrite(recording, spec, 'turnedAt', gradients);
  return recording.finish();
}

function recordAccept(spec: StorageSpec): Program {
  const recording = new Recording('infer');
  const trial = flat(recording, spec, 'trial');
  const s = subtract(trial, flat(recording, spec, 'parameters'));
  const y = subtract(flat(recording, spec, 'gradients'), flat(recording, spec, 'turnedAt'));
  recording.result('sy', sum(multiply(s, y)));
  recording.result('yy', sum(square(y)));
  overwrite(recording, spec, 's', s);
  overwrite(recording, spec, 'y', y);
  overwrite(recording, spec, 'parameters', trial);
  return recording.finish();
}

/** The storages of a ring under the names that `recordTurn` uses. */
function fromNewest(
  ring: readonly { readonly s: Storage; readonly y: Storage }[],
  newest: number,
): Record<string, Storage> {
  return Object.fromEntries(
    ring.flatMap((_, age) => {
      const { s, y } = ring[(newest - age + ring.length) % ring.length]!;
      return [
        [`s${age}`, s],
        [`y${age}`, y],
      ];
    }),
  );
}
