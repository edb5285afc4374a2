import { rangeError } from '../errors.ts';
import { learningRateOf, type Optimizer, positive, randomSeed, wholeNumbers } from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface GeneticAlgorithmOptions {
  /** Members of a generation, at least 2. Each keeps an array as large as the learned parameters. Default 50. */
  readonly population?: number;
  /** How many of the best go on as they are, at least 1 and fewer than `population`. Default 2. */
  readonly elite?: number;
  /**
   * Standard deviation of what is added to each weight of a child. Takes the place of a learning rate: schedules and callbacks
   * change it. Default 0.1.
   */
  readonly mutation?: LearningRate;
  /** Share of the children that take each of their weights from either of two parents; the others have one. Default 0.5. */
  readonly crossover?: number;
  /** A parent is the best of so many members drawn at random: the more, the less chance for the others. Default 3. */
  readonly tournament?: number;
  /** Keys parents, crossover and mutations. Default 0. */
  readonly seed?: number;
}

/**
 * A genetic algorithm over real weights: learns from losses alone. Every batch ranks a generation, and its best member
 * becomes the model; the next one are its elite and children of parents chosen by tournaments, by uniform crossover and Gaussian
 * mutation. Montana & Davis 1989; Such et al. 2017. Elites are measured anew on each batch, so batches as large as the dataset
 * never let the loss rise. Each update costs `population` forward passes.
 * @throws ERR_ARGUMENT where an option is outside its range
 */
export function geneticAlgorithm(options: GeneticAlgorithmOptions = {}): Optimizer {
  const { population = 50, elite = 2, mutation = 0.1, crossover = 0.5, tournament = 3, seed = 0 } = options;
  const name = 'geneticAlgorithm';
  wholeNumbers(name, { population }, 2);
  wholeNumbers(name, { elite, tournament });
  if (elite >= population)
    throw rangeError('ERR_ARGUMENT', `${name}: elite must be less than population, ${population}, got ${elite}`);
  if (typeof mutation === 'number') positive(name, { mutation });
  if (!(crossover >= 0 && crossover <= 1))
    throw rangeError('ERR_ARGUMENT', `${name}: crossover must be in [0, 1], got ${crossover}`);
  randomSeed(name, seed);
  return {
    name,
    ...learningRateOf(name, mutation),
    options: { population, elite, crossover, tournament, seed },
    states: ['population'],
    initial: {},
  };
}
