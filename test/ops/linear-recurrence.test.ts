import { expect } from 'chai';
import { linearRecurrence } from '../../lib/ops/linear-recurrence.ts';
import type { Direction } from '../../lib/ops/recurrent.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, reals } from './evaluate.ts';

// Sequences of lengths 2, 0, 3, 1: rows t0 of sequences 2, 0, 3; t1 of 2, 0; t2 of 2.
const lengths = [2, 0, 3, 1];
const a = reals(['input.tokens', 1], [2, 3, 5, 7, 11, 13]);
const b = reals(['input.tokens', 1], [1, 2, 3, 4, 5, 6]);
const h = reals(['batch', 1], [1, -1, 2, -2]);
const recurrence =
  (direction: Direction): Build =>
  ({ a, b, h }, recording) => {
    recording.layout('input');
    return linearRecurrence({ a: a!, b: b!, h }, { direction });
  };

describe('linearRecurrence', () => {
  it('multiplies the state and adds to it at every step of every sequence', () => {
    expect(evaluate({ a, b, h }, recurrence('forward'), { lengths })).to.deep.equal({
      y: [5, 5, -7, 39, 60, 513],
      hN: [60, -1, 513, -7],
    });
  });

  it('begins with zeros where no state is given', () => {
    expect(evaluate({ a, b }, recurrence('forward'), { lengths })).to.deep.equal({
      y: [1, 2, 3, 11, 27, 149],
      hN: [27, 0, 149, 3],
    });
  });

  it('goes from each sequence’s own end', () => {
    expect(evaluate({ a, b, h }, recurrence('backward'), { lengths })).to.deep.equal({
      y: [457, 50, -7, 228, 16, 32],
      hN: [50, -1, 457, -7],
    });
  });

  it('has the gradient of finite differences, by each input and from each output', () => {
    const rows = (seed: number) => ({ ...drawn([14, 3], [-1, 1], seed), shape: ['input.tokens', 3] });
    const inputs = { a: rows(1), b: rows(2), h: { ...drawn([5, 3]), shape: ['batch', 3] } };
    for (const direction of ['forward', 'backward'] as const)
      for (const arriving of [['y', 'hN'], ['y'], ['hN']])
        for (const by of [['a', 'b', 'h'], ['a'], ['h']])
          checkGradients({ inputs, by, arriving, build: recurrence(direction), lengths: [3, 0, 5, 1, 5] });
    const { a, b } = inputs;
    checkGradients({ inputs: { a, b }, build: recurrence('forward'), lengths: [3, 0, 5, 1, 5] });
  });

  it('of no sequences, and of empty ones, is empty or the state it began with', () => {
    const none = reals(['input.tokens', 1], []);
    const run = (lengths: readonly number[], h: number[]) =>
      evaluate({ a: none, b: none, h: reals(['batch', 1], h) }, recurrence('forward'), { lengths });
    expect(run([], [])).to.deep.equal({ y: [], hN: [] });
    expect(run([0, 0], [3, 4])).to.deep.equal({ y: [], hN: [3, 4] });
  });

  it('refuses what is no sequence, and what does not fit it', () => {
    const recording = new Recording('infer');
    const rows = recording.feed('rows', ['rows', 3]);
    expect(() => linearRecurrence({ a: rows, b: rows }))
      .to.throw(RangeError, 'linearRecurrence: a has shape [rows, 3], expected a sequence [tokens, features]')
      .with.property('code', 'ERR_SHAPE');
    const { tokens, batch } = recording.layout('input');
    const a = recording.feed('a', [tokens, 3]);
    expect(() => linearRecurrence({ a, b: recording.feed('b', [tokens, 2]) }))
      .to.throw(RangeError, 'linearRecurrence: b has shape [input.tokens, 2], expected [input.tokens, 3]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => linearRecurrence({ a, b: a, h: recording.feed('h', [batch, 2]) }))
      .to.throw(RangeError, 'linearRecurrence: h has shape [batch, 2], expected [batch, 3]')
      .with.property('code', 'ERR_SHAPE');
  });
});
