import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const lib = join(root, 'lib');

const base = ['activations.ts', 'cells.ts', 'errors.ts', 'node.ts', 'random'];
const recorded = ['ops', 'program', ...base];

/**
 * What each part of lib/ may import, besides itself. A part is a folder, or a file that stands in lib/ itself.
 * Training sees a model as something it can train, so models call training and not the other way round.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  'activations.ts': ['errors.ts'],
  'cells.ts': [],
  'node.ts': ['errors.ts'],
  'package-root.ts': [],
  random: ['errors.ts'],
  program: ['errors.ts'],
  ops: ['program', 'activations.ts', 'cells.ts', 'errors.ts'],
  backend: ['ops', 'program', 'package-root.ts', ...base], // ops: for the self-test of an addon
  layers: ['backend', ...recorded],
  losses: ['layers', ...recorded],
  metrics: recorded,
  optimizers: recorded,
  text: ['random', 'errors.ts'],
  data: ['text', 'random', 'errors.ts'],
  plots: ['errors.ts'],
  profile: ['backend', 'program', 'plots', 'cells.ts'],
  formats: ['program', 'cells.ts', 'errors.ts', 'node.ts'],
  onnx: ['backend', 'data', 'formats', ...recorded],
  training: ['layers', 'losses', 'metrics', 'optimizers', 'backend', 'data', 'formats', 'plots', ...recorded],
  diagnosis: ['training', 'plots', 'layers', 'losses', 'backend', 'data', 'text', 'formats', ...recorded],
  gym: ['models', 'training', 'layers', 'losses', 'optimizers', 'data', 'backend', ...recorded],
  diagrams: ['models', 'layers', 'plots', 'ops', 'errors.ts'],
  models: ['training', 'layers', 'losses', 'metrics', 'optimizers', 'backend', 'data', 'text', 'formats', ...recorded],
};

/** On top: these may import any part. */
const top = ['index.ts', 'browser.ts', 'cli'];

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether it imports types only. */
  readonly erased: boolean;
}

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'));
const imports = files.flatMap(name => importsOf(join(lib, name)));

/** Imports, exports from and dynamic imports of a file, as paths from the root or package names. */
function importsOf(path: string): Import[] {
  const text = readFileSync(path, 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const erased = new Set(source.statements.map(statement => erasedSpecifier(statement)?.getStart(source)));
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    from: relative(root, path),
    to: fileName.startsWith('.') ? relative(root, resolve(path, '..', fileName)) : fileName,
    erased: erased.has(pos),
  }));
}

/** The specifier of an import or export of types only, of which nothing is left at run time. */
function erasedSpecifier(statement: ts.Statement): ts.Expression | undefined {
  if (ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    return statement.moduleSpecifier;
  return ts.isExportDeclaration(statement) && statement.isTypeOnly ? statement.moduleSpecifier : undefined;
}

function partOf(path: string): string {
  const [, part] = path.split(sep);
  return part!;
}

describe('the architecture', () => {
  it('has files to look at', () => {
    expect(imports.length).to.be.greaterThan(100);
  });

  it('knows every part of lib/', () => {
    expect(
      [...new Set(files.map(name => name.split(sep)[0]!))].filter(part => !(part in arrows) && !top.includes(part)),
    ).to.deep.equal([]);
  });

  it('has arrows that point one way', () => {
    const rank = new Map(Object.keys(arrows).map(part => [part, depth(part)]));
    for (const [part, targets] of Object.entries(arrows))
      for (const target of targets) expect(rank.get(target), `${part} → ${target}`).to.be.below(rank.get(part)!);
  });

  it('is kept by every import', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (!to.startsWith(`lib${sep}`)) return false;
      const [source, target] = [partOf(from), partOf(to)];
      return source !== target && !top.includes(source) && !arrows[source]!.includes(target);
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).to.deep.equal([]);
  });

  it('keeps tests and benches out of lib/, and lib/ out of everything but itself and packages', () => {
    const outside = imports.filter(
      ({ from, to }) => from.startsWith(`lib${sep}`) && /^(\.\.|test|bench|dist|scripts)(\/|\\|$)/.test(to),
    );
    expect(outside.map(({ from, to }) => `${from} → ${to}`)).to.deep.equal([]);
  });

  it('depends on packages that package.json lists, and Node', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object };
    const foreign = imports.filter(({ to }) => !to.startsWith(`lib${sep}`) && !to.startsWith('node:'));
    const unlisted = foreign.filter(
      ({ to }) => !Object.keys(dependencies).some(name => to === name || to.startsWith(`${name}/`)),
    );
    expect(unlisted.map(({ from, to }) => `${from} → ${to}`)).to.deep.equal([]);
  });

  it('gives browsers what needs neither Node nor packages', () => {
    const needed = imports.filter(({ erased }) => !erased);
    const reached = new Set([join('lib', 'browser.ts')]);
    for (const file of reached) for (const { from, to } of needed) if (from === file) reached.add(to);
    expect([...reached].filter(file => !file.startsWith(`lib${sep}`))).to.deep.equal([]);
    expect(reached.size).to.be.greaterThan(50);
  });

  it('loads in one order, but for operations, whose gradients are each other', () => {
    expect(cycles(imports.filter(({ from, erased }) => !erased && partOf(from) !== 'ops'))).to.deep.equal([]);
  });
});

/** Length of the longest path from a part along the arrows. */
function depth(part: string, seen: readonly string[] = []): number {
  if (seen.includes(part)) throw new Error(`the arrows go in a circle: ${[...seen, part].join(' → ')}`);
  return Math.max(0, ...arrows[part]!.map(target => 1 + depth(target, [...seen, part])));
}

/** Circles of imports, each once. */
function cycles(edges: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}
