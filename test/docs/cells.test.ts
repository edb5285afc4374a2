import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import type { Model } from '../../lib/models/model.ts';
import { CodeBlocks } from './code-blocks.ts';

const root = resolve(import.meta.dirname, '../..');

describe('docs/cells.md', function () {
  this.timeout(120_000);
  let blocks: CodeBlocks;
  before(() => {
    blocks = new CodeBlocks('cells.md');
  });
  after(() => blocks.close());

  it('has code that compiles', () => {
    expect(blocks.blocks).to.have.length(4);
    expect(blocks.diagnostics()).to.deep.equal([]);
  });

  it('writes each cell in under fifteen lines', () => {
    for (const block of blocks.blocks.slice(0, 3)) {
      const [, cell = ''] = block.split(/^(?=export const)/m);
      expect(cell.trim().split('\n').length, cell).to.be.below(15);
    }
  });

  it('spells hello with one recurrent weight', async () => {
    const { said, model } = (await blocks.run(3)) as { said: string[]; model: Model };
    expect(said.join('')).to.equal('ello');
    expect([...model.parameters].map(({ name, shape }) => `${name} [${shape}]`)).to.deep.equal([
      'cell.W [4,3]',
      'cell.r [1,1]',
      'cell.b [1,1]',
      'dense.weight [3,4]',
      'dense.bias [4]',
    ]);
  });

  it('imports what package.json exports', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const { types, default: code } of [exports['.'], exports['./ops']]) {
      expect(types.replace(/\.d\.ts$/, '')).to.equal(code.replace(/\.js$/, ''));
      expect(existsSync(join(root, code.replace('./dist/', 'lib/').replace(/\.js$/, '.ts')))).to.equal(true);
    }
  });
});
