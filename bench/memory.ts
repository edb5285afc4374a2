import { spawnSync } from 'node:child_process';
import { adam, batches, binaryCrossEntropy, dataset, dense, embedding, lstm, sequential, train } from '../lib/index.ts';
import { openBackend, parse, positive } from './command.ts';
import { integers } from './generate.ts';
import { machine } from './machine.ts';

const settled = 200;
const youngGeneration = '--min-semi-space-size=16';

const help = `npm run bench -- memory [--json] [--backend native|js] [--steps 2000]

Whether training holds on to memory: W1-LSTM on reviews whose lengths are uniform in 1…100, another order of rows in every
epoch, so that the sizes of a step change all the time. Resident memory (RSS) of the process after step ${settled} and after the
last one, as the operating system counts it, and how much of the growth is the heap that Node's V8 reserves. V8's young
generation has its final size from the beginning (${youngGeneration}): left alone it doubles once, by 16 MB, when it pleases, and
that would hide what is held on to. With --json, one line:

  {backend, workload, steps, rss_${settled}_mb, rss_mb, growth_mb, v8_growth_mb}           1 MB = 2²⁰ bytes`;

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parse({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      backend: { type: 'string', default: 'native' },
      steps: { type: 'string', default: '2000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (!process.execArgv.includes(youngGeneration)) {
    const again = [youngGeneration, ...process.execArgv, ...process.argv.slice(1)];
    return spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 1;
  }
  const steps = Math.max(settled + 1, positive('steps', values.steps, true));
  const backend = openBackend(values.backend);
  (values.json ? console.error : console.log)(machine(backend));
  const [{ rss: first, heapTotal: firstHeap }, { rss: last, heapTotal: lastHeap }] = await memoryAt(backend, steps);
  const megabytes = (bytes: number) => Number((bytes / 2 ** 20).toFixed(2));
  const line = {
    backend: backend.name,
    workload: 'W1-LSTM, lengths 1…100',
    steps,
    [`rss_${settled}_mb`]: megabytes(first),
    rss_mb: megabytes(last),
    growth_mb: megabytes(last - first),
    v8_growth_mb: megabytes(lastHeap - firstHeap),
  };
  console.log(
    values.json
      ? JSON.stringify(line)
      : `${line.workload} on ${backend.name}: ${megabytes(first)} MB after step ${settled}, ${line.rss_mb} MB after step ${steps}; grown by ${line.growth_mb} MB, of which V8's heap ${line.v8_growth_mb} MB`,
  );
  await backend.close();
  return 0;
}

/** After step 200 and after the last step. */
async function memoryAt(
  backend: ReturnType<typeof openBackend>,
  steps: number,
): Promise<[NodeJS.MemoryUsage, NodeJS.MemoryUsage]> {
  const rows = 12_800;
  const ids = integers('lengths', rows, 100).reduce<Int32Array[]>((list, length, row) => {
    list.push(integers(`ids ${row}`, length + 1, 2500));
    return list;
  }, []);
  const data = dataset({ ids, classes: integers('targets', rows, 2) });
  const model = sequential([embedding({ vocabulary: 2500, size: 128 }), lstm({ size: 64 }), dense({ size: 1 })], {
    backend,
  });
  let first = process.memoryUsage();
  for await (const { step } of train(model, epochs(data), { loss: binaryCrossEntropy(), optimizer: adam() })) {
    if (step === settled) first = process.memoryUsage();
    if (step === steps) break;
  }
  return [first, process.memoryUsage()];
}

function* epochs(data: ReturnType<typeof dataset>) {
  for (let epoch = 1; ; epoch++) yield* batches(data, { batchSize: 128, shuffle: { seed: 1, epoch } });
}
