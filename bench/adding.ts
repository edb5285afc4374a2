import { spawnSync } from 'node:child_process';
import { adding } from '../lib/gym/adding.ts';
import { adam, type Backend, batches, dense, lstm, meanSquaredError, sequential } from '../lib/index.ts';
import { bytesAt, type MemoryUse, memoryOf } from '../lib/program/memory.ts';
import { Random } from '../lib/random/random.ts';
import { trainerOf } from '../lib/training/train.ts';
import { openBackend, parse, positive } from './command.ts';
import { machine } from './machine.ts';

const help = `npm run bench -- adding [--json] [--steps 5000] [--batch 64] [--size 128] [--updates 3] [--backend native|js]

What it takes to train on long sequences: the adding problem (Hochreiter & Schmidhuber 1997) with an LSTM of --size units,
--updates training steps. Once with what backward needs kept, once with it computed again (recompute: true), each in a process
of its own. A row each; with --json:

  {recompute, workload, formula_mb, rss_mb, ms_per_update, loss}

  formula_mb   buffers, feeds and storage as the program's listing has them, for these sizes
  rss_mb       resident memory of the process after the last update, Node.js and the data included; the engine gives back nothing
               of what it has used                                                                    1 MB = 2²⁰ bytes
  loss         of the last training step: the same in both, bit by bit`;

interface Asked {
  readonly steps: number;
  readonly batch: number;
  readonly size: number;
  readonly updates: number;
  readonly recompute: boolean;
  readonly backend: string;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parse({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      steps: { type: 'string', default: '5000' },
      batch: { type: 'string', default: '64' },
      size: { type: 'string', default: '128' },
      updates: { type: 'string', default: '3' },
      backend: { type: 'string', default: 'native' },
      only: { type: 'string' }, // kept or recomputed: measured in this process
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const whole = (option: 'steps' | 'batch' | 'size' | 'updates') => positive(option, values[option], true);
  const [steps, batch, size, updates] = [whole('steps'), whole('batch'), whole('size'), whole('updates')];
  if (values.only) {
    const recompute = values.only === 'recomputed';
    console.log(JSON.stringify(await measure({ steps, batch, size, updates, recompute, backend: values.backend })));
    return 0;
  }
  const backend = openBackend(values.backend);
  (values.json ? console.error : console.log)(machine(backend));
  await backend.close();
  for (const only of ['kept', 'recomputed']) {
    const command = [...process.execArgv, ...process.argv.slice(1), '--only', only];
    const child = spawnSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.status !== 0) return child.status ?? 1;
    console.log(values.json ? child.stdout.trim() : describe(JSON.parse(child.stdout) as Line));
  }
  return 0;
}

type Line = Awaited<ReturnType<typeof measure>>;

async function measure({ steps, batch, size, updates, recompute, backend: name }: Asked) {
  const backend = openBackend(name);
  const trainer = trainerOf(model(size, recompute, backend), { loss: meanSquaredError(), optimizer: adam() });
  const data = adding.draw(new Array<number>(batch).fill(steps), new Random(1));
  const [all] = batches(data, { batchSize: batch });
  const losses: number[] = [];
  const begin = performance.now();
  for (let update = 0; update < updates; update++) losses.push((await trainer.step(all!)).loss);
  const ms = (performance.now() - begin) / updates;
  const { rss } = process.memoryUsage();
  await backend.close();
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  return {
    recompute,
    workload: `adding, ${batch} sequences of ${steps} steps, LSTM ${size}, ${backend.name}`,
    formula_mb: megabytes(formula(memoryOf(trainer.program), batch, steps)),
    rss_mb: megabytes(rss),
    ms_per_update: Math.round(ms),
    loss: losses.at(-1)!,
  };
}

/** All that the listing counts, in bytes. */
export function formula({ buffers, feeds, storage }: MemoryUse, batch: number, steps: number): number {
  const sizes = { batch, 'input.steps': steps, 'input.tokens': batch * steps };
  return [buffers, feeds, storage].reduce((total, bytes) => total + bytesAt(bytes, sizes), 0);
}

export function model(size: number, recompute: boolean, backend: Backend) {
  return sequential([lstm({ size, recompute }), dense({ size: 1 })], { inputSize: 2, seed: 1, backend });
}

function describe({ recompute, workload, formula_mb, rss_mb, ms_per_update, loss }: Line): string {
  const what = recompute ? 'computed again' : 'kept';
  return `${workload}, gates ${what}: ${formula_mb} MB by formula, ${rss_mb} MB resident, ${ms_per_update} ms per update, loss ${loss}`;
}
