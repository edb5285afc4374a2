import { expect } from 'chai';
import { delay } from '../../lib/ops/delay.ts';
import type { Direction } from '../../lib/ops/recurrent.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, reals } from './evaluate.ts';

// Sequences of lengths 2, 0, 3, 1: rows t0 of sequences 2, 0, 3; t1 of 2, 0; t2 of 2. Row value: 10·sequence + step.
const lengths = [2, 0, 3, 1];
const x = reals(['input.tokens', 1], [20, 0, 30, 21, 1, 22]);
const before = reals(['batch', 1], [-1, -2, -3, -4]);
const delayed =
  (direction?: Direction): Build =>
  ({ x, before }, recording) => {
    recording.layout('input');
    return delay(x!, { before, ...(direction ? { direction } : {}) });
  };

describe('delay', () => {
  it('gives each step what the step before had, the first one what was before, and keeps what comes next', () => {
    expect(evaluate({ x, before }, delayed(), { lengths })).to.deep.equal({
      y: [-3, -1, -4, 20, 0, 21],
      last: [1, -2, 22, 30],
    });
  });

  it('begins with zeros where nothing was before', () => {
    expect(evaluate({ x }, delayed('forward'), { lengths })).to.deep.equal({
      y: [0, 0, 0, 20, 0, 21],
      last: [1, 0, 22, 30],
    });
  });

  it('goes from each sequence’s own end', () => {
    expect(evaluate({ x, before }, delayed('backward'), { lengths })).to.deep.equal({
      y: [21, 1, -4, 22, -1, -3],
      last: [0, -2, 20, 30],
    });
  });

  it('has the gradient of finite differences', () => {
    const inputs = {
      x: { ...drawn([6, 3]), shape: ['input.tokens', 3] },
      before: { ...drawn([4, 3]), shape: ['batch', 3] },
    };
    for (const direction of ['forward', 'backward'] as const)
      for (const arriving of [['y', 'last'], ['y'], ['last']])
        checkGradients({ inputs, build: delayed(direction), lengths, arriving });
  });

  it('refuses what is no sequence, and what cannot have been before it', () => {
    const recording = new Recording('infer');
    expect(() => delay(recording.feed('x', ['rows', 3])))
      .to.throw(RangeError, 'delay: x has shape [rows, 3], expected a sequence [tokens, features]')
      .with.property('code', 'ERR_SHAPE');
    const { tokens, batch } = recording.layout('input');
    expect(() => delay(recording.feed('s', [tokens, 3]), { before: recording.feed('before', [batch, 2]) }))
      .to.throw(RangeError, 'delay: before has shape [batch, 2], expected [batch, 3]')
      .with.property('code', 'ERR_SHAPE');
  });
});
