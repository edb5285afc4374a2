import { rangeError } from './errors.ts';

/** The activations of ONNX's recurrent operators, and what alpha and beta are where they are not given. */
export const activationFunctions = {
  /** alpha·x + beta */
  affine: { alpha: 1, beta: 0 },
  /** x where x >= 0, else alpha·(eˣ − 1). Clevert et al. 2016. */
  elu: { alpha: 1, beta: 0 },
  /** min(max(alpha·x + beta, 0), 1). Keras 2 has alpha 0.2, Keras 3 and PyTorch have 1/6. */
  hardSigmoid: { alpha: 0.2, beta: 0.5 },
  identity: { alpha: 1, beta: 0 },
  /** x where x >= 0, else alpha·x */
  leakyRelu: { alpha: 0.01, beta: 0 },
  relu: { alpha: 1, beta: 0 },
  /** alpha·tanh(beta·x) */
  scaledTanh: { alpha: 1, beta: 1 },
  sigmoid: { alpha: 1, beta: 0 },
  /** ln(1 + eˣ) */
  softplus: { alpha: 1, beta: 0 },
  /** x/(1 + |x|) */
  softsign: { alpha: 1, beta: 0 },
  tanh: { alpha: 1, beta: 0 },
  /** x where x >= alpha, else 0 */
  thresholdedRelu: { alpha: 1, beta: 0 },
} as const;

export type ActivationName = keyof typeof activationFunctions;

/** An activation by its name or with numbers of its own, which only those that have them read. */
export type Activation =
  | ActivationName
  | { readonly name: ActivationName; readonly alpha?: number; readonly beta?: number };

/** An activation with all that it has. */
export interface CompleteActivation {
  readonly name: ActivationName;
  readonly alpha: number;
  readonly beta: number;
}

/** @throws ERR_ARGUMENT for a name that does not exist or numbers that are not finite */
export function completeActivation(where: string, activation: Activation): CompleteActivation {
  const given = typeof activation === 'string' ? { name: activation } : activation;
  if (!given || !Object.hasOwn(activationFunctions, given.name))
    throw rangeError(
      'ERR_ARGUMENT',
      `${where}: there is no activation ${String(given?.name)}; there are ${Object.keys(activationFunctions).join(', ')}`,
    );
  const whole = { ...activationFunctions[given.name], ...given };
  for (const number of ['alpha', 'beta'] as const)
    if (!Number.isFinite(whole[number]))
      throw rangeError(
        'ERR_ARGUMENT',
        `${where}: ${number} of ${given.name} must be a finite number, got ${String(whole[number])}`,
      );
  return whole;
}
