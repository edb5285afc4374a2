import { writeFileSync } from 'node:fs';
import type { Executable, Feeds } from '../lib/backend/backend.ts';
import { type Backend, native, train } from '../lib/index.ts';
import { bindInput, bindTargets } from '../lib/training/feeds.ts';
import { trainerOf } from '../lib/training/train.ts';
import { parse, positive, UsageError } from './command.ts';
import { layerEntry } from './contenders/recurra-layer.ts';
import { forever, only, trainingTask } from './contenders/recurra-training.ts';
import { workloadsNamed } from './contest-arguments.ts';
import { machine, threadCount } from './machine.ts';
import { highest, measureBandwidth, measurePeak } from './peak.ts';
import { type Limits, type Profile, profileChart, profileLines, profileTable } from './profile-report.ts';
import { Absent } from './serve.ts';
import type { Workload } from './workloads.ts';

const help = `npm run bench -- profile [NAME...] [options]

Where the time of a training step goes, operation by operation, on native. NAME is a workload that trains (W1, W1x, W2, W3, W6)
or one layer forward and backward (W4, W4F, W4R), or a group of them; default W1-LSTM. Every step has the same batch.

An operation goes by its number in the listing of the training program and the shape of its first output. Those that do
matrix products are set against the FMA peak, by the operations that they cannot do without; the others against the memory
bandwidth, by the bytes of their buffers, each counted once. More than 100 % of the bandwidth: it came from a cache. The last
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
  const before = measureLimits(counts);
  const profiles: Profile[] = [];
  for (const workload of workloads)
    for (const threads of counts) {
      const profile = await measure(workload, threads, seconds);
      profiles.push(profile);
      console.error(`${workload.name}, ${threadCount(threads)}: ${(profile.wallMs / profile.runs).toPrecision(4)} ms`);
    }
  const limits = higher(before, measureLimits(counts));
  for (const [threads, { peak, bandwidth }] of limits)
    say(`${threadCount(threads)}: FMA peak ${peak} GF/s, memory bandwidth ${bandwidth} GB/s`);

  const limitsOf = ({ threads }: Profile) => limits.get(threads)!;
  for (const profile of profiles)
    if (values.json) for (const line of profileLines(profile, limitsOf(profile))) console.log(line);
    else console.log(`\n${profileTable(profile, limitsOf(profile))}`);
  if (values.svg) writeFileSync(values.svg, profileChart(profiles, limitsOf));
  return 0;
}

/** @throws UsageError for workloads without a backward half */
function refuse({ name, task }: Workload): void {
  if (task === 'inference' || task === 'stream')
    throw new UsageError(`profile: ${name} does not train; expected one of W1, W1x, W2, W3, W4, W4F, W4R and W6`);
}

/** By number of threads. */
function measureLimits(counts: readonly number[]): Map<number, Limits> {
  const read = (threads: number) => ({ peak: highest(measurePeak(threads)), bandwidth: measureBandwidth(threads) });
  try {
    return new Map(counts.map(threads => [threads, read(threads)]));
  } catch (error) {
    if (error instanceof Absent) throw new UsageError(`the machine's limits cannot be measured: ${error.message}`);
    throw error;
  }
}

/** What else used the processor made the lower reading low. */
function higher(before: ReadonlyMap<number, Limits>, after: ReadonlyMap<number, Limits>): Map<number, Limits> {
  return new Map(
    [...before].map(([threads, { peak, bandwidth }]) => {
      const second = after.get(threads)!;
      return [threads, { peak: Math.max(peak, second.peak), bandwidth: Math.max(bandwidth, second.bandwidth) }];
    }),
  );
}

const warmUpSteps = 3;

async function measure(workload: Workload, threads: number, seconds: number): Promise<Profile> {
  const backend = native({ threads });
  try {
    const { program, feeds, step, times } =
      workload.task === 'layer' ? layer(workload, backend) : training(workload, backend);
    for (let count = 0; count < warmUpSteps; count++) await step();
    times();
    const start = performance.now();
    let runs = 0;
    let wallMs: number;
    do {
      await step();
      runs++;
      wallMs = performance.now() - start;
    } while (wallMs < seconds * 1000);
    return { workload: workload.name, threads, program, feeds, runs, wallMs, seconds: times() };
  } finally {
    await backend.close();
  }
}

interface Profiled {
  readonly program: Executable['program'];
  /** What tells of the sizes of every run. */
  readonly feeds: Feeds;
  step(): Promise<unknown>;
  times(): Float64Array;
}

function training(workload: Workload, backend: Backend): Profiled {
  const { model, loss, optimizer, data } = trainingTask(workload, backend);
  const batch = only(data, workload);
  const steps = train(model, forever(batch), { loss, optimizer });
  const trainer = trainerOf(model, { loss, optimizer });
  const { sizes, values } = bindInput(batch, model.input, backend.precision);
  return {
    program: trainer.program,
    feeds: { sizes, values: { ...values, ...bindTargets(batch, loss, model.output, backend.precision) } },
    step: () => steps.next(),
    times: () => trainer.times(),
  };
}

function layer(workload: Workload, backend: Backend): Profiled {
  const { executable, feeds, step } = layerEntry(workload, backend);
  return { program: executable.program, feeds, step, times: () => executable.times() };
}
