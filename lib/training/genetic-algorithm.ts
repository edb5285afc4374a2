import type { Executable, Feeds, RealArray, Results, RunOptions, Storage } from '../backend/backend.ts';
import type { Loss } from '../losses/loss.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { RecordingOptions } from '../program/recording.ts';
import { Random } from '../random/random.ts';
import { streams } from '../random/streams.ts';
import { Candidate, comparable } from './candidate.ts';
import type { Trainable } from './trainable.ts';

type Weights = Float32Array | Float64Array;

/**
 * The genetic algorithm that `geneticAlgorithm` describes, as a loop over the program that evaluates the loss. Its state is the
 * last generation, best first, so that parents are chosen by their place. The first of it is the model itself: weights that
 * were written there go on.
 */
export class GeneticAlgorithm {
  readonly evaluate: Executable;
  readonly states: { readonly population: Storage };
  private readonly candidate: Candidate;
  private readonly options: Readonly<Record<'population' | 'elite' | 'crossover' | 'tournament' | 'seed', number>>;

  /** The generation before the first are copies of the model. */
  constructor(model: Trainable, loss: Loss, { options }: Optimizer, numbers?: RecordingOptions) {
    this.candidate = new Candidate(model, loss, numbers);
    this.evaluate = this.candidate.evaluate;
    this.options = options as typeof this.options;
    const { size, current } = this.candidate;
    const { population } = this.options;
    this.states = { population: model.parameters.backend.allocate('real', population * size) };
    for (let place = 0; place < population; place++) this.states.population.array.set(current, place * size);
  }

  /** One generation on one batch. Results: those of `evaluate` before it, and `norm`, which is 0. */
  async run(feeds: Feeds, options: RunOptions = {}): Promise<Results> {
    const { candidate } = this;
    const { population, elite } = this.options;
    const mutation = feeds.values.learningRate![0]!;
    const random = new Random(this.options.seed, streams.generations + feeds.values.clock![0]!);
    const first = await candidate.measureModel(feeds, options);
    const before = this.members();

    const after = [{ weights: before[0]!, loss: comparable(first) }];
    while (after.length < population) {
      const weights = after.length < elite ? before[after.length]! : this.child(before, mutation, random);
      after.push({ weights, loss: comparable(await candidate.measure(weights, feeds, options)) });
    }
    after.sort((one, other) => (one.loss === other.loss ? 0 : one.loss - other.loss)); // ∞ − ∞ is no number
    await candidate.become(after[0]!.weights, options);
    after.forEach(({ weights }, place) => {
      this.states.population.array.set(weights, place * candidate.size);
    });
    return { ...first, norm: Float64Array.of(0) };
  }

  /** The last generation, best first, in memory of its own. */
  private members(): Weights[] {
    const { size, current } = this.candidate;
    const rows = this.states.population.array as RealArray;
    const rest = Array.from({ length: this.options.population - 1 }, (_, k) =>
      rows.slice((k + 1) * size, (k + 2) * size),
    );
    return [current, ...rest];
  }

  private child(members: readonly Weights[], mutation: number, random: Random): Weights {
    const parent = this.parent(members, random);
    const other = random.uniform() < this.options.crossover ? this.parent(members, random) : parent;
    return parent.map((weight, k) => (random.word() % 2 === 0 ? weight : other[k]!) + mutation * random.normal());
  }

  /** The best of some members drawn at random. */
  private parent(members: readonly Weights[], random: Random): Weights {
    const places = Array.from({ length: this.options.tournament }, () => random.below(members.length));
    return members[Math.min(...places)]!;
  }
}
