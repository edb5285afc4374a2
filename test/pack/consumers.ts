import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { need } from '../platforms/tools.ts';
import type { Project } from './project.ts';
import { withoutBinary } from './tarball.ts';

const modules = resolve(import.meta.dirname, '../../node_modules');

/** A way to use the installed package. */
export interface Consumer {
  readonly name: string;
  /** What it says: the backend that computed. */
  readonly expected: RegExp;
  readonly run: (project: Project) => string | Promise<string>;
}

const native = /^native \w+\n$/;

export const consumers: readonly Consumer[] = [
  { name: '`require` in CommonJS', expected: native, run: project => project.node(['--no-warnings', 'commonjs.cjs']) },
  { name: 'TypeScript', expected: native, run: compiled },
  { name: 'bundled by esbuild for a server', expected: native, run: bundled },
  { name: 'worker threads', expected: /^native \w+, native \w+\n$/, run: project => project.node(['workers.mjs']) },
  { name: 'no binary for the platform, so WebAssembly', expected: new RegExp(`^${withoutBinary}\\n$`), run: onAnother },
  { name: '`npx recurra build`, with CMake and a C++ compiler', expected: /^native \w+\n$/, run: builtFromSource },
];

function onAnother(project: Project): string {
  return project.node(['esm.mjs'], { PREBUILDS_ONLY: '1', npm_config_platform: 'freebsd', npm_config_arch: 'riscv64' });
}

/** Its own build goes before the binary for the platform, of which there is none here. */
function builtFromSource(project: Project): string {
  need({ cmake: 'cmake', 'g++': 'g++' });
  const environment = { npm_config_arch: 'riscv64', PATH: process.env.PATH };
  project.node([join('node_modules', '.bin', 'recurra'), 'build'], environment);
  return project.node(['esm.mjs'], environment);
}

function compiled(project: Project): string {
  const types = join(project.folder, 'node_modules', '@types');
  mkdirSync(types, { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(join(modules, name), join(project.folder, 'node_modules', name), 'dir');
  project.node([join(modules, 'typescript', 'bin', 'tsc'), '-p', '.']);
  return project.node([join('compiled', 'service.mjs')]);
}

/** For a server: recurra stays a package beside the bundle, as all packages with binaries do. */
async function bundled(project: Project): Promise<string> {
  const { folder } = project;
  const outfile = join(folder, 'bundle.mjs');
  await build({
    entryPoints: [join(folder, 'esm.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['recurra'],
    logLevel: 'warning',
  });
  return project.node([outfile]);
}
