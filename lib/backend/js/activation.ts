import type { ActivationName, CompleteActivation } from '../../activations.ts';
import { logistic } from './sigmoid.ts';
import { softplus } from './softplus.ts';
import type { Twin, Unary, View } from './twin.ts';

/** y = f(x), and its slope there. */
interface Definition {
  readonly value: (x: number, alpha: number, beta: number) => number;
  readonly slope: (x: number, alpha: number, beta: number) => number;
}

export const activationDefinitions: Readonly<Record<ActivationName, Definition>> = {
  affine: { value: (x, alpha, beta) => alpha * x + beta, slope: (_, alpha) => alpha },
  elu: {
    value: (x, alpha) => (x >= 0 ? x : alpha * Math.expm1(x)),
    slope: (x, alpha) => (x >= 0 ? 1 : alpha * Math.exp(x)),
  },
  hardSigmoid: {
    value: (x, alpha, beta) => Math.min(Math.max(alpha * x + beta, 0), 1),
    slope: (x, alpha, beta) => (alpha * x + beta > 0 && alpha * x + beta < 1 ? alpha : 0),
  },
  identity: { value: x => x, slope: () => 1 },
  leakyRelu: { value: (x, alpha) => (x < 0 ? alpha * x : x), slope: (x, alpha) => (x < 0 ? alpha : 1) },
  relu: { value: x => Math.max(x, 0), slope: x => (x > 0 ? 1 : 0) },
  scaledTanh: {
    value: (x, alpha, beta) => alpha * Math.tanh(beta * x),
    slope: (x, alpha, beta) => alpha * beta * (1 - Math.tanh(beta * x) ** 2),
  },
  sigmoid: { value: logistic, slope: x => logistic(x) * (1 - logistic(x)) },
  softplus: { value: softplus, slope: logistic },
  softsign: { value: x => x / (1 + Math.abs(x)), slope: x => 1 / (1 + Math.abs(x)) ** 2 },
  tanh: { value: Math.tanh, slope: x => 1 - Math.tanh(x) ** 2 },
  thresholdedRelu: { value: (x, alpha) => (x < alpha ? 0 : x), slope: (x, alpha) => (x < alpha ? 0 : 1) },
};

/** y = f(x) */
export const activation: Unary<CompleteActivation> = ({ x }, { y }, { name, alpha, beta }) => {
  const { value } = activationDefinitions[name];
  for (let k = 0; k < x.data.length; k++) y.data[k] = value(x.data[k]!, alpha, beta);
};

/** dx = dy·f′(x) */
export const activationGradient: Twin<{ x: View; dy: View }, { x: View }, CompleteActivation> = (
  { x, dy },
  outputs,
  { name, alpha, beta },
) => {
  const { slope } = activationDefinitions[name];
  for (let k = 0; k < x.data.length; k++) outputs.x.data[k] = dy.data[k]! * slope(x.data[k]!, alpha, beta);
};
