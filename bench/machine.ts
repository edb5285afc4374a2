import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../lib/index.ts';

const quietLoad = 0.5;

/** One line that a number should not be quoted without; warns on standard error where others use the processor. */
export function machine(backend?: Backend): string {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  const load = loadavg()[0]!;
  if (load > quietLoad)
    console.error(
      `bench: the machine is busy (load ${load.toFixed(1)}): times will be too long, most of all on two threads`,
    );
  const parts = [
    `${model}, ${availableParallelism()} cores, load ${load.toFixed(1)}`,
    `Node ${process.versions.node}`,
    `commit ${commit()}`,
    ...(backend ? [`${backend.name}, isa ${backend.isa}, ${threadCount(backend.threads)}`] : []),
  ];
  return parts.join(' · ');
}

export function threadCount(threads: number): string {
  return `${threads} thread${threads === 1 ? '' : 's'}`;
}

/** The commit that is checked out; with a + where files differ from it. */
function commit(): string {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const git = (...args: string[]) => spawnSync('git', args, { cwd, encoding: 'utf8' }).stdout?.trim();
  const hash = git('rev-parse', '--short', 'HEAD');
  return hash ? hash + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '') : 'unknown';
}
