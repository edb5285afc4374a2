import { expect } from 'chai';
import { twins } from '../../../lib/backend/js/twins.ts';
import { models } from './models.ts';

describe('the models of the conformance suite', () => {
  it('use every operation there is', () => {
    const used = new Set(models.flatMap(build => build().program.steps.map(({ op }) => op)));
    expect([...twins.keys()].filter(op => !used.has(op))).to.deep.equal([]);
  });
});
