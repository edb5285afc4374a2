import { Draft } from '../draft.ts';
import { type Clip, cellOf, type OptimizerConfig, step } from '../optimizer.ts';

const joint: Clip = { type: 'global_norm', max_norm: 1, eps: 1e-6 };

export function optimizerCases(): Draft[] {
  return [
    draft('sgd_clip_norm', { optimizer: 'sgd', lr: 0.1 }, joint),
    draft('sgd_nesterov_decay', { optimizer: 'sgd', lr: 0.02, momentum: 0.9, nesterov: true, weight_decay: 0.01 }),
    draft('sgd_dampening_maximize', { optimizer: 'sgd', lr: 0.05, momentum: 0.7, dampening: 0.1, maximize: true }),
    draft('adam_clip_norm', { optimizer: 'adam', lr: 0.01, betas: [0.9, 0.999], eps: 1e-8 }, joint),
    draft('adam_amsgrad_decay', {
      optimizer: 'adam',
      lr: 0.02,
      betas: [0.8, 0.95],
      eps: 1e-6,
      weight_decay: 0.1,
      amsgrad: true,
    }),
    draft(
      'adamw_clip_value',
      { optimizer: 'adamw', lr: 0.01, betas: [0.9, 0.98], eps: 1e-8, weight_decay: 0.05 },
      { type: 'value', value: 0.4 },
    ),
    draft('rmsprop_decay', { optimizer: 'rmsprop', lr: 0.01, alpha: 0.99, eps: 1e-8, weight_decay: 0.01 }),
    draft(
      'rmsprop_centered_momentum',
      { optimizer: 'rmsprop', lr: 0.005, alpha: 0.95, eps: 1e-6, centered: true, momentum: 0.9 },
      joint,
    ),
    draft('adagrad', {
      optimizer: 'adagrad',
      lr: 0.1,
      eps: 1e-7,
      lr_decay: 0.01,
      initial_accumulator: 0.1,
      weight_decay: 0.01,
    }),
    draft('adamax_clip_norm', { optimizer: 'adamax', lr: 0.01, betas: [0.9, 0.98], eps: 1e-8 }, joint),
    draft('nadam_decay', {
      optimizer: 'nadam',
      lr: 0.01,
      betas: [0.85, 0.99],
      eps: 1e-7,
      momentum_decay: 0.5,
      weight_decay: 0.01,
    }),
    draft('adadelta_decay', { optimizer: 'adadelta', lr: 0.5, rho: 0.8, eps: 1e-5, weight_decay: 0.02 }),
  ];
}

const steps = 8;
const shapes = [[3, 4], [7]] as const;

function draft(name: string, config: OptimizerConfig, clip: Clip = null): Draft {
  const draft = new Draft(`optimizer/${name}`, 'optimizer', { ...config, steps, clip }, { out: 1e-5 });
  const parameters = shapes.map((shape, at) => draft.draw(`in.p${at}`, shape));
  const gradients = shapes.map((shape, at) => draft.draw(`in.g${at}`, [steps, ...shape]));
  const cells = parameters.flat().map(({ value }) => cellOf(value, config));
  const values: number[][] = shapes.map(() => []);
  const norms: number[] = [];
  for (let t = 1; t <= steps; t++) {
    const g = parameters.flatMap(({ length }, at) => gradients[at]!.slice((t - 1) * length, t * length));
    norms.push(
      step(
        config,
        clip,
        t,
        cells,
        g.map(({ value }) => value),
      ),
    );
    let start = 0;
    parameters.forEach(({ length }, at) => {
      values[at]!.push(...cells.slice(start, (start += length)).map(({ p }) => p));
    });
  }
  shapes.forEach((shape, at) => {
    draft.expect(`out.p${at}`, [steps, ...shape], values[at]!);
  });
  if (clip?.type === 'global_norm') draft.expect('out.norm', [steps], norms);
  return draft;
}
