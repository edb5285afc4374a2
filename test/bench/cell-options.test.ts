import { expect } from 'chai';
import { optionRows, plain } from '../../bench/cell-options/rows.ts';
import { optionTable, writtenTable } from '../../bench/cell-options.ts';

describe('the table of options in docs/cells.md', () => {
  it('has the rows of the bench, each with a cost', () => {
    const written = writtenTable()
      .split('\n')
      .filter(line => line.startsWith('|'));
    const costs = written.slice(2).map(line => line.split('|').at(-2)!.trim());
    for (const cost of costs) expect(Number(cost), cost).to.be.within(0.2, 5);
    const rows = [...optionRows];
    expect(written.join('\n')).to.equal(optionTable(row => costs[rows.indexOf(row)]!));
  });

  it('says of each row what its layer has', () => {
    for (const { cell, option, layer } of optionRows) {
      const { type, ...options } = layer(256);
      expect(type).to.equal(cell);
      const own = Object.keys(options).filter(name => !(name in plain[cell](256)));
      for (const name of own) expect(option).to.contain(`${name}: `);
    }
  });

  it('has a row for every option that changes what a cell computes', () => {
    const named = new Set(optionRows.flatMap(({ layer }) => Object.keys(layer(256))));
    const rest = ['type', 'size'];
    expect([...named].filter(name => !rest.includes(name)).sort()).to.deep.equal(
      [
        'activation',
        'activations',
        'bias',
        'biases',
        'cellClip',
        'clip',
        'coupled',
        'dropout',
        'forgetBias',
        'initialState',
        'layerNorm',
        'order',
        'peepholes',
        'projection',
        'recompute',
        'recurrentDropout',
        'recurrentWeight',
        'reset',
        'transition',
        'updateGate',
        'weightDropout',
        'zoneout',
      ].sort(),
    );
  });
});
