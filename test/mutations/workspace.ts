import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { failure } from '../../lib/errors.ts';
import { type Mutation, mutate } from './mutation.ts';

const root = resolve(import.meta.dirname, '../..');
const sources = ['lib', 'native', 'test', 'examples', 'scripts', 'docs', 'cmake'];
const copied = [...sources, 'CMakeLists.txt', 'package.json', 'tsconfig.json', join('dist', 'wasm')];
const minute = 60_000;
/** For what is known to end. */
const unhurried: Limits = { testMs: 60 * minute, allMs: 180 * minute };

/** How long tests may take: one of them, and all together. */
export interface Limits {
  readonly testMs: number;
  readonly allMs: number;
}

/** Limits that only tests that hang reach, where all together took so long without any mistake: a busy machine is slow. */
export function limitsFor(tookMs: number): Limits {
  return { testMs: Math.max(minute, tookMs), allMs: Math.max(10 * minute, 5 * tookMs) };
}

/** How the tests went over a tree. */
export interface Verdict {
  readonly passed: boolean;
  /** The first test that failed, or why there was none to fail. */
  readonly by: string;
}

/** A copy of the tree in a temporary folder, in which mistakes can be made. */
export class Workspace {
  private readonly folder = mkdtempSync(join(tmpdir(), 'recurra-mutations-'));
  /** A build is tested though its self-test finds the mistake: the tests are to find it. */
  private environment: Readonly<Record<string, string>> = {};

  constructor() {
    for (const entry of copied)
      if (existsSync(join(root, entry))) cpSync(join(root, entry), join(this.folder, entry), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'dir');
  }

  /**
   * Builds the addon: without warnings, as a mistake may well leave a variable unused, and hardly optimised, as most of the
   * time goes into compiling.
   */
  async build(): Promise<Verdict> {
    const cmake = join('node_modules', 'cmake-js', 'bin', 'cmake-js');
    const options = ['--debug', '--CDCMAKE_CXX_FLAGS_DEBUG=-O1 -w', '--parallel', '2'];
    const { code, output } = await this.run([cmake, 'build', ...options]);
    this.environment = { RECURRA_BACKEND: 'native' };
    return code === 0 ? { passed: true, by: '' } : { passed: false, by: `it does not build: ${lastLines(output)}` };
  }

  /** Runs test files until the first failure. */
  async test(files: readonly string[], { testMs, allMs }: Limits = unhurried): Promise<Verdict> {
    const report = join(this.folder, 'report.json');
    rmSync(report, { force: true });
    const mocha = ['--import', 'tsx', join('node_modules', 'mocha', 'bin', 'mocha.js')];
    const options = ['--no-config', '--bail', '--exit', `--timeout=${Math.ceil(testMs)}`, '--reporter=json'];
    options.push(`--reporter-option=output=${report}`);
    const { code, output } = await this.run([...mocha, ...options, ...files], allMs);
    if (code === 0) return { passed: true, by: '' };
    if (!existsSync(report))
      return { passed: false, by: code === undefined ? 'it never ends' : `it ends the process: ${lastLines(output)}` };
    const { failures } = JSON.parse(readFileSync(report, 'utf8')) as { failures: { fullTitle: string }[] };
    return { passed: false, by: failures[0]?.fullTitle ?? lastLines(output) };
  }

  /** Runs `check` on the tree with one mistake in it. */
  async with<T>(mutation: Mutation, check: () => Promise<T>): Promise<T> {
    const path = join(this.folder, mutation.file);
    const original = readFileSync(path, 'utf8');
    const mutated = mutate(original, mutation);
    expectToParse(mutation, mutated);
    writeFileSync(path, mutated);
    try {
      return await check();
    } finally {
      writeFileSync(path, original);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs Node. `code` is undefined where the process had to be ended. */
  private run(
    args: readonly string[],
    timeout = unhurried.allMs,
  ): Promise<{ code: number | undefined; output: string }> {
    const options = {
      cwd: this.folder,
      timeout,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 26,
      env: { ...process.env, ...this.environment },
    } as const;
    return new Promise(resolve => {
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        const output = `${stdout}\n${stderr}`;
        if (!error) resolve({ code: 0, output });
        else resolve({ code: error.killed ? undefined : Number(error.code ?? 1), output });
      });
    });
  }
}

/** The tests load TypeScript without checking types; a mistake must at least parse to be worth anything. */
function expectToParse({ name, file }: Mutation, text: string): void {
  if (!file.endsWith('.ts')) return;
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true });
  if (diagnostics.length > 0)
    throw failure('ERR_DATA', `${name}: ${file} does not parse: ${diagnostics[0]!.messageText}`);
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-3).join(' | ');
}
