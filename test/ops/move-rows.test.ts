import { expect } from 'chai';
import { moveRows } from '../../lib/ops/move-rows.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, integers, reals } from './evaluate.ts';

const moved: Build = ({ x, from, to }) => ({ y: moveRows(x!, { from: from!, to: to!, rows: 'rows' }) });
const moves = { from: integers(['moves'], [0, 0, 2]), to: integers(['moves'], [3, 1, 0]) };
const setting = { sizes: { 'input.tokens': 3, rows: 5, moves: 3 }, lengths: [3] };

describe('moveRows', () => {
  it('puts rows elsewhere, and zeros where none goes', () => {
    const x = reals(['input.tokens', 2], [1, 2, 3, 4, 5, 6]);
    const { y } = evaluate({ x, ...moves }, moved, setting);
    expect(y).to.deep.equal([5, 6, 1, 2, 0, 0, 1, 2, 0, 0]);
  });

  it('moves nothing of nothing', () => {
    const nothing = { x: reals(['input.tokens', 2], []), from: integers(['moves'], []), to: integers(['moves'], []) };
    const { y } = evaluate(nothing, moved, { sizes: { 'input.tokens': 0, rows: 1, moves: 0 } });
    expect(y).to.deep.equal([0, 0]);
  });

  it('has the gradient of finite differences', () => {
    checkGradients({
      inputs: { x: { ...drawn([3, 2]), shape: ['input.tokens', 2] }, ...moves },
      build: moved,
      ...setting,
    });
  });
});
