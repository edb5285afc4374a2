import { here } from './here.ts';
import type { Platform } from './platform.ts';
import { need, needLinuxX64 } from './tools.ts';

/** Features of a Haswell that qemu cannot emulate and complains about; none of them computes. */
const beyondEmulation = ['pcid', 'x2apic', 'tsc-deadline', 'invpcid', 'hle', 'rtm'];

/** Has AVX2 and fused multiply-add, and no AVX-512. */
export const haswell: Platform = older('haswell', ['avx2', 'scalar'], `Haswell,-${beyondEmulation.join(',-')}`);

/** Has neither. */
export const nehalem: Platform = older('nehalem', ['scalar'], 'Nehalem');

/** This machine's Node and addon on an older processor, under qemu-user: kernels are chosen by what that one has. */
function older(processor: string, isas: Platform['isas'], model: string): Platform {
  return {
    name: `linux-x64-${processor}`,
    isas,
    prepare() {
      needLinuxX64();
      need({ 'qemu-x86_64': 'qemu-user' });
      const { command, args, environment } = here.prepare();
      return { command: 'qemu-x86_64', args: ['-cpu', model, command, ...args], environment };
    },
  };
}
