import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Absent } from './serve.ts';

/**
 * The program made from contenders/<name>/main.cpp for this processor; compiled when it is first asked for, and again when a
 * source is newer.
 * @throws Absent where it does not compile
 */
export function compiled(name: string, libraries: readonly string[]): string {
  const sources = fileURLToPath(new URL(`contenders/${name}`, import.meta.url));
  const folder = fileURLToPath(new URL('../build-bench/', import.meta.url));
  const program = `${folder}${name}`;
  const changed = Math.max(...readdirSync(sources).map(file => statSync(`${sources}/${file}`).mtimeMs));
  if (existsSync(program) && statSync(program).mtimeMs >= changed) return program;
  mkdirSync(folder, { recursive: true });
  const flags = ['-std=c++20', '-O3', '-march=native', '-ffast-math', '-fopenmp'];
  const unfinished = `${program}.${process.pid}`;
  const { error, status, stderr } = spawnSync(
    'g++',
    [...flags, `${sources}/main.cpp`, ...libraries.map(library => `-l${library}`), '-o', unfinished],
    { encoding: 'utf8' },
  );
  if (error || status !== 0) {
    const why = error ? error.message : stderr.split('\n').find(line => line.includes('error'));
    const packages = ['g++', ...libraries.map(library => `lib${library}-dev`)].join(' ');
    throw new Absent(`it does not compile: ${why} (Debian 12: apt install ${packages})`);
  }
  renameSync(unfinished, program);
  return program;
}
