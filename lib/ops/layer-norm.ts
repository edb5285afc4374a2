import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, fixedExtent, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { multiply } from './multiply.ts';
import { sumTo } from './sum-to.ts';

interface Epsilon {
  readonly epsilon: number;
}
interface Affine {
  gain?: Tensor | undefined;
  shift?: Tensor | undefined;
}

const backward = operation<{ x: Tensor; gain?: Tensor | undefined; dy: Tensor }, 'x', Epsilon>('layerNormGradient', {
  shape: ({ x }) => ({ x: { shape: x.shape } }),
});

const op: (inputs: { x: Tensor } & Affine, attributes: Epsilon) => { y: Tensor } = operation<
  { x: Tensor } & Affine,
  'y',
  Epsilon
>('layerNorm', {
  shape: ({ x, ...affine }, { epsilon }) => {
    if (!(epsilon > 0 && Number.isFinite(epsilon)))
      throw rangeError('ERR_ARGUMENT', `layerNorm: epsilon must be a positive number, got ${epsilon}`);
    if (!fixedExtent(x.shape, -1))
      throw rangeError(
        'ERR_SHAPE',
        `layerNorm: x has shape ${describeShape(x.shape)}, expected a last axis of fixed extent`,
      );
    for (const [name, tensor] of Object.entries(affine))
      if (tensor && (tensor.shape.length === 0 || !sameShape(tensor.shape, x.shape.slice(-tensor.shape.length))))
        throw rangeError(
          'ERR_SHAPE',
          `layerNorm: ${name} has shape ${describeShape(tensor.shape)}, expected the last axes of ${describeShape(x.shape)}`,
        );
    return { y: { shape: x.shape } };
  },
  gradient: ({ inputs: { x, gain, shift }, gradients: { y: dy }, attributes, wants }) => ({
    x: wants('x') ? backward({ x, gain, dy: dy! }, attributes).x : undefined,
    gain: gain && wants('gain') ? sumTo(multiply(dy!, op({ x }, attributes).y), gain.shape) : undefined,
    shift: shift && wants('shift') ? sumTo(dy!, shift.shape) : undefined,
  }),
});

/**
 * Brings every row along the last axis to mean 0 and variance 1. Ba, Kiros & Hinton 2016.
 *
 *   y = (x − μ)/√(σ² + epsilon)⊙gain + shift      μ, σ²: mean and biased variance of the row
 *
 * x [..., F]; gain and shift have the shape of its last axes: [F], or [G, F] where each of G rows has its own. Without a gain it is
 * 1, without a shift 0.
 * @param options.epsilon positive; default 1e-5 as in PyTorch, Keras has 1e-3
 */
export function layerNorm(x: Tensor, { gain, shift, epsilon = 1e-5 }: Affine & Partial<Epsilon> = {}): Tensor {
  return op({ x, gain, shift }, { epsilon }).y;
}
