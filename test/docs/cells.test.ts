import { expect } from 'chai';
import type { Model } from '../../lib/models/model.ts';
import { CodeBlocks, codeBlocksOf } from './code-blocks.ts';

describe('docs/cells.md', function () {
  this.timeout(120_000);
  let blocks: CodeBlocks;
  before(() => {
    blocks = new CodeBlocks(codeBlocksOf('docs/cells.md'));
  });
  after(() => blocks.close());

  it('writes each cell in under fifteen lines', () => {
    for (const { code } of blocks.blocks.slice(0, 3)) {
      const [, cell = ''] = code.split(/^(?=export const)/m);
      expect(cell.trim().split('\n').length, cell).to.be.below(15);
    }
  });

  it('spells hello with one recurrent weight', async () => {
    const { said, model } = (await blocks.run(3)) as { said: string[]; model: Model };
    expect(said.join('')).to.equal('ello');
    expect([...model.parameters].map(({ name, shape }) => `${name} [${shape}]`)).to.deep.equal([
      'rnn.inputWeight [4,3]',
      'rnn.recurrentWeight [1,1]',
      'rnn.bias [1]',
      'dense.weight [3,4]',
      'dense.bias [4]',
    ]);
  });
});
