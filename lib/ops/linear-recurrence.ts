import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { delay } from './delay.ts';
import { fill } from './fill.ts';
import { multiply } from './multiply.ts';
import { type Direction, opposite } from './recurrent.ts';

interface Recorded {
  a: Tensor;
  b: Tensor;
  h?: Tensor | undefined;
  offsets: Tensor;
  order: Tensor;
}

const op = operation<Recorded, 'y' | 'hN', { direction: Direction }>('linearRecurrence', {
  shape: ({ a, b, h, order }) => {
    const state = [order.shape[0]!, a.shape[1]!];
    for (const [name, tensor, expected] of [['b', b, a.shape] as const, ['h', h, state] as const])
      if (tensor && !sameShape(tensor.shape, expected))
        throw rangeError(
          'ERR_SHAPE',
          `linearRecurrence: ${name} has shape ${describeShape(tensor.shape)}, expected ${describeShape(expected)}`,
        );
    return { y: { shape: a.shape }, hN: { shape: state } };
  },
  // ∂L/∂h_t = dy_t + a_{t+1}⊙∂L/∂h_{t+1}: the recurrence the other way, whose first factor, for dhN, is 1.
  gradient: ({ inputs: { a, h }, outputs: { y }, gradients: { y: dy, hN: dhN }, attributes: { direction }, wants }) => {
    const back = opposite(direction);
    const factors = delay(a, { before: dhN && fill(a.recording, dhN.shape, 1), direction: back });
    const dh = linearRecurrence({ a: factors.y, b: dy ?? fill(a.recording, y.shape, 0), h: dhN }, { direction: back });
    return {
      a: wants('a') ? multiply(dh.y, delay(y, { before: h, direction }).y) : undefined,
      b: dh.y,
      h: wants('h') ? multiply(factors.last, dh.hN) : undefined,
    };
  },
});

export interface LinearRecurrenceInputs {
  /** [tokens, H], a sequence */
  readonly a: Tensor;
  /** [tokens, H] */
  readonly b: Tensor;
  /** [batch, H] in the caller's order; zeros when left out */
  readonly h?: Tensor | undefined;
}

/**
 * h = a⊙h₋ + b over a ragged batch. Since h enters no product and no gate, all that is computed with it may be computed for all
 * steps at once; native cuts long sequences of few units into chunks of steps, and there products of a over hundreds of steps
 * should not overflow, as those of gates in [0, 1] never do. Martin & Cundy 2018, "Parallelizing linear recurrent neural nets over
 * sequence length".
 * @param options.direction 'backward' reads each sequence from its own end. Default 'forward'
 * @returns y [tokens, H], h of every step, and hN [batch, H], h after each sequence's last step, in the caller's order; of a
 * sequence of length 0 its initial state
 * @throws ERR_SHAPE
 */
export function linearRecurrence(
  { a, b, h }: LinearRecurrenceInputs,
  { direction = 'forward' }: { direction?: Direction } = {},
): { y: Tensor; hN: Tensor } {
  const { layout } = a;
  if (!layout || a.shape.length !== 2)
    throw rangeError(
      'ERR_SHAPE',
      `linearRecurrence: a has shape ${describeShape(a.shape)}, expected a sequence [tokens, features]`,
    );
  return op({ a, b, h, offsets: layout.offsets, order: layout.order }, { direction });
}
