/** Options as in the manifest of golden vectors. */
export interface OptimizerConfig {
  readonly optimizer: 'sgd' | 'adam' | 'adamw' | 'adamax' | 'nadam' | 'rmsprop' | 'adagrad' | 'adadelta';
  readonly lr: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly nesterov?: boolean;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly amsgrad?: boolean;
  readonly alpha?: number;
  readonly rho?: number;
  readonly momentum_decay?: number;
  readonly centered?: boolean;
  readonly lr_decay?: number;
  readonly initial_accumulator?: number;
  readonly weight_decay?: number;
  readonly maximize?: boolean;
}

export type Clip = { type: 'global_norm'; max_norm: number; eps: number } | { type: 'value'; value: number } | null;

/** One parameter number and what its optimizer remembers of it. */
export interface Cell {
  p: number;
  m: number;
  v: number;
  vMax: number;
  /** adamax: the running maximum; adadelta: the mean square of steps. */
  u: number;
  /** nadam: the product of momenta. */
  product: number;
  a: number;
  b: number;
}

export function cellOf(p: number, { initial_accumulator = 0 }: OptimizerConfig): Cell {
  return { p, m: 0, v: initial_accumulator, vMax: 0, u: 0, product: 1, a: 0, b: 0 };
}

/** One step over all parameters; returns the norm of the gradients before clipping. */
export function step(
  config: OptimizerConfig,
  clip: Clip,
  t: number,
  cells: readonly Cell[],
  g: readonly number[],
): number {
  const norm = Math.sqrt(g.reduce((total, value) => total + value * value, 0));
  cells.forEach((cell, index) => {
    let value = g[index]!;
    if (clip?.type === 'global_norm') value *= Math.min(1, clip.max_norm / (norm + clip.eps));
    if (clip?.type === 'value') value = Math.max(-clip.value, Math.min(clip.value, value));
    if (config.maximize) value = -value;
    if (config.optimizer === 'adamw') cell.p *= 1 - config.lr * (config.weight_decay ?? 0);
    else value += (config.weight_decay ?? 0) * cell.p;
    cell.p -= updates[config.optimizer](cell, value, t, config);
  });
  return norm;
}

type Update = (cell: Cell, g: number, t: number, config: OptimizerConfig) => number;

const adam: Update = (cell, g, t, { lr, betas = [0.9, 0.999], eps = 1e-8, amsgrad }) => {
  const [b1, b2] = betas;
  cell.m = b1 * cell.m + (1 - b1) * g;
  cell.v = b2 * cell.v + (1 - b2) * g * g;
  cell.vMax = Math.max(cell.vMax, cell.v);
  const v = amsgrad ? cell.vMax : cell.v;
  return ((lr / (1 - b1 ** t)) * cell.m) / (Math.sqrt(v) / Math.sqrt(1 - b2 ** t) + eps);
};

const updates: Readonly<Record<OptimizerConfig['optimizer'], Update>> = {
  sgd(cell, g, t, { lr, momentum = 0, dampening = 0, nesterov }) {
    cell.b = t === 1 ? g : momentum * cell.b + (1 - dampening) * g;
    if (momentum === 0) return lr * g;
    return lr * (nesterov ? g + momentum * cell.b : cell.b);
  },
  adam,
  adamw: adam,
  adamax(cell, g, t, { lr, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8 }) {
    cell.m = b1 * cell.m + (1 - b1) * g;
    cell.u = Math.max(b2 * cell.u, Math.abs(g) + eps);
    return ((lr / (1 - b1 ** t)) * cell.m) / cell.u;
  },
  nadam(cell, g, t, { lr, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, momentum_decay = 0.004 }) {
    const [now, next] = [t, t + 1].map(i => b1 * (1 - 0.5 * 0.96 ** (i * momentum_decay))) as [number, number];
    cell.product *= now;
    cell.m = b1 * cell.m + (1 - b1) * g;
    cell.v = b2 * cell.v + (1 - b2) * g * g;
    const divisor = Math.sqrt(cell.v / (1 - b2 ** t)) + eps;
    const own = ((lr * (1 - now)) / (1 - cell.product)) * (g / divisor);
    return own + ((lr * next) / (1 - cell.product * next)) * (cell.m / divisor);
  },
  adadelta(cell, g, _, { lr, rho = 0.9, eps = 1e-6 }) {
    cell.v = rho * cell.v + (1 - rho) * g * g;
    const d = (Math.sqrt(cell.u + eps) / Math.sqrt(cell.v + eps)) * g;
    cell.u = rho * cell.u + (1 - rho) * d * d;
    return lr * d;
  },
  rmsprop(cell, g, _, { lr, alpha = 0.99, eps = 1e-8, centered, momentum = 0 }) {
    cell.v = alpha * cell.v + (1 - alpha) * g * g;
    cell.a = alpha * cell.a + (1 - alpha) * g;
    const q = g / (Math.sqrt(centered ? cell.v - cell.a * cell.a : cell.v) + eps);
    cell.b = momentum * cell.b + q;
    return lr * cell.b;
  },
  adagrad(cell, g, t, { lr, lr_decay = 0, eps = 1e-10 }) {
    cell.v += g * g;
    return ((lr / (1 + (t - 1) * lr_decay)) * g) / (Math.sqrt(cell.v) + eps);
  },
};
