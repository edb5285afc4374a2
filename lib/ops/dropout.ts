import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import type { Tensor } from '../program/tensor.ts';
import { fill } from './fill.ts';

type Inputs = { x: Tensor; clock: Tensor; offsets?: Tensor | undefined; order?: Tensor | undefined };
type Attributes = { rate: number; seed: number; layer: number };

const op: (inputs: Inputs, attributes: Attributes) => { y: Tensor } = operation<Inputs, 'y', Attributes>('dropout', {
  shape: ({ x }, { rate }) => {
    expectRate('dropout', rate);
    return { y: { shape: x.shape } };
  },
  // The same key draws the same mask, so the gradient is the same operation.
  gradient: ({ inputs: { clock, offsets, order }, gradients: { y: dy }, attributes }) => ({
    x: op({ x: dy!, clock, offsets, order }, attributes).y,
  }),
});

/**
 * Sets elements to zero with probability `rate` and divides the others by 1 − rate. Srivastava et al. 2014.
 * The mask comes from Philox 4x32-10 (Salmon et al. 2011) with key (seed, layer) and counter
 * (⌊unit/4⌋, time step, row in the global batch, training step), lane unit mod 4: an element is kept when the
 * upper 24 bits of its word are at least round(rate·2²⁴). Rows of x are sequences, or tokens where x has a layout;
 * units run over the other axes. Outside training it records nothing.
 */
export function dropout(x: Tensor, attributes: Attributes): Tensor {
  if (x.recording.mode === 'infer' || attributes.rate === 0) return x;
  return op({ x, clock: x.recording.clock, offsets: x.layout?.offsets, order: x.layout?.order }, attributes).y;
}

/** A dropout mask of its own, [batch, units], 0 or 1/(1−rate), one per sequence in the caller's order. */
export function dropoutMask(like: Tensor, units: number, attributes: Attributes): Tensor | undefined {
  if (like.recording.mode === 'infer' || attributes.rate === 0) return undefined;
  return dropout(fill(like.recording, ['batch', units], 1), attributes);
}

/**
 * Where units keep their old state, [tokens, units]: 1 with probability `rate`, else 0, drawn for every step as in `dropout`.
 * @throws ERR_ARGUMENT unless the rate is in [0, 1)
 */
export function zoneoutMask(like: Tensor, units: number, { rate, seed, layer }: Attributes): Tensor | undefined {
  const { recording, layout } = like;
  if (recording.mode === 'infer' || rate === 0) return undefined;
  expectRate('zoneoutMask', rate);
  const { offsets, order, tokens } = layout!;
  const inputs = { clock: recording.clock, offsets, order };
  return recording.append({ name: 'dropped' }, inputs, { rate, seed, layer }, { y: { shape: [tokens, units] } }).y!;
}

function expectRate(where: string, rate: number): void {
  if (!(rate >= 0 && rate < 1)) throw rangeError('ERR_ARGUMENT', `${where}: rate must be in [0, 1), got ${rate}`);
}
