import { expect } from 'chai';
import { packSteps, padSteps } from '../../lib/ops/pad-steps.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, integers, reals } from './evaluate.ts';

// Sequences of lengths 2, 0, 3, 1: rows t0 of sequences 2, 0, 3; t1 of 2, 0; t2 of 2. Row value: 10·sequence + step.
const lengths = [2, 0, 3, 1];
const rows = [20, 1, 30, 21, 2, 22];
const block = [1, 2, 0, 0, 0, 0, 20, 21, 22, 30, 0, 0];

const padded: Build = ({ x }, recording) => {
  recording.layout('input');
  const { block, lengths } = padSteps(x!);
  return { block, lengths };
};
const packed: Build = ({ block }, recording) => ({ rows: packSteps(block!, recording.layout('input')) });

describe('padSteps and packSteps', () => {
  it('give a block in the order of the caller with zeros past each length, and the lengths', () => {
    const expected = { block, lengths };
    expect(evaluate({ x: reals(['input.tokens'], rows) }, padded, { lengths })).to.deep.equal(expected);
    expect(evaluate({ x: integers(['input.tokens'], rows) }, padded, { lengths })).to.deep.equal(expected);
  });

  it('take rows back out of a block, and nothing of what lies past a length', () => {
    const full = block.map(value => value || 99);
    for (const given of [reals, integers])
      expect(evaluate({ block: given(['batch', 'input.steps'], full) }, packed, { lengths }).rows).to.deep.equal(rows);
  });

  it('have the gradients of finite differences, of rows of any number of axes', () => {
    for (const shape of [[], [3], [2, 2]]) {
      const features = shape.reduce((product, extent) => product * extent, 1);
      const x = { ...drawn([6, features]), shape: ['input.tokens', ...shape] };
      checkGradients({ inputs: { x }, build: padded, arriving: ['block'], lengths });
      const given = { ...drawn([12, features]), shape: ['batch', 'input.steps', ...shape] };
      checkGradients({ inputs: { block: given }, build: packed, lengths });
    }
  });

  it('of no sequences, of empty ones, and of rows of nothing, are empty', () => {
    const none = reals(['input.tokens', 2], []);
    expect(evaluate({ x: none }, padded, { lengths: [] })).to.deep.equal({ block: [], lengths: [] });
    expect(evaluate({ x: none }, padded, { lengths: [0, 0] })).to.deep.equal({ block: [], lengths: [0, 0] });
    const narrow = reals(['input.tokens', 0], []);
    expect(evaluate({ x: narrow }, padded, { lengths })).to.deep.equal({ block: [], lengths });
  });

  it('refuse what is no sequence, and blocks of another layout', () => {
    const recording = new Recording('infer');
    expect(() => padSteps(recording.feed('x', ['rows', 3])))
      .to.throw(RangeError, 'padSteps: x has shape [rows, 3], expected a sequence [tokens, ...]')
      .with.property('code', 'ERR_SHAPE');
    const layout = recording.layout('source');
    expect(() => packSteps(recording.feed('block', ['batch', 'target.steps', 3]), layout))
      .to.throw(RangeError, 'expected [batch, source.steps, ...] for the layout source')
      .with.property('code', 'ERR_SHAPE');
  });
});
