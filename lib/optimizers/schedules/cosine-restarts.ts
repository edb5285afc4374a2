import { wholeNumbers } from '../optimizer.ts';
import { type CosineDecayOptions, cosineDecay, cosineDecayRate } from './cosine-decay.ts';

export interface CosineRestartsOptions extends CosineDecayOptions {
  /** How long the first way down takes. */
  readonly steps: number;
  /** How many times as long each next one takes, a whole number. Default 1. */
  readonly growth?: number;
}

/** `cosineDecay` that starts anew at the rate whenever it has reached the minimum. Loshchilov & Hutter 2017. */
export function cosineRestarts(options: CosineRestartsOptions) {
  const { growth = 1 } = options;
  const { minimum } = cosineDecay(options);
  wholeNumbers('cosineRestarts', { growth });
  return { schedule: 'cosineRestarts', ...options, minimum, growth } as const;
}

export function cosineRestartsRate(schedule: ReturnType<typeof cosineRestarts>, t: number): number {
  const { growth } = schedule;
  let [since, steps] = [t, schedule.steps];
  if (growth === 1) since %= steps;
  else for (; since >= steps; steps *= growth) since -= steps;
  return cosineDecayRate({ ...schedule, schedule: 'cosineDecay', steps }, since);
}
