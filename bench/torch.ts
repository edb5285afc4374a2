import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Launch } from './contenders.ts';
import { Absent } from './serve.ts';

/**
 * PyTorch on every BLAS of Debian's that shares its OpenMP threads; where there is none, on what it finds. Which is the faster
 * depends on processor and shape, so the contest tries them.
 */
export function torch(): Launch[] {
  const probe = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
  const python = ['/usr/bin/python3', 'python3'].find(path => spawnSync(path, ['-c', probe]).status === 0);
  if (!python)
    throw new Absent('no python3 has torch (Debian: apt install python3-torch libopenblas0-openmp libblis4-openmp)');
  const installed = libraries.flatMap(({ build, environment }) => {
    const folder = libraryFolders().find(parent => existsSync(`${parent}/${build}`));
    const search = [`${folder}/${build}`, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
    return folder ? [{ ...environment, LD_LIBRARY_PATH: search }] : [];
  });
  return (installed.length > 0 ? installed : [{}]).map(environment => ({
    command: python,
    args: [fileURLToPath(new URL('contenders/pytorch.py', import.meta.url))],
    // Keeps freed memory, so that a step does not fetch it from the system again.
    environment: { ...environment, MALLOC_TRIM_THRESHOLD_: '8589934592', MALLOC_TOP_PAD_: '268435456' },
  }));
}

const libraries: readonly { readonly build: string; readonly environment: Launch['environment'] }[] = [
  // Knows the processor unless the environment tells it another one.
  { build: 'openblas-openmp', environment: { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined } },
  // BLIS 0.9 takes plain C on AMD processors that are newer than itself. 0: its kernels for AVX-512, called skx.
  { build: 'blis-openmp', environment: hasAvx512() ? { BLIS_ARCH_TYPE: '0' } : {} },
];

function libraryFolders(): string[] {
  if (!existsSync('/usr/lib')) return [];
  return readdirSync('/usr/lib').flatMap(name => (name.endsWith('-linux-gnu') ? [`/usr/lib/${name}`] : []));
}

function hasAvx512(): boolean {
  return existsSync('/proc/cpuinfo') && /\bavx512vl\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
}
