import { parse } from './command.ts';
import { type BenchIsa, type ContenderName, contenders } from './contenders.ts';
import {
  type Asked,
  contestFlags,
  contestHelp,
  isaNamed,
  readContestFlags,
  workloadsNamed,
} from './contest-arguments.ts';
import { machine, threadCount } from './machine.ts';
import { highest, measurePeak, type Peak } from './peak.ts';
import { Introductions, jsonLines, notices, oursFailed, table } from './report.ts';
import { contests, type Held } from './schedule.ts';
import type { Workload } from './workloads.ts';

const trainedShapes = [
  '1x128x256x256',
  '16x128x256x256',
  '64x128x256x256',
  '64x64x512x512',
  '32x50x1024x1024',
  '20x35x650x650',
  '128x100x128x64',
];
const firstShapes = ['64x128x256x256', '64x64x512x512', '32x50x1024x1024'];
const inferredShapes = ['1x128x256x256', '16x128x256x256', '64x64x512x512', '128x100x128x64', '32x50x1024x1024'];
const streamedSizes = [128, 256, 512, 1024];

/** The shapes that the kernels are built for. */
export const kernelRows: readonly string[] = [
  ...['LSTM', 'GRU', 'GRUb', 'RNN'].flatMap(cell => trainedShapes.map(shape => `W4-${cell}-${shape}`)),
  ...firstShapes.map(shape => `W4F-LSTM-${shape}`),
  ...['uniform', 'lognormal'].map(lengths => `W4R-LSTM-64x128x256x256-${lengths}`),
  ...['LSTM', 'GRU'].flatMap(cell => inferredShapes.map(shape => `W5-${cell}-${shape}`)),
  ...['LSTM', 'GRU', 'RNN'].flatMap(cell => streamedSizes.map(size => `W5S-${cell}-${size}`)),
];

/** Of the peak: the least that the lower of two readings reaches on a quiet machine. */
const steady = 0.95;

const rivals: readonly ContenderName[] = [
  'native',
  'native-padded',
  'native-bfloat16',
  'native-int8',
  'onednn',
  'torch',
  'onnxruntime',
];

const help = `npm run bench -- kernels [NAME...] [options]

How near the kernels come to what the processor can do, and how they compare with other libraries' on the same shapes: the
contests of npm run bench over ${kernelRows.length} rows, or over the workloads and groups that are named (W4-LSTM-24x40x300x300).
Those who take part in a row, unless --contenders says otherwise, are ${rivals.slice(0, -1).join(', ')} and ${rivals.at(-1)}, where they can.

The peak is the best rate of fused multiply-adds, of any instruction set unless --isa names one, on as many threads. It is
measured before the first row and after the last; the higher one counts, so results are printed at the end. Until then standard
error has a line per row.

${contestHelp}
  --isa avx2         what all are kept to, and the peak is of (avx2, avx512); only native and oneDNN can be

In addition to what npm run bench prints, with --json:

  share_of_peak      operations that the step cannot do without / time / peak
  ratio              time / native's time
  agreement          largest difference of its answer from the reference's, relative to a tensor's norm or to a loss
  ragged_efficiency  W4R: time of the same sequences padded / time / (padded tokens / tokens)`;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: { ...contestFlags, isa: { type: 'string' } },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const isa = values.isa === undefined ? undefined : isaNamed(values.isa);
  return run(workloadsNamed(positionals.length > 0 ? positionals : kernelRows), { ...readContestFlags(values), isa });
}

async function run(workloads: readonly Workload[], asked: Asked): Promise<number> {
  const say = asked.json ? console.error : console.log;
  const counts = [...new Set([1, ...asked.threads])]; // some contenders always use one
  say(machine());
  const before = await measure(counts, asked.isa);
  say(`FMA peak, GF/s, before: ${describe(before)}`);

  const rows = workloads.map(workload => ({ workload, names: asked.contenders ?? rivalsAt(workload) }));
  const introductions = new Introductions();
  const all: Held[] = [];
  for await (const held of contests(rows, asked)) {
    all.push(held);
    const settings = asked.json ? introductions.of(held.results) : []; // a table has them
    for (const line of [...settings, ...notices(held), inShort(held)]) console.error(line);
  }

  const after = await measure(counts, asked.isa);
  say(`FMA peak, GF/s, after: ${describe(after)}`);
  const peaks = new Map(counts.map(threads => [threads, highest(before.get(threads)!, after.get(threads)!)]));
  for (const [threads, peak] of peaks)
    if (Math.min(highest(before.get(threads)!), highest(after.get(threads)!)) < steady * peak)
      console.error(`bench: the peak of ${threadCount(threads)} did not stay: something else used the processor`);
  for (const held of all)
    if (asked.json) for (const line of jsonLines(held, peaks)) console.log(line);
    else console.log(`\n${table(held, peaks)}`);
  return all.some(({ results }) => oursFailed(results)) ? 1 : 0;
}

/** Who can take part; oneDNN's gru, for example, stands alone where the reset comes first. */
function rivalsAt(workload: Workload): ContenderName[] {
  return rivals.filter(name => contenders[name].refuses(workload) === undefined);
}

async function measure(counts: readonly number[], isa: BenchIsa | undefined): Promise<Map<number, Peak>> {
  const peaks = new Map<number, Peak>();
  for (const threads of counts) peaks.set(threads, await measurePeak(threads, isa));
  return peaks;
}

function describe(peaks: ReadonlyMap<number, Peak>): string {
  return [...peaks]
    .map(([threads, peak]) => {
      const rates = Object.entries(peak).map(([isa, rate]) => `${isa} ${rate}`);
      return `${threadCount(threads)} ${rates.join(', ')}`;
    })
    .join(' · ');
}

/** A row as soon as it is measured. */
function inShort({ workload, threads, results }: Held): string {
  const times = results.flatMap(({ contender, outcome }) =>
    outcome.kind === 'timed' ? [`${contender} ${outcome.msMedian.toPrecision(4)}`] : [],
  );
  return `${workload.name}, ${threadCount(threads)}, ms: ${times.join(', ')}`;
}
