import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { expect } from 'chai';
import { CodeBlocks, codeBlocksOf, sources } from './code-blocks.ts';

const root = resolve(import.meta.dirname, '../..');
const docs = readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'));
const pages = ['README.md', ...docs.map(name => `docs/${name}`)];

/** Rows of the reviews that samples train on: fewer than there are, for a few seconds' training on either backend. */
const reviews = 40;

describe('the code in README.md and docs', function () {
  this.timeout(120_000);
  const blocks = pages.flatMap(codeBlocksOf);
  const code = new CodeBlocks(blocks);
  const outside = process.cwd();
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'recurra-samples-'));
    mkdirSync(join(folder, 'examples'));
    const rows = readFileSync(join(root, 'examples/reviews.csv'), 'utf8')
      .split('\n')
      .slice(0, 1 + reviews);
    writeFileSync(join(folder, 'examples/reviews.csv'), rows.join('\n'));
    // The JavaScript backend's worker looks from here for the loader of TypeScript.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    process.chdir(folder);
  });
  after(() => {
    process.chdir(outside);
    rmSync(folder, { recursive: true });
    code.close();
  });

  it('says its language in one way, so that none of it is passed over', () => {
    for (const { page, line, language } of blocks)
      expect(['ts', 'js', 'sh', 'html', ''], `${page}:${line}`).to.include(language);
    expect(code.blocks.length).to.be.greaterThan(15);
  });

  it('compiles', () => {
    expect(code.diagnostics()).to.deep.equal([]);
  });

  // In the order of a page: a sample reads the files that those before it wrote.
  code.blocks.forEach(({ page, line, heading, prints }, index) => {
    it(`${prints === undefined ? 'runs' : 'prints what it says'}: ${page}:${line}, ${heading}`, async () => {
      const { log } = console;
      const printed: unknown[][] = [];
      console.log = (...values) => printed.push(values);
      try {
        await code.run(index);
      } finally {
        console.log = log;
      }
      for (const value of printed.flat()) expect(value).not.to.equal(undefined);
      if (prints !== undefined) expect(printed.map(values => format(...values)).join('\n')).to.equal(prints.trimEnd());
    });
  });
});

describe('typedoc.json', () => {
  it('has the entries of package.json', () => {
    const { entryPoints } = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8'));
    expect(entryPoints).to.deep.equal(Object.values(sources));
  });
});
