import { rangeError } from '../errors.ts';
import { fraction, learningRateOf, type Optimizer, positive, randomSeed, wholeNumbers } from './optimizer.ts';
import type { LearningRate } from './schedules/schedule.ts';

export interface EvolutionStrategyOptions {
  /** Candidates of a generation, an even number: each step away from the weights is tried in both directions. Default 50. */
  readonly population?: number;
  /** Standard deviation of those steps. Default 0.1. */
  readonly sigma?: number;
  /** Default 0.1. */
  readonly learningRate?: LearningRate;
  /** In [0, 1). Default 0. */
  readonly momentum?: number;
  /** Keys the steps. Default 0. */
  readonly seed?: number;
}

/**
 * An evolution strategy: learns from losses alone, of candidates around the weights. Rechenberg 1973; Salimans et al. 2017, with
 * mirrored candidates p ± σεₖ, εₖ ~ N(0, 1), of which only the order of their losses counts:
 * g = 1/(population·σ)·Σₖ (u₊ₖ − u₋ₖ)·εₖ; v ← momentum·v + g; p ← p + learningRate·v,
 * u being centred ranks, from −½ for the highest loss to ½ for the lowest. Each update costs population + 1 forward passes.
 * @throws ERR_ARGUMENT where an option is outside its range
 */
export function evolutionStrategy(options: EvolutionStrategyOptions = {}): Optimizer {
  const { population = 50, sigma = 0.1, learningRate = 0.1, momentum = 0, seed = 0 } = options;
  const name = 'evolutionStrategy';
  wholeNumbers(name, { population }, 2);
  if (population % 2 === 1)
    throw rangeError('ERR_ARGUMENT', `${name}: population must be even, for pairs of candidates, got ${population}`);
  positive(name, { sigma });
  fraction(name, { momentum });
  randomSeed(name, seed);
  return {
    name,
    ...learningRateOf(name, learningRate),
    options: { population, sigma, momentum, seed },
    states: ['velocity'],
    initial: {},
  };
}
