import { positive, UsageError } from './command.ts';
import { type BenchIsa, benchIsas, type ContenderName, contenderNames } from './contenders.ts';
import type { ContestOptions } from './contest.ts';
import { groups, type Workload, workload } from './workloads.ts';

/** The flags of every bench that holds contests. */
export const contestFlags = {
  json: { type: 'boolean', default: false },
  threads: { type: 'string', default: '1,2' },
  contenders: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '1' },
  limit: { type: 'string', default: '120' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export const contestHelp = `\
  --json             one line of JSON per contender instead of tables; notices go to stderr
  --threads 1,2      numbers of threads to measure, one after the other (default 1,2)
  --contenders a,b   a choice of ${contenderNames.join(', ')}
  --rounds 5         turns of each contender
  --seconds 1        length of a turn
  --limit 120        seconds a contender may take to answer, and for its turns together, before it is left out`;

export interface Asked extends ContestOptions {
  readonly json: boolean;
  readonly threads: readonly number[];
  /** Undefined where the bench chooses. */
  readonly contenders: readonly ContenderName[] | undefined;
}

/** @throws UsageError for values that cannot be */
export function readContestFlags(values: {
  readonly json: boolean;
  readonly threads: string;
  readonly contenders?: string | undefined;
  readonly rounds: string;
  readonly seconds: string;
  readonly limit: string;
}): Asked {
  return {
    json: values.json,
    threads: values.threads.split(',').map(text => positive('threads', text, true)),
    contenders: values.contenders?.split(',').map(contenderNamed),
    rounds: positive('rounds', values.rounds, true),
    seconds: positive('seconds', values.seconds),
    limit: positive('limit', values.limit),
  };
}

/** The workloads of names and of groups. */
export function workloadsNamed(names: readonly string[]): Workload[] {
  return names.flatMap(name => groups[name] ?? [name]).map(workloadNamed);
}

export function workloadNamed(name: string): Workload {
  const found = workload(name);
  if (!found) throw new UsageError(`there is no workload, group or bench ${name}; npm run bench -- --list names them`);
  return found;
}

/** @throws UsageError for another name */
export function isaNamed(name: string): BenchIsa {
  const found = benchIsas.find(known => known === name);
  if (!found) throw new UsageError(`--isa must be one of ${benchIsas.join(', ')}, got ${name}`);
  return found;
}

function contenderNamed(name: string): ContenderName {
  const found = contenderNames.find(known => known === name);
  if (!found) throw new UsageError(`--contenders: there is no ${name}; there are ${contenderNames.join(', ')}`);
  return found;
}
