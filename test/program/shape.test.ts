import { expect } from 'chai';
import { atMost, quotientOf, resolveShape, rootOf, suppliedSize } from '../../lib/program/shape.ts';

describe('a dimension that follows from a size', () => {
  const shape = [rootOf('input.steps'), quotientOf('input.steps', 4), atMost(4, 'input.steps')];

  it('is named as it is computed', () => {
    expect(shape).to.deep.equal(['√input.steps', 'input.steps/4', 'min(input.steps,4)']);
    expect(shape.map(suppliedSize)).to.deep.equal(['input.steps', 'input.steps', 'input.steps']);
  });

  it('is rounded up', () => {
    const at = (steps: number) => resolveShape(shape, { 'input.steps': steps });
    expect(at(0)).to.deep.equal([0, 0, 0]);
    expect(at(1)).to.deep.equal([1, 1, 1]);
    expect(at(9)).to.deep.equal([3, 3, 4]);
    expect(at(10)).to.deep.equal([4, 3, 4]);
  });

  it('is a number where the size is one', () => {
    expect([rootOf(10), quotientOf(10, 4), atMost(4, 10)]).to.deep.equal([4, 3, 4]);
    expect(suppliedSize(4)).to.equal(undefined);
  });
});
