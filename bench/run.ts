import { tolerance } from './agreement.ts';
import { parse, positive, runCommand, UsageError } from './command.ts';
import { type ContenderName, contenderNames, contenders, smallerForTfjs } from './contenders.ts';
import { contest } from './contest.ts';
import { machine } from './machine.ts';
import { installPeers } from './peers.ts';
import { jsonLines, notices, oursFailed, table } from './report.ts';
import { groups, type Workload, workload, workloadNames } from './workloads.ts';

/** Benches of another kind than a step of work; each has a `--help` of its own. */
const benches: Readonly<Record<string, () => Promise<{ main(args: readonly string[]): Promise<number> }>>> = {
  'event-loop': () => import('./event-loop.ts'),
  memory: () => import('./memory.ts'),
};

const help = `npm run bench -- NAME... [options]

Times recurra against other implementations of the same step of work, each in a process of its own, in turns.
Before anything is timed, all start from the same weights and data and must agree: losses to ${tolerance.loss} of their
value, gradients or outputs to ${tolerance.tensor} of their norm. Who does not agree is reported and not timed.

NAME is a workload (W1-LSTM, W2, W4-LSTM-16x128x256x256, … ; --list has all), a group (${Object.keys(groups).join(', ')})
or a bench of another kind (${Object.keys(benches).join(', ')}; ask each for --help).

  --json             one line of JSON per contender instead of tables; notices go to stderr
  --threads 1,2      numbers of threads to measure, one after the other (default 1,2)
  --contenders a,b   a choice of ${contenderNames.join(', ')} (default: all)
  --rounds 5         turns of each contender
  --seconds 1        length of a turn
  --limit 120        seconds a contender may take to answer, and for its turns together, before it is left out
  --list             names of workloads, groups and benches
  --install-peers    installs TensorFlow.js and ONNX Runtime for comparison into bench/peers; bench/README.md has the rest

TensorFlow.js cannot train W1 and W2 at full size in reasonable time. It is measured beside js in a smaller version:
W1x-LSTM-16x25 (16 sequences of 25 steps, without the embedding), W2-4x8.`;

interface Options {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly threads: readonly number[];
  readonly contenders: readonly ContenderName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly limit: number;
}

async function main(args: readonly string[]): Promise<number> {
  const bench = benches[args[0] ?? ''];
  if (bench) return (await bench()).main(args.slice(1));
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      threads: { type: 'string', default: '1,2' },
      contenders: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      limit: { type: 'string', default: '120' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      'install-peers': { type: 'boolean', default: false },
    },
  });
  if (values.list) return say([...workloadNames, ...Object.keys(groups), ...Object.keys(benches)].join('\n'));
  if (values['install-peers']) return installPeers();
  if (values.help || positionals.length === 0) return say(help);
  return run({
    names: positionals.flatMap(name => groups[name] ?? [name]),
    json: values.json,
    threads: values.threads.split(',').map(text => positive('threads', text, true)),
    contenders: values.contenders?.split(',').map(contenderNamed) ?? contenderNames,
    rounds: positive('rounds', values.rounds, true),
    seconds: positive('seconds', values.seconds),
    limit: positive('limit', values.limit),
  });
}

async function run(options: Options): Promise<number> {
  const progress = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  };
  const contests = options.names.map(find).flatMap(workload => contestsOf(workload, options.contenders));
  (options.json ? console.error : console.log)(machine());
  const introduced = new Set<string>();
  let failed = false;
  for (const [index, threads] of options.threads.entries())
    for (const { workload, names } of contests) {
      // Contenders that always use one thread have had their turn with the first number of threads.
      const taking = index === 0 ? names : names.filter(name => contenders[name].threaded);
      if (taking.length === 0) continue;
      const results = await contest(workload, threads, taking, options, progress);
      progress('');
      failed ||= oursFailed(results);
      if (options.json) {
        for (const { contender, settings } of results) {
          if (settings && !introduced.has(contender)) console.error(`${contender}: ${settings}`);
          if (settings) introduced.add(contender);
        }
        for (const line of jsonLines(workload, results)) console.log(line);
        for (const notice of notices(workload, results)) console.error(notice);
      } else console.log(`\n${table(workload, threads, results)}`);
    }
  return failed ? 1 : 0;
}

/** A workload with its contenders; where tfjs is refused, a smaller one too, for tfjs and js. */
function contestsOf(workload: Workload, names: readonly ContenderName[]) {
  const contests = [{ workload, names }];
  const smaller = smallerForTfjs(workload);
  if (smaller && names.includes('tfjs') && contenders.tfjs.refuses(workload))
    contests.push({ workload: find(smaller), names: names.filter(name => name === 'js' || name === 'tfjs') });
  return contests;
}

function find(name: string): Workload {
  const found = workload(name);
  if (!found) throw new UsageError(`there is no workload, group or bench ${name}; npm run bench -- --list names them`);
  return found;
}

function contenderNamed(name: string): ContenderName {
  const found = contenderNames.find(known => known === name);
  if (!found) throw new UsageError(`--contenders: there is no ${name}; there are ${contenderNames.join(', ')}`);
  return found;
}

function say(text: string): number {
  console.log(text);
  return 0;
}

await runCommand(main);
