import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Project } from './project.ts';

const modules = resolve(import.meta.dirname, '../../node_modules');

/** A way to use the installed package; says what computed there. */
export interface Consumer {
  readonly name: string;
  readonly run: (project: Project) => string | Promise<string>;
}

export const consumers: readonly Consumer[] = [
  { name: 'ES modules', run: project => project.node(['esm.mjs']) },
  { name: 'CommonJS', run: project => project.node(['--no-warnings', 'commonjs.cjs']) },
  { name: 'TypeScript', run: compiled },
  { name: 'esbuild bundle', run: bundled },
  { name: 'worker threads', run: project => project.node(['workers.mjs']) },
];

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
