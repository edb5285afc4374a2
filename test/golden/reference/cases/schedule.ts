import { Draft } from '../draft.ts';

const steps = 16;
const base_lr = 0.25;

/** Rates step by step, each from the one before where a formula allows it. */
export function scheduleCases(): Draft[] {
  return [
    draft('step', { step_size: 3, gamma: 0.5 }, ({ step_size, gamma }) =>
      chain((rate, t) => (t % step_size === 0 ? rate * gamma : rate)),
    ),
    draft('multistep', { milestones: [2, 7, 11], gamma: 0.25 }, ({ milestones, gamma }) =>
      chain((rate, t) => (milestones.includes(t) ? rate * gamma : rate)),
    ),
    draft('exponential', { gamma: 0.875 }, ({ gamma }) => chain(rate => rate * gamma)),
    draft('cosine', { T_max: 6, eta_min: 0.01 }, ({ T_max, eta_min }) =>
      each(t => halfCosine(base_lr, eta_min, t / T_max)),
    ),
    draft('cosine_restarts', { T_0: 2, T_mult: 2, eta_min: 0 }, ({ T_0, T_mult, eta_min }) => {
      let [period, since] = [T_0, 0];
      return each(() => {
        const rate = halfCosine(base_lr, eta_min, since++ / period);
        if (since === period) [period, since] = [period * T_mult, 0];
        return rate;
      });
    }),
    draft(
      'linear',
      { start_factor: 0.125, end_factor: 1, total_iters: 7 },
      ({ start_factor, end_factor, total_iters }) =>
        each(
          t =>
            base_lr * (t < total_iters ? start_factor + ((end_factor - start_factor) / total_iters) * t : end_factor),
        ),
    ),
    draft(
      'one_cycle',
      {
        max_lr: 0.5,
        total_steps: 16,
        pct_start: 0.25,
        div_factor: 20,
        final_div_factor: 50,
        anneal_strategy: 'linear',
      },
      ({ max_lr, total_steps, pct_start, div_factor, final_div_factor }) => {
        const [low, peak] = [max_lr / div_factor, pct_start * total_steps - 1];
        const end = low / final_div_factor;
        const fall = (max_lr - end) / (total_steps - 1 - peak);
        return each(t => (t <= peak ? low + ((max_lr - low) / peak) * t : max_lr - fall * (t - peak)));
      },
    ),
    plateau(),
  ];
}

function plateau(): Draft {
  const options = { factor: 0.5, patience: 1, threshold: 0.01, cooldown: 1, min_lr: 0.05 };
  const config = { schedule: 'plateau', base_lr, steps, mode: 'min', threshold_mode: 'rel', ...options };
  const draft = new Draft('lr_schedule/plateau', 'lr_schedule', config, { out: 1e-6 });
  const metric = draft.keep('in.metric', [steps], [4, 3, 3, 2.99, 3, 3, 3, 3, 2, 3, 3, 3, 3, 3, 1, 3]);
  let [rate, best, bad, resting] = [base_lr, Number.POSITIVE_INFINITY, 0, 0];
  const rates = metric.map(({ value }) => {
    const before = rate;
    const better = value < best * (1 - options.threshold);
    if (better) best = value;
    bad = better || resting > 0 ? 0 : bad + 1;
    resting = Math.max(0, resting - 1);
    if (bad > options.patience) {
      rate = Math.max(rate * options.factor, options.min_lr);
      [bad, resting] = [0, options.cooldown];
    }
    return before;
  });
  draft.expect('out.lr', [steps], rates);
  return draft;
}

function draft<O extends object>(schedule: string, options: O, rates: (options: O) => number[]): Draft {
  const config = { schedule, base_lr, steps, ...options };
  const draft = new Draft(`lr_schedule/${schedule}`, 'lr_schedule', config, { out: 1e-6 });
  draft.expect('out.lr', [steps], rates(options));
  return draft;
}

function each(rate: (t: number) => number): number[] {
  return Array.from({ length: steps }, (_, t) => rate(t));
}

/** Each rate from the one before, at t = 1, 2, … */
function chain(next: (rate: number, t: number) => number): number[] {
  const rates = [base_lr];
  for (let t = 1; t < steps; t++) rates.push(next(rates.at(-1)!, t));
  return rates;
}

function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
