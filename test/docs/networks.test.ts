import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..', '..');

/** The TypeScript examples of a page, by the headings above them. */
function examplesOf(page: string): { heading: string; code: string }[] {
  const found: { heading: string; code: string }[] = [];
  let heading = '';
  for (const [, title, code] of page.matchAll(/^#+ (.+)$|^```ts\n([\s\S]*?)^```$/gm)) {
    if (title) heading = title;
    if (code) found.push({ heading, code });
  }
  return found;
}

describe('docs/networks.md', function () {
  this.timeout(120_000);
  const examples = examplesOf(readFileSync(join(root, 'docs/networks.md'), 'utf8'));
  const library = pathToFileURL(join(root, 'lib/index.ts')).href;
  let folder: string;
  const fileOf = (index: number) => join(folder, `example-${index}.mts`);
  before(() => {
    // Beneath the root, where a module finds the packages that it imports.
    folder = mkdtempSync(join(root, 'test/docs/.examples-'));
    examples.forEach(({ code }, index) => {
      writeFileSync(fileOf(index), code);
    });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has examples that compile', () => {
    expect(examples.length).to.be.greaterThan(8);
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
    const paths = { recurra: [join(root, 'lib/index.ts')] };
    const files = examples.map((_, index) => fileOf(index));
    const program = ts.createProgram(files, { ...options, noEmit: true, paths });
    const errors = files.flatMap(file => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
    expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).to.deep.equal([]);
  });

  examples.forEach(({ heading, code }, index) => {
    it(`has an example of ${heading.toLowerCase()} that runs`, async () => {
      writeFileSync(fileOf(index), code.replace("from 'recurra'", `from '${library}'`));
      const { log } = console;
      const printed: unknown[] = [];
      console.log = (...values) => printed.push(...values);
      try {
        await import(pathToFileURL(fileOf(index)).href);
      } finally {
        console.log = log;
      }
      for (const value of printed) expect(value).not.to.equal(undefined);
    });
  });
});
