import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Absent } from './serve.ts';

/** npm packages that recurra is measured against and does not depend on. */
const packages = { '@tensorflow/tfjs': '4.22.0', 'onnxruntime-node': '1.30.0' };

/** Where `--install-peers` puts them. RECURRA_PEERS names another folder that has a node_modules. */
const home = fileURLToPath(new URL('peers/', import.meta.url));

/** @throws Absent where the package is not installed */
export function requirePeer(name: keyof typeof packages): { peer: unknown; version: string } {
  const require = createRequire(`${process.env.RECURRA_PEERS ?? home}/package.json`);
  try {
    const { version } = require(`${name}/package.json`) as { version: string };
    return { peer: require(name), version };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Absent(`${name} is not installed (npm run bench -- --install-peers)`);
  }
}

/** Installs the npm packages without their scripts, which fetch what is not needed here, and says what else there is. */
export function installPeers(): number {
  mkdirSync(home, { recursive: true });
  writeFileSync(`${home}package.json`, JSON.stringify({ private: true, dependencies: packages }, null, 2) + '\n');
  const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: home,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const torch = 'python3-torch python3-numpy libopenblas0-openmp libblis4-openmp';
  if (existsSync('/etc/debian_version'))
    console.error(`PyTorch and oneDNN come from Debian: apt install --no-install-recommends ${torch} g++ libdnnl-dev`);
  return status ?? 1;
}
