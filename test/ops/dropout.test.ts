import { expect } from 'chai';
import { dropout, dropoutMask, zoneoutMask } from '../../lib/ops/dropout.ts';
import { Recording } from '../../lib/program/recording.ts';
import { philox4x32 } from '../../lib/random/philox.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, reals } from './evaluate.ts';

const key = { rate: 0.3, seed: 7, layer: 2 };
const ones = (rows: number | string, units: number, count: number) =>
  reals([rows, units], new Array<number>(count * units).fill(1));
const drop: Build = ({ x }, recording) => {
  recording.layout('input');
  return { y: dropout(x!, key) };
};

/** The mask of one unit straight from the generator. */
function kept(unit: number, t: number, row: number, trainingStep: number): number {
  const words = new Uint32Array(4);
  philox4x32(words, Math.floor(unit / 4), t, row, trainingStep, key.seed, key.layer);
  return Math.floor(words[unit % 4]! / 2 ** 8) / 2 ** 24 >= key.rate ? 1 / 0.7 : 0;
}

describe('dropout', () => {
  it('draws every unit of every row from its own place in Philox', () => {
    const { y } = evaluate({ x: ones(3, 6, 3) }, drop, { clock: [5, 100] });
    const expected = Array.from({ length: 18 }, (_, k) => kept(k % 6, 0, 100 + Math.floor(k / 6), 5));
    expect(y).to.deep.equal(expected);
    expect(new Set(y)).to.deep.equal(new Set([0, 1 / 0.7]));
  });

  it('keys the rows of a sequence by step and by the place in the batch of the caller', () => {
    const { y } = evaluate({ x: ones('input.tokens', 5, 4) }, drop, { lengths: [1, 0, 3], clock: [2, 10] });
    const rows = [
      [0, 12],
      [0, 10],
      [1, 12],
      [2, 12],
    ] as const; // step and row: sequence 2 is ranked first
    expect(y).to.deep.equal(rows.flatMap(([t, row]) => [0, 1, 2, 3, 4].map(unit => kept(unit, t, row, 2))));
  });

  it('gives a sequence the same mask wherever it stands in the batch', () => {
    const alone = evaluate({ x: ones('input.tokens', 8, 2) }, drop, { lengths: [2], clock: [1, 1] }).y!;
    const among = evaluate({ x: ones('input.tokens', 8, 5) }, drop, { lengths: [3, 2], clock: [1, 0] }).y!;
    expect([...among.slice(8, 16), ...among.slice(24, 32)]).to.deep.equal(alone);
  });

  it('keeps its rate and its mean', () => {
    const { y } = evaluate({ x: ones(200, 100, 200) }, drop);
    const zeros = y!.filter(value => value === 0).length / y!.length;
    expect(zeros).to.be.closeTo(0.3, 4 * Math.sqrt((0.3 * 0.7) / y!.length));
  });

  it('changes with the training step, the seed and the layer', () => {
    const of = (attributes: typeof key, clock: [number, number]) =>
      evaluate({ x: ones(4, 16, 4) }, ({ x }) => ({ y: dropout(x!, attributes) }), { clock }).y!.join();
    const masks = [of(key, [1, 0]), of(key, [2, 0]), of({ ...key, seed: 8 }, [1, 0]), of({ ...key, layer: 3 }, [1, 0])];
    expect(new Set(masks)).to.have.property('size', 4);
  });

  it('has the gradient of finite differences: the same mask', () => {
    checkGradients({ inputs: { x: drawn([3, 2, 5]) }, build: drop });
    const rows = { ...drawn([6, 3]), shape: ['input.tokens', 3] };
    checkGradients({ inputs: { x: rows }, build: drop, lengths: [2, 0, 3, 1] });
  });

  it('records nothing in inference and at rate 0', () => {
    const infer = new Recording('infer');
    const x = infer.feed('x', ['rows', 4]);
    expect(dropout(x, key)).to.equal(x);
    expect(dropoutMask(x, 4, key)).to.equal(undefined);
    const y = new Recording('train').feed('y', ['rows', 4]);
    expect(dropout(y, { ...key, rate: 0 })).to.equal(y);
  });

  it('makes a mask of its own, one row per sequence', () => {
    const { y } = evaluate(
      { x: ones('input.tokens', 2, 3) },
      ({ x }, recording) => {
        recording.layout('input');
        return { y: dropoutMask(x!, 6, key)! };
      },
      { lengths: [1, 2], clock: [3, 4] },
    );
    expect(y).to.deep.equal([4, 5].flatMap(row => [0, 1, 2, 3, 4, 5].map(unit => kept(unit, 0, row, 3))));
  });

  it('refuses a rate outside [0, 1)', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', [recording.layout('x').tokens, 4]);
    for (const rate of [1, -0.1, Number.NaN]) {
      expect(() => dropout(x, { ...key, rate }))
        .to.throw(RangeError, `dropout: rate must be in [0, 1), got ${rate}`)
        .with.property('code', 'ERR_ARGUMENT');
      expect(() => zoneoutMask(x, 4, { ...key, rate }))
        .to.throw(RangeError, `zoneoutMask: rate must be in [0, 1), got ${rate}`)
        .with.property('code', 'ERR_ARGUMENT');
    }
  });
});
