import { writeFileSync } from 'node:fs';
import { type Backend, native } from '../lib/index.ts';
import { chartsSideBySide } from '../lib/plots/line-chart.ts';
import { parse, positive } from './command.ts';
import { recurra } from './contenders/recurra.ts';
import { median } from './contest.ts';
import { machine } from './machine.ts';
import { operationsOf, tokensOf, workload } from './workloads.ts';

interface Axis {
  readonly name: string;
  readonly values: readonly number[];
  /** batch × steps × inputs × units */
  shape(value: number): string;
  readonly fixed: string;
}

const powers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => 2 ** (from + index));

const axes: readonly Axis[] = [
  { name: 'steps', values: powers(4, 12), shape: T => `16x${T}x128x128`, fixed: '16 sequences, 128 units' },
  { name: 'batch', values: powers(0, 9), shape: B => `${B}x64x128x128`, fixed: '64 steps, 128 units' },
  { name: 'units', values: powers(5, 11), shape: H => `16x32x${H}x${H}`, fixed: '16 sequences of 32 steps' },
];

const help = `npm run bench -- scale [--json] [--threads 1] [--seconds 0.5] [--svg FILE]

How the cost of an LSTM layer, forward and backward, grows with the number of steps (${span(0)}), of sequences (${span(1)}) and of
units (${span(2)}). Cost is linear in the operations where the rate stays the same: with the steps at once, with the sequences
once they fill a tile of rows, with the units' square until their weights leave the cache.

  --threads 1     one thread shows the cost without that of reaching another core
  --seconds 0.5   per shape
  --svg FILE      the rates as a picture

A row per shape; with --json {axis, value, workload, threads, ms_median, tokens_per_s, gflops}.`;

interface Point {
  readonly axis: string;
  readonly value: number;
  readonly workload: string;
  readonly threads: number;
  readonly ms_median: number;
  readonly tokens_per_s: number;
  readonly gflops: number;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parse({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      threads: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '0.5' },
      svg: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const seconds = positive('seconds', values.seconds);
  const backend = native({ threads: positive('threads', values.threads, true) });
  (values.json ? console.error : console.log)(machine(backend));
  const points: Point[] = [];
  for (const axis of axes)
    for (const value of axis.values) {
      const point = await measure(backend, axis, value, seconds);
      console.log(values.json ? JSON.stringify(point) : describe(point));
      points.push(point);
    }
  if (values.svg !== undefined) writeFileSync(values.svg, picture(points));
  await backend.close();
  return 0;
}

/** Times the step of an axis at one value. */
async function measure(backend: Backend, axis: Axis, value: number, seconds: number): Promise<Point> {
  const shape = workload(`W4-LSTM-${axis.shape(value)}`)!;
  const { step } = recurra(shape, backend);
  await step();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  do {
    const begin = performance.now();
    await step();
    times.push(performance.now() - begin);
  } while (performance.now() < end);
  const ms = median(times);
  return {
    axis: axis.name,
    value,
    workload: shape.name,
    threads: backend.threads,
    ms_median: Number(ms.toPrecision(4)),
    tokens_per_s: Math.round((tokensOf(shape) * 1000) / ms),
    gflops: Number((operationsOf(shape) / (ms * 1e6)).toPrecision(4)),
  };
}

/** Rates over the three axes, their values as powers of two. */
function picture(points: readonly Point[]): string {
  return chartsSideBySide(
    axes.map(({ name, fixed }) => {
      const own = points.filter(({ axis }) => axis === name);
      return {
        title: `${name} (${fixed})`,
        xLabel: `${name}, as a power of 2`,
        yLabel: 'GF/s',
        fromZero: true,
        series: [
          {
            name: 'LSTM, forward and backward',
            x: own.map(({ value }) => Math.log2(value)),
            y: own.map(p => p.gflops),
          },
        ],
      };
    }),
  );
}

function describe({ axis, value, ms_median, tokens_per_s, gflops }: Point): string {
  const columns = [
    `${ms_median.toPrecision(4)} ms`,
    `${tokens_per_s.toLocaleString('en')} tokens/s`,
    `${gflops.toFixed(0)} GF/s`,
  ];
  return `${axis} ${String(value).padStart(4)}${columns.map(text => text.padStart(22)).join('')}`;
}

function span(axis: number): string {
  const { values } = axes[axis]!;
  return `${values[0]} to ${values.at(-1)}`;
}
