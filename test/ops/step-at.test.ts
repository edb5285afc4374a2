import { expect } from 'chai';
import { stepAt } from '../../lib/ops/step-at.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, reals } from './evaluate.ts';

// Sequences of lengths 2, 0, 3, 1: rows t0 of sequences 2, 0, 3; t1 of 2, 0; t2 of 2. Row value: 10·sequence + step.
const lengths = [2, 0, 3, 1];
const x = reals(['input.tokens', 1], [20, 0, 30, 21, 1, 22]);
const at =
  (index: number): Build =>
  (inputs, recording) => {
    recording.layout('input');
    return { y: stepAt(inputs.x!, index) };
  };

describe('stepAt', () => {
  it('takes a step of every sequence in the order of the caller, 0 where it has none', () => {
    expect(evaluate({ x }, at(0), { lengths }).y).to.deep.equal([0, 0, 20, 30]);
    expect(evaluate({ x }, at(1), { lengths }).y).to.deep.equal([1, 0, 21, 0]);
    expect(evaluate({ x }, at(3), { lengths }).y).to.deep.equal([0, 0, 0, 0]);
  });

  it('counts negative steps from the end of each sequence', () => {
    expect(evaluate({ x }, at(-1), { lengths }).y).to.deep.equal([1, 0, 22, 30]);
    expect(evaluate({ x }, at(-2), { lengths }).y).to.deep.equal([0, 0, 21, 0]);
    expect(evaluate({ x }, at(-4), { lengths }).y).to.deep.equal([0, 0, 0, 0]);
  });

  it('has the gradient of finite differences', () => {
    const rows = { ...drawn([6, 3]), shape: ['input.tokens', 3] };
    for (const index of [0, 1, 2, 3, -1, -2, -3]) checkGradients({ inputs: { x: rows }, build: at(index), lengths });
  });

  it('of no sequences, and of empty ones, is empty or 0', () => {
    const none = reals(['input.tokens', 1], []);
    expect(evaluate({ x: none }, at(0), { lengths: [] }).y).to.deep.equal([]);
    expect(evaluate({ x: none }, at(-1), { lengths: [0, 0] }).y).to.deep.equal([0, 0]);
  });

  it('refuses what is no sequence, and a fraction of a step', () => {
    const recording = new Recording('infer');
    expect(() => stepAt(recording.feed('x', ['rows', 3]), 0))
      .to.throw(RangeError, 'stepAt: x has shape [rows, 3], expected a sequence [tokens, features]')
      .with.property('code', 'ERR_SHAPE');
    const { tokens } = recording.layout('input');
    expect(() => stepAt(recording.feed('s', [tokens, 3]), 0.5)).to.throw(RangeError, 'whole number, got 0.5');
  });
});
