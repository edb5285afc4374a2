import { writeFileSync } from 'node:fs';
import type { Limits } from '../lib/backend/backend.ts';
import { type Backend, native } from '../lib/index.ts';
import { higher } from '../lib/profile/limits.ts';
import { breakdown, type Profile, type Profiled, profile } from '../lib/profile/profile.ts';
import { profileChart, profileRecords, profileRows } from '../lib/profile/report.ts';
import { Trainer } from '../lib/training/trainer.ts';
import { aligned } from './aligned.ts';
import { parse, positive, UsageError } from './command.ts';
import { layerEntry } from './contenders/recurra-layer.ts';
import { only, trainingTask } from './contenders/recurra-training.ts';
import { workloadsNamed } from './contest-arguments.ts';
import { machine, threadCount } from './machine.ts';
import type { Workload } from './workloads.ts';

const help = `npm run bench -- profile [NAME...] [options]

Where the time of a training step goes, operation by operation, on native. NAME is a workload that trains (W1, W1x, W2, W3, W6)
or one layer forward and backward (W4, W4F, W4R), or a group of them; default W1-LSTM. Every step has the same batch.

An operation goes by its number in the listing of the training program and the shape of its first output. Those that do
matrix products are set against the FMA peak, by the operations that they cannot do without; the others against the memory
bandwidth, by the bytes that they read, once, and write. More than 100 % of the bandwidth: it came from a cache. The last
row is what a step takes beside its operations: JavaScript, packing feeds, the queue. Both limits are measured before and after
the workloads, and the higher readings count, so results are printed at the end; until then standard error has a line per workload.

  --json             one line of JSON per operation instead of tables
  --threads 1,2      numbers of threads to measure, one after the other (default 1,2)
  --seconds 3        how long to run steps
  --svg FILE         also writes the same as a picture

With --json: {workload, threads, step, op, shape, ms, share} of the step's wall time and {gflops, share_of_peak} or
{gbs, share_of_bandwidth}; the last line of a workload has the op "outside" and neither step nor shape.`;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      threads: { type: 'string', default: '1,2' },
      seconds: { type: 'string', default: '3' },
      svg: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const counts = values.threads.split(',').map(text => positive('threads', text, true));
  const seconds = positive('seconds', values.seconds);
  const workloads = workloadsNamed(positionals.length > 0 ? positionals : ['W1-LSTM']);
  for (const workload of workloads) refuse(workload);

  const say = values.json ? console.error : console.log;
  say(machine());
  const before = await measureLimits(counts);
  const profiles: { title: string; workload: string; threads: number; profile: Profile }[] = [];
  for (const workload of workloads)
    for (const threads of counts) {
      const measured = await measure(workload, threads, seconds);
      const step = `${(measured.totalMs / measured.runs).toPrecision(4)} ms a step (mean of ${measured.runs})`;
      const title = `${workload.name}, ${threadCount(threads)}: ${step}`;
      profiles.push({ title, workload: workload.name, threads, profile: measured });
      console.error(title);
    }
  const after = await measureLimits(counts);
  const limits = new Map(counts.map(threads => [threads, higher(before.get(threads)!, after.get(threads)!)]));
  for (const [threads, { peak, bandwidth }] of limits)
    say(`${threadCount(threads)}: FMA peak ${peak.toFixed(1)} GF/s, memory bandwidth ${bandwidth.toFixed(1)} GB/s`);

  const panels = profiles.map(({ title, workload, threads, profile }) => {
    const parts = breakdown(profile, limits.get(threads));
    if (values.json)
      for (const record of profileRecords(parts)) console.log(JSON.stringify({ workload, threads, ...record }));
    else console.log(`\n${[title, ...aligned(profileRows(parts), [0]).map(line => `  ${line}`)].join('\n')}`);
    return { title, breakdown: parts };
  });
  if (values.svg) writeFileSync(values.svg, profileChart(...panels));
  return 0;
}

/** @throws UsageError for workloads without a backward half */
function refuse({ name, task }: Workload): void {
  if (task === 'inference' || task === 'stream')
    throw new UsageError(`profile: ${name} does not train; expected one of W1, W1x, W2, W3, W4, W4F, W4R and W6`);
}

/** By number of threads. @throws ERR_BACKEND where there is no native build */
async function measureLimits(counts: readonly number[]): Promise<Map<number, Limits>> {
  const limits = new Map<number, Limits>();
  for (const threads of counts) {
    const backend = native({ threads });
    limits.set(threads, await backend.limits!());
    await backend.close();
  }
  return limits;
}

async function measure(workload: Workload, threads: number, seconds: number): Promise<Profile> {
  const backend = native({ threads });
  try {
    return await profile(workload.task === 'layer' ? layer(workload, backend) : training(workload, backend), {
      seconds,
    });
  } finally {
    await backend.close();
  }
}

function training(workload: Workload, backend: Backend): Profiled {
  const { model, loss, optimizer, data } = trainingTask(workload, backend);
  const batch = only(data, workload);
  const trainer = new Trainer(model, { loss, optimizer });
  return {
    program: trainer.program,
    feeds: trainer.feeds(batch),
    run: () => trainer.step(batch),
    times: () => trainer.times(),
  };
}

function layer(workload: Workload, backend: Backend): Profiled {
  const { executable, feeds, step } = layerEntry(workload, backend);
  return { program: executable.program, feeds, run: step, times: () => executable.times() };
}
