import { expect } from 'chai';
import { missingOptions } from './options.ts';

const buildable = { cell: ['rnn', 'gru'], size: 'any', bias: 'any', clip: { type: ['norm'], eps: [1e-6] } } as const;

describe('missingOptions', () => {
  it('finds nothing missing where every option can be built', () => {
    expect(
      missingOptions({ cell: 'gru', size: 3, bias: true, clip: { type: 'norm', eps: 1e-6 } }, buildable),
    ).to.deep.equal([]);
  });

  it('names an option that is not in the table, unless it is off', () => {
    expect(missingOptions({ peephole: true, cell_clip: 0.5 }, buildable)).to.deep.equal(['peephole', 'cell_clip']);
    expect(missingOptions({ peephole: false, cell_clip: null }, buildable)).to.deep.equal([]);
  });

  it('names an option together with a value that cannot be built', () => {
    expect(missingOptions({ cell: 'lstm' }, buildable)).to.deep.equal(['cell lstm']);
  });

  it('looks into options that have options', () => {
    expect(missingOptions({ clip: { type: 'value', eps: 1e-3 } }, buildable)).to.deep.equal([
      'type value',
      'eps 0.001',
    ]);
    expect(missingOptions({ clip: null }, buildable)).to.deep.equal([]);
  });
});
