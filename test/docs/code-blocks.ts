import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');

/** What a package of this name is in the source. */
const sources: Readonly<Record<string, string>> = {
  recurra: join(root, 'lib/index.ts'),
  'recurra/ops': join(root, 'lib/ops/index.ts'),
};

/** The TypeScript in a page of docs/, each block a module of its own. */
export class CodeBlocks {
  readonly blocks: readonly string[];
  private readonly folder = mkdtempSync(join(tmpdir(), 'recurra-docs-'));
  private readonly files: readonly string[];

  constructor(page: string) {
    const text = readFileSync(join(root, 'docs', page), 'utf8');
    this.blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
    this.files = this.blocks.map((code, index) => {
      const file = join(this.folder, `block-${index}.mts`);
      writeFileSync(
        file,
        code.replace(/from '(recurra[^']*)'/g, (_, name) => `from '${this.source(name)}'`),
      );
      return file;
    });
  }

  /** What the compiler says of all blocks, as a reader with the strictest settings would see it. */
  diagnostics(): string[] {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
    const program = ts.createProgram([...this.files], {
      ...options,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    });
    return this.files
      .flatMap(file => program.getSemanticDiagnostics(program.getSourceFile(file)))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  /** Runs a block; gives what it exports. */
  run(index: number): Promise<Record<string, unknown>> {
    return import(pathToFileURL(this.files[index]!).href);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  private source(name: string): string {
    const source = sources[name];
    if (!source) throw new Error(`there is no package ${name}`);
    return source;
  }
}
