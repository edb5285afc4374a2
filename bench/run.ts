import { tolerance } from './agreement.ts';
import { parse, runCommand } from './command.ts';
import { type ContenderName, contenders, implementations, smallerForTfjs } from './contenders.ts';
import {
  type Asked,
  contestFlags,
  contestHelp,
  readContestFlags,
  workloadNamed,
  workloadsNamed,
} from './contest-arguments.ts';
import { machine } from './machine.ts';
import { installPeers } from './peers.ts';
import { Introductions, jsonLines, notices, oursFailed, table } from './report.ts';
import { contests, type Row } from './schedule.ts';
import { groups, type Workload, workloadNames } from './workloads.ts';

/** Benches of another kind than a step of work; each has a `--help` of its own. */
const benches: Readonly<Record<string, () => Promise<{ main(args: readonly string[]): Promise<number> }>>> = {
  adding: () => import('./adding.ts'),
  'cell-options': () => import('./cell-options.ts'),
  'event-loop': () => import('./event-loop.ts'),
  kernels: () => import('./kernels.ts'),
  memory: () => import('./memory.ts'),
  profile: () => import('./profile.ts'),
  scale: () => import('./scale.ts'),
};

const help = `npm run bench -- NAME... [options]

Times recurra against other implementations of the same step of work, each in a process of its own, in turns.
Before anything is timed, all start from the same weights and data and must agree: losses to ${tolerance.loss} of their
value, gradients or outputs to ${tolerance.tensor} of their norm. Who does not agree is reported and not timed.

NAME is a workload (W1-LSTM, W2, W4-LSTM-16x128x256x256, … ; --list has all), a group (${Object.keys(groups).join(', ')})
or a bench of another kind (${Object.keys(benches).join(', ')}; ask each for --help).

${contestHelp}
  --list             names of workloads, groups and benches
  --install-peers    installs TensorFlow.js and ONNX Runtime for comparison into bench/peers; bench/README.md has the rest

TensorFlow.js cannot train W1 and W2 at full size in reasonable time. It is measured beside js in a smaller version:
W1x-LSTM-16x25 (16 sequences of 25 steps, without the embedding), W2-4x8.`;

async function main(args: readonly string[]): Promise<number> {
  const bench = benches[args[0] ?? ''];
  if (bench) return (await bench()).main(args.slice(1));
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      ...contestFlags,
      list: { type: 'boolean', default: false },
      'install-peers': { type: 'boolean', default: false },
    },
  });
  if (values.list) return say([...workloadNames, ...Object.keys(groups), ...Object.keys(benches)].join('\n'));
  if (values['install-peers']) return installPeers();
  if (values.help || positionals.length === 0) return say(help);
  return run(workloadsNamed(positionals), readContestFlags(values));
}

async function run(workloads: readonly Workload[], asked: Asked): Promise<number> {
  const rows = workloads.flatMap(workload => rowsOf(workload, asked.contenders ?? implementations));
  (asked.json ? console.error : console.log)(machine());
  const introductions = new Introductions();
  let failed = false;
  for await (const held of contests(rows, asked)) {
    failed ||= oursFailed(held.results);
    if (asked.json) {
      for (const line of introductions.of(held.results)) console.error(line);
      for (const line of jsonLines(held)) console.log(line);
      for (const notice of notices(held)) console.error(notice);
    } else console.log(`\n${table(held)}`);
  }
  return failed ? 1 : 0;
}

/** A workload with its contenders; where tfjs is refused, a smaller one too, for tfjs and js. */
function rowsOf(workload: Workload, names: readonly ContenderName[]): Row[] {
  const rows = [{ workload, names }];
  const smaller = smallerForTfjs(workload);
  if (smaller && names.includes('tfjs') && contenders.tfjs.refuses(workload))
    rows.push({ workload: workloadNamed(smaller), names: names.filter(name => name === 'js' || name === 'tfjs') });
  return rows;
}

function say(text: string): number {
  console.log(text);
  return 0;
}

await runCommand(main);
