import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { rnn } from '../../lib/ops/rnn.ts';
import { Recording, record } from '../../lib/program/recording.ts';
import { Trial } from '../backend/conformance/trial.ts';
import { codeOf } from '../code-of.ts';

/** h = relu(x·W + h₋·R), so that results are the rounded products themselves. */
const program = (quantize: 'bfloat16' | 'int8') =>
  record(
    recording => {
      const { tokens, batch } = recording.layout('input');
      const { y } = rnn(
        {
          x: recording.feed('x', [tokens, 3]),
          inputWeight: recording.feed('inputWeight', [3, 1]),
          recurrentWeight: recording.feed('recurrentWeight', [1, 1]),
          h: recording.feed('h', [batch, 1]),
        },
        { direction: 'forward', activation: 'relu' },
      );
      return { y };
    },
    { quantize },
  );

function computed(
  quantize: 'bfloat16' | 'int8',
  { x = [0, 0, 0], W = [0, 0, 0], R = 0, h = 0 }: { x?: number[]; W?: number[]; R?: number; h?: number },
): number {
  const backend = js({ precision: 'float64' });
  const { y } = new Trial(backend, program(quantize)).runSync({
    sizes: { batch: 1, 'input.steps': 1, 'input.tokens': 1 },
    values: {
      x: Float64Array.from(x),
      inputWeight: Float64Array.from(W),
      recurrentWeight: Float64Array.of(R),
      h: Float64Array.of(h),
      'input.offsets': Int32Array.of(0),
      'input.order': Int32Array.of(0),
    },
  });
  return y![0]!;
}

describe('quantized products', () => {
  it('of bfloat16 have operands with 8 bits of significand, the even one of two that are as near', () => {
    const one = (value: number) => computed('bfloat16', { x: [value, 0, 0], W: [1, 0, 0] });
    expect(one(1 + 2 ** -7)).to.equal(1 + 2 ** -7);
    expect(one(1 + 2 ** -8)).to.equal(1);
    expect(one(1 + 3 * 2 ** -8)).to.equal(1 + 2 ** -6);
    expect(one(1 + 2 ** -8 + 2 ** -20)).to.equal(1 + 2 ** -7);
    expect(one(3.4e38)).to.equal(Number.POSITIVE_INFINITY);
    expect(computed('bfloat16', { R: 1 + 2 ** -9, h: 1 + 2 ** -9 })).to.equal(1);
  });

  it('of bfloat16 have such operands on the way back too', () => {
    const quantize = 'bfloat16';
    const program = record(
      recording => {
        const { tokens, batch } = recording.layout('input');
        const learned = {
          x: recording.feed('x', [tokens, 1]),
          inputWeight: recording.feed('inputWeight', [1, 1]),
          recurrentWeight: recording.feed('recurrentWeight', [1, 1]),
          bias: recording.feed('bias', [1]),
          h: recording.feed('h', [batch, 1]),
        };
        const { y } = rnn(learned, { direction: 'forward', activation: 'relu' });
        const arriving = [{ of: y, gradient: recording.feed('dy', [tokens, 1]) }];
        const found = gradients(arriving, Object.values(learned));
        return Object.fromEntries(Object.keys(learned).map((name, index) => [name, found[index]!]));
      },
      { mode: 'train', quantize },
    );
    const given = {
      x: 3 + 2 ** -8,
      inputWeight: 5 + 2 ** -7,
      recurrentWeight: 7 + 2 ** -7,
      h: 9 + 2 ** -6,
      dy: 11 + 2 ** -6,
    };
    const found = new Trial(js({ precision: 'float64' }), program).runSync({
      sizes: { batch: 1, 'input.steps': 1, 'input.tokens': 1 },
      values: {
        ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, Float64Array.of(value)])),
        bias: Float64Array.of(1),
        'input.offsets': Int32Array.of(0),
        'input.order': Int32Array.of(0),
      },
    });
    const whole = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values[0]]));
    expect(whole).to.deep.equal({
      x: 11 * 5,
      inputWeight: 3 * 11,
      recurrentWeight: 9 * 11,
      bias: given.dy, // a sum, and no product
      h: 11 * 7,
    });
  });

  it('of int8 have whole numbers times the largest / 127 for operands', () => {
    const step = Math.fround(1 / 127);
    const one = (x: number[], W: number[]) => computed('int8', { x, W });
    expect(one([1, 0.5, 0], [0, 1, 0])).to.equal(64 * step * (127 * step)); // 63.5 goes to the even 64
    expect(one([1, 0.0039, 0], [0, 1, 0])).to.equal(0);
    expect(one([1, 0.004, 0], [0, 1, 0])).to.equal(step * (127 * step));
    expect(one([1, 0, 1], [1, -1, 0.3])).to.be.closeTo(1 + 38 / 127, 1e-6);
    expect(computed('int8', { R: 0.7, h: 0.3 })).to.be.closeTo(0.21, 1e-7);
    expect(one([0, 0, 0], [1, 1, 1])).to.equal(0);
    expect(one([1, Number.NaN, 0], [1, 0, 0])).to.be.NaN;
    expect(one([1, Number.POSITIVE_INFINITY, 0], [1, 0, 0])).to.be.NaN;
  });

  it('show in the listing', () => {
    expect(program('int8').toString()).to.contain('quantize: int8');
  });

  it('of int8 are refused in training and with masks, all others by their names', () => {
    expect(codeOf(() => new Recording('train', { quantize: 'int8' }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => new Recording('infer', { quantize: 'int4' as 'int8' }))).to.equal('ERR_ARGUMENT');
    const recording = new Recording('infer', { quantize: 'int8' });
    const { tokens, batch } = recording.layout('input');
    const masked = () =>
      lstm(
        {
          x: recording.feed('x', [tokens, 3]),
          inputWeight: recording.feed('inputWeight', [3, 8]),
          recurrentWeight: recording.feed('recurrentWeight', [2, 8]),
          maskH: recording.feed('maskH', [batch, 2]),
        },
        { direction: 'forward' },
      );
    expect(codeOf(masked)).to.equal('ERR_ARGUMENT');
  });
});
