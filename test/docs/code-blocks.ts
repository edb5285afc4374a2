import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../..');
const { name: packageName, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What is imported by a name, in the source: by `exports` of package.json, `recurra/ops` is lib/ops/index.ts. */
export const sources: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries<string | { types: string }>(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [[packageName + path.slice(1), target.types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'lib/$1.ts')]],
  ),
);

/** A fenced block of a page. */
export interface CodeBlock {
  /** Its file, from the root. */
  readonly page: string;
  /** The line of the page that its fence is on. */
  readonly line: number;
  /** The one above it. */
  readonly heading: string;
  /** '' for a fence without one. */
  readonly language: string;
  readonly code: string;
  /** What the block of no language right below it says that it prints. */
  readonly prints: string | undefined;
}

/** The fenced blocks of a page, in their order. */
export function codeBlocksOf(page: string): CodeBlock[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks: CodeBlock[] = [];
  let heading = '';
  for (const { 1: title, 2: language = '', 3: code, 4: prints, index } of text.matchAll(
    /^#+ ([^\n]+)$|^```([^\n]*)\n(.*?)^```$(?=(?:\n\n```\n(.*?)^```$)?)/gms,
  ))
    if (title !== undefined) heading = title;
    else blocks.push({ page, line: text.slice(0, index).split('\n').length, heading, language, code: code!, prints });
  return blocks;
}

/** The TypeScript and the JavaScript among blocks, each a module of its own. */
export class CodeBlocks {
  readonly blocks: readonly CodeBlock[];
  private readonly folder = mkdtempSync(join(tmpdir(), 'recurra-docs-'));
  private readonly files: readonly string[];

  constructor(blocks: readonly CodeBlock[]) {
    this.blocks = blocks.filter(({ language }) => language === 'ts' || language === 'js');
    this.files = this.blocks.map(({ language, code }, index) => {
      const file = join(this.folder, `block-${index}.m${language}`);
      writeFileSync(
        file,
        code.replace(/from '(recurra[^']*)'/g, (_, name) => `from '${source(name)}'`),
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
      allowJs: true,
      checkJs: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    });
    return this.blocks.flatMap(({ page, line }, index) => {
      const file = program.getSourceFile(this.files[index]!);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
        ({ start = 0, messageText }) =>
          `${page}:${line + 1 + file!.getLineAndCharacterOfPosition(start).line}: ` +
          ts.flattenDiagnosticMessageText(messageText, '\n'),
      );
    });
  }

  /** Runs a block; gives what it exports. */
  run(index: number): Promise<Record<string, unknown>> {
    return import(pathToFileURL(this.files[index]!).href);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function source(name: string): string {
  const file = sources[name];
  if (!file) throw new Error(`there is no package ${name}`);
  return join(root, file);
}
