import { node } from '../node.ts';
import type { Backend } from './backend.ts';
import { nativeError } from './load.ts';
import type { Addon, Isa } from './native.ts';
import { selfTest } from './self-test.ts';

/** Why there is no computing natively, and what to do about it. */
export interface Obstacle {
  readonly why: string;
  readonly remedy: string;
}

const building = 'install CMake and a C++ compiler, then `npx recurra build`';

/** Where no addon loads. */
export function obstacleToLoading(): Obstacle {
  if (!node) return { why: 'no native build for browsers', remedy: 'to have one: compute in Node' };
  const [why = ''] = nativeError?.message.split('\n') ?? [];
  if (why.startsWith('No native build'))
    return { why: `no native build for ${node.platform}-${node.arch}`, remedy: `to build one: ${building}` };
  return {
    why: `the native build does not load (${why})`,
    remedy: `to have another: install recurra anew, or ${building}`,
  };
}

const known = new Map<Isa, Obstacle | undefined>();

/** Where the addon fails its self-test, which is made once per instruction set, on a backend with one thread. */
export function obstacleToTrust({ isas }: Addon, isa: Isa, make: () => Backend): Obstacle | undefined {
  if (!known.has(isa)) {
    const mistake = mistakeOf(make);
    const others = isas.filter(other => other !== isa).map(other => `RECURRA_ISA=${other}`);
    known.set(
      isa,
      mistake === undefined
        ? undefined
        : {
            why: `the native build fails its self-test on ${isa} (${mistake})`,
            remedy: `to have another: ${[...others, building].join(', or ')}`,
          },
    );
  }
  return known.get(isa);
}

function mistakeOf(make: () => Backend): string | undefined {
  try {
    const backend = make();
    try {
      return selfTest(backend);
    } finally {
      void backend.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
