import { Command } from 'commander';
import { chooseBackend } from '../../backend/index.ts';
import { addonFile } from '../../backend/load.ts';
import { jsonFlag } from '../options.ts';
import { print } from '../output.ts';
import { packageVersion } from '../version.ts';

export function infoCommand(): Command {
  return new Command('info')
    .description('Say which backend computes here, and why.')
    .addOption(jsonFlag())
    .action(info);
}

async function info({ json }: { json?: true }): Promise<void> {
  const { backend, reason } = chooseBackend();
  const { name, isa, threads } = backend;
  await backend.close();
  const facts = {
    version: packageVersion(),
    backend: name,
    isa,
    threads,
    addon: addonFile ?? 'none',
    node: process.versions.node,
    reason,
  };
  if (json) return print(JSON.stringify(facts));
  for (const [fact, value] of Object.entries(facts)) await print(`${fact.padEnd(9)}${value}`);
}
