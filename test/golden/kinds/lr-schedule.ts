import { cosineDecay } from '../../../lib/optimizers/schedules/cosine-decay.ts';
import { cosineRestarts } from '../../../lib/optimizers/schedules/cosine-restarts.ts';
import { exponentialDecay } from '../../../lib/optimizers/schedules/exponential-decay.ts';
import { rateAt } from '../../../lib/optimizers/schedules/index.ts';
import { milestones } from '../../../lib/optimizers/schedules/milestones.ts';
import { oneCycle } from '../../../lib/optimizers/schedules/one-cycle.ts';
import { plateau } from '../../../lib/optimizers/schedules/plateau.ts';
import { ramp } from '../../../lib/optimizers/schedules/ramp.ts';
import type { Schedule } from '../../../lib/optimizers/schedules/schedule.ts';
import { stepDecay } from '../../../lib/optimizers/schedules/step-decay.ts';
import type { Kind } from '../kind.ts';

/** Whatever the config of a case holds. */
type Options = Readonly<Record<string, never>>;

/** The library's schedule for a config of the cases. */
const schedules: Readonly<Record<string, (config: Options, rate: number) => Schedule>> = {
  step: ({ step_size, gamma }, rate) => stepDecay({ rate, every: step_size!, factor: gamma! }),
  multistep: ({ milestones: at, gamma }, rate) => milestones({ rate, at: at!, factor: gamma! }),
  exponential: ({ gamma }, rate) => exponentialDecay({ rate, factor: gamma! }),
  cosine: ({ T_max, eta_min }, rate) => cosineDecay({ rate, steps: T_max!, minimum: eta_min! }),
  cosine_restarts: ({ T_0, T_mult, eta_min }, rate) =>
    cosineRestarts({ rate, steps: T_0!, growth: T_mult!, minimum: eta_min! }),
  linear: ({ start_factor, end_factor, total_iters }, rate) =>
    ramp({ rate, steps: total_iters!, from: start_factor!, to: end_factor! }),
  one_cycle: ({ max_lr, total_steps, pct_start, div_factor, final_div_factor, anneal_strategy }) =>
    oneCycle({
      rate: max_lr!,
      steps: total_steps!,
      rise: pct_start!,
      startDivisor: div_factor!,
      endDivisor: final_div_factor!,
      shape: ({ cos: 'cosine', linear: 'linear' } as const)[anneal_strategy! as 'cos' | 'linear'],
    }),
  plateau: ({ factor, patience, threshold, cooldown, min_lr }, rate) =>
    plateau({
      rate,
      factor: factor!,
      patience: patience!,
      threshold: threshold!,
      cooldown: cooldown!,
      minimum: min_lr!,
    }),
};

/** The rates of a schedule, step by step; a plateau is shown a metric after each. */
export const lrSchedule: Kind = {
  buildable: {
    schedule: Object.keys(schedules),
    mode: ['min'],
    threshold_mode: ['rel'],
    anneal_strategy: ['cos', 'linear'],
    ...Object.fromEntries(
      [
        ['base_lr', 'steps', 'step_size', 'gamma', 'milestones', 'T_max', 'eta_min', 'T_0', 'T_mult', 'start_factor'],
        ['end_factor', 'total_iters', 'max_lr', 'total_steps', 'pct_start', 'div_factor', 'final_div_factor'],
        ['factor', 'patience', 'threshold', 'cooldown', 'min_lr'],
      ]
        .flat()
        .map(option => [option, 'any' as const]),
    ),
  },

  async compute({ config, tensors }) {
    const schedule = schedules[config.schedule as string]!(config as Options, config.base_lr as number);
    const epochs = Array.from(tensors.get('in.metric')?.values ?? [], valLoss => ({ valLoss }));
    const steps = Array.from({ length: config.steps as number }, (_, t) => t);
    return { 'out.lr': steps.map(t => rateAt(schedule, { steps: t, epochs: epochs.slice(0, t) })) };
  },
};
