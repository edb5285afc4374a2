import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { npm } from './npm.ts';

const root = resolve(import.meta.dirname, '../..');

/** What `npm publish` would send. */
export interface Tarball {
  readonly path: string;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

/** The most that it may come to, with the binaries of six platforms and the WebAssembly module. */
export const budget = { sizeBytes: 6e6, unpackedBytes: 20e6 } as const;

/** What computes where there is no binary for the platform: the module travels along where it was built. */
export const withoutBinary = existsSync(join(root, 'dist', 'wasm', 'recurra.wasm')) ? 'wasm' : 'js';

/** All that may be in it. */
const allowed = [
  /^(package\.json|README\.md|LICENSE|CMakeLists\.txt|examples\/reviews\.csv)$/,
  /^dist\/(index|ops|shared|cli|browser|js-worker|wasm-worker)\.js$/,
  /^dist\/wasm\/recurra\.wasm$/,
  /^dist\/.+\.d\.ts$/,
  /^native\/.+\.(cc|h)$/,
  /^prebuilds\/[a-z0-9]+-[a-z0-9]+\/recurra(\.[a-z]+)?\.node$/,
  /^node_modules\//,
];

/** Packs dist/ and prebuilds/ as they are, into a folder. */
export function makeTarball(folder: string): Tarball {
  const [{ filename, size, unpackedSize, files }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root }),
  );
  const paths = files.map(({ path }: { path: string }) => path);
  return { path: join(folder, filename), sizeBytes: size, unpackedBytes: unpackedSize, files: paths };
}

export function unexpectedFiles({ files }: Tarball): string[] {
  return files.filter(path => !allowed.some(pattern => pattern.test(path)));
}
