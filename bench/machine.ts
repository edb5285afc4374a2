import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One line that a number should not be quoted without. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  const busy = loadavg()[0]!.toFixed(1);
  return `${model}, ${availableParallelism()} cores, load ${busy} · Node ${process.versions.node} · commit ${commit()}`;
}

/** The commit that is checked out; with a + where files differ from it. */
function commit(): string {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const git = (...args: string[]) => spawnSync('git', args, { cwd, encoding: 'utf8' }).stdout?.trim();
  const hash = git('rev-parse', '--short', 'HEAD');
  return hash ? hash + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '') : 'unknown';
}
