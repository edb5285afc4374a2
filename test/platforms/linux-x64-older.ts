import { here } from './here.ts';
import type { Launch, Platform } from './platform.ts';
import { need, needLinuxX64 } from './tools.ts';

/** Features of a Haswell that qemu cannot emulate and complains about; none of them computes. */
const beyondEmulation = ['pcid', 'x2apic', 'tsc-deadline', 'invpcid', 'hle', 'rtm'];

/** Processors in the words of qemu. */
const models = { haswell: `Haswell,-${beyondEmulation.join(',-')}`, nehalem: 'Nehalem' } as const;

/** Has AVX2 and fused multiply-add, and no AVX-512. */
export const haswell: Platform = older('haswell', ['avx2', 'scalar']);

/** Has neither. */
export const nehalem: Platform = older('nehalem', ['scalar']);

/** This machine's Node and addon on an older processor: kernels are chosen by what that one has. */
function older(processor: keyof typeof models, isas: Platform['isas']): Platform {
  return { name: `linux-x64-${processor}`, isas, prepare: () => onOlder(processor, here.prepare()) };
}

/** The same under qemu-user. @throws Missing */
export function onOlder(processor: keyof typeof models, { command, args, environment }: Launch): Launch {
  needLinuxX64();
  need({ 'qemu-x86_64': 'qemu-user' });
  return { command: 'qemu-x86_64', args: ['-cpu', models[processor], command, ...args], environment };
}
