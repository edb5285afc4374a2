import { type Command, Option } from 'commander';
import type { Backend } from '../backend/backend.ts';
import { backendNames, chooseBackend } from '../backend/index.ts';
import { counted } from './numbers.ts';
import { wholeNumber } from './options.ts';
import { notice } from './output.ts';

export interface BackendFlags {
  readonly backend?: Backend['name'];
  readonly threads?: number;
}

export function addBackendFlags(command: Command): Command {
  return command
    .option(
      '--threads <n>',
      'threads of the native backend (default: one per physical core)',
      wholeNumber({ min: 1, max: 256 }),
    )
    .addOption(
      new Option('--backend <name>', 'what computes (default: the first of them that there is)').choices(backendNames),
    );
}

/** Opens the backend that the flags ask for, and closes it whatever happens. */
export async function withBackend(
  { backend: name, threads }: BackendFlags,
  use: (backend: Backend, describe: () => void) => Promise<void>,
): Promise<void> {
  const { backend, reason } = chooseBackend(name, { threads });
  const describe = () => notice(backend.name === 'native' || name ? computesOn(backend) : reason);
  try {
    await use(backend, describe);
  } finally {
    await backend.close();
  }
}

const titles = { wasm: 'WebAssembly backend', js: 'JavaScript backend' } as const;

function computesOn({ name, isa, threads }: Backend): string {
  return `${name === 'native' ? `native backend, ${isa}` : titles[name]}, ${counted(threads, 'thread')}`;
}
