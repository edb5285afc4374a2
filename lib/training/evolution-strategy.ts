import type { Executable, Feeds, Results, RunOptions, Storage } from '../backend/backend.ts';
import type { Loss } from '../losses/loss.ts';
import { nodeModule } from '../node.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { RecordingOptions } from '../program/recording.ts';
import { Random } from '../random/random.ts';
import { streams } from '../random/streams.ts';
import { Candidate, comparable } from './candidate.ts';
import type { Trainable } from './trainable.ts';

/**
 * The evolution strategy that `evolutionStrategy` describes, as a loop over the program that evaluates the loss. The model's
 * weights are the mean of its candidates. Noise is not kept but drawn twice, by the seed and the number of the step.
 */
export class EvolutionStrategy {
  readonly evaluate: Executable;
  readonly states: { readonly velocity: Storage };
  private readonly candidate: Candidate;
  private readonly options: Readonly<Record<'population' | 'sigma' | 'momentum' | 'seed', number>>;

  constructor(model: Trainable, loss: Loss, { options }: Optimizer, numbers?: RecordingOptions) {
    this.candidate = new Candidate(model, loss, numbers);
    this.evaluate = this.candidate.evaluate;
    this.options = options as typeof this.options;
    this.states = { velocity: model.parameters.backend.allocate('real', this.candidate.size) };
  }

  /** One generation on one batch. Results: those of `evaluate` before it, and `norm`, that of the gradient it estimates. */
  async run(feeds: Feeds, options: RunOptions = {}): Promise<Results> {
    const rate = feeds.values.learningRate![0]!;
    const generation = feeds.values.clock![0]!;
    const { candidate } = this;
    const first = await candidate.measureModel(feeds, options);
    const mean = candidate.current;
    const uphill = await this.estimate(mean, generation, feeds, options);

    const { array } = this.states.velocity;
    const velocity = uphill.map((g, k) => this.options.momentum * array[k]! + g);
    await candidate.become(
      mean.map((weight, k) => weight + rate * velocity[k]!),
      options,
    );
    array.set(velocity);
    return { ...first, norm: Float64Array.of(Math.sqrt(uphill.reduce((sum, g) => sum + g * g, 0))) };
  }

  /** The direction in which the ranks rise and the loss falls. */
  private async estimate(
    mean: Float64Array,
    generation: number,
    feeds: Feeds,
    options: RunOptions,
  ): Promise<Float64Array> {
    const { population, sigma } = this.options;
    const losses: number[] = [];
    for (const noise of this.noise(generation))
      for (const side of [sigma, -sigma]) {
        const weights = mean.map((weight, k) => weight + side * noise[k]!);
        losses.push(comparable(await this.candidate.measure(weights, feeds, options)));
      }
    const ranks = centredRanks(losses);
    const uphill = new Float64Array(mean.length);
    let pair = 0;
    for (const noise of this.noise(generation)) {
      const gain = (ranks[2 * pair]! - ranks[2 * pair + 1]!) / (population * sigma);
      noise.forEach((epsilon, k) => {
        uphill[k]! += gain * epsilon;
      });
      pair++;
      await nodeModule('node:timers/promises').setImmediate();
    }
    return uphill;
  }

  /** ε of each pair of candidates of a generation, the same whenever it is asked for. */
  private *noise(generation: number): Generator<Float64Array, void, undefined> {
    const random = new Random(this.options.seed, streams.generations + generation);
    for (let pair = 0; pair < this.options.population / 2; pair++)
      yield Float64Array.from({ length: this.candidate.size }, () => random.normal());
  }
}

/** From −½ for the highest loss to ½ for the lowest; equal losses share the mean of their ranks. */
function centredRanks(losses: readonly number[]): number[] {
  return losses.map(loss => {
    const ahead = losses.reduce((sum, other) => sum + Number(other > loss) - Number(other < loss), 0);
    return ahead / (2 * (losses.length - 1));
  });
}
