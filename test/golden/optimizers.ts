import { adadelta } from '../../lib/optimizers/adadelta.ts';
import { adagrad } from '../../lib/optimizers/adagrad.ts';
import { adam, adamw } from '../../lib/optimizers/adam.ts';
import { adamax } from '../../lib/optimizers/adamax.ts';
import { nadam } from '../../lib/optimizers/nadam.ts';
import type { GradientOptions, Optimizer } from '../../lib/optimizers/optimizer.ts';
import { rmsprop } from '../../lib/optimizers/rmsprop.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import type { Config } from './manifest.ts';
import type { Buildable } from './options.ts';

const builders = { sgd, adam, adamw, adamax, nadam, rmsprop, adagrad, adadelta } as const;

export const optimizerOptions: Buildable = {
  optimizer: Object.keys(builders),
  lr: 'any',
  momentum: 'any',
  dampening: 'any',
  nesterov: 'any',
  betas: 'any',
  eps: 'any',
  amsgrad: 'any',
  alpha: 'any',
  rho: 'any',
  momentum_decay: 'any',
  centered: 'any',
  lr_decay: 'any',
  initial_accumulator: 'any',
  weight_decay: 'any',
  maximize: 'any',
};

export const clipOptions: Buildable = {
  type: ['global_norm', 'value'],
  max_norm: 'any',
  eps: [1e-6],
  value: 'any',
};

/** The library's optimizer for a config of the cases. */
export function optimizerOf(config: Config, clip: Config | null): Optimizer {
  const [beta1, beta2] = (config.betas as [number, number] | undefined) ?? [];
  const options = defined({
    learningRate: config.lr,
    weightDecay: config.weight_decay,
    maximize: config.maximize,
    clipNorm: clip?.type === 'global_norm' ? clip.max_norm : undefined,
    clipValue: clip?.type === 'value' ? clip.value : undefined,
    momentum: config.momentum,
    dampening: config.dampening,
    nesterov: config.nesterov,
    beta1,
    beta2,
    epsilon: config.eps,
    amsgrad: config.amsgrad,
    alpha: config.alpha,
    rho: config.rho,
    momentumDecay: config.momentum_decay,
    centered: config.centered,
    learningRateDecay: config.lr_decay,
    initialAccumulator: config.initial_accumulator,
  });
  return builders[config.optimizer as keyof typeof builders](options);
}

function defined(options: Readonly<Record<string, unknown>>): GradientOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
