import { readFileSync, writeFileSync } from 'node:fs';
import { type Backend, batches, dataset, meanSquaredError, sequential, sgd } from '../lib/index.ts';
import { trainerOf } from '../lib/training/train.ts';
import { type OptionRow, optionRows, plain } from './cell-options/rows.ts';
import { openBackend, parse, positive } from './command.ts';
import { median } from './contest.ts';
import { reals } from './generate.ts';
import { machine } from './machine.ts';

const help = `npm run bench -- cell-options [--json] [--batch 16] [--steps 64] [--size 256] [--seconds 0.6] [--only TEXT] [--write]

What each option of a recurrent layer costs: whole training steps of a layer with it and of the plain one, in turns, in one
process. The cost is the median of the ratios of neighbours.

  --only TEXT   options that contain the text
  --write       puts the table into docs/cells.md

With --json a row each: {cell, option, ms_plain, ms, cost}.`;

const file = new URL('../docs/cells.md', import.meta.url);
const begin = '<!-- npm run bench -- cell-options --write -->';
const end = '<!-- end -->';

interface Asked {
  readonly batch: number;
  readonly steps: number;
  readonly size: number;
  readonly seconds: number;
}

interface Measured {
  readonly cell: string;
  readonly option: string;
  readonly ms_plain: number;
  readonly ms: number;
  readonly cost: number;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parse({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      batch: { type: 'string', default: '16' },
      steps: { type: 'string', default: '64' },
      size: { type: 'string', default: '256' },
      seconds: { type: 'string', default: '0.6' },
      only: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const whole = (option: 'batch' | 'steps' | 'size') => positive(option, values[option], true);
  const asked: Asked = {
    batch: whole('batch'),
    steps: whole('steps'),
    size: whole('size'),
    seconds: positive('seconds', values.seconds),
  };
  const backend = openBackend('native');
  const heading = machine(backend);
  (values.json ? console.error : console.log)(heading);
  const measured: Measured[] = [];
  for (const row of optionRows.filter(({ option }) => option.includes(values.only))) {
    const result = await measure(row, asked, backend);
    measured.push(result);
    console.log(values.json ? JSON.stringify(result) : describe(result));
  }
  await backend.close();
  if (values.write)
    writeTable(
      measured,
      `${heading}; ${asked.batch} sequences of ${asked.steps} steps, ${asked.size} features and units`,
    );
  return 0;
}

async function measure(row: OptionRow, { batch, steps, size, seconds }: Asked, backend: Backend): Promise<Measured> {
  const sequences = Array.from({ length: batch }, (_, index) => reals(`x ${index}`, steps * size, 1));
  const stepper = (layer: ReturnType<OptionRow['layer']>) => {
    const model = sequential([layer], { inputSize: size, backend });
    const targets = reals('targets', batch * model.output.size, 1);
    const data = dataset({ sequences, size, targets: rowsOf(targets, model.output.size) });
    const [all] = batches(data, { batchSize: batch });
    const trainer = trainerOf(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 1e-4 }) });
    return async () => {
      const start = performance.now();
      await trainer.step(all!);
      return performance.now() - start;
    };
  };
  const [without, withOption] = [stepper(plain[row.cell](size)), stepper(row.layer(size))];
  for (let warm = 0; warm < 3; warm++) await Promise.all([without(), withOption()]);
  const pairs: [number, number][] = [];
  for (const stop = performance.now() + 1000 * seconds; performance.now() < stop || pairs.length < 5; )
    pairs.push([await without(), await withOption()]);
  const cost = median(pairs.map(([a, b]) => b / a));
  const [ms_plain, ms] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
  return { cell: row.cell, option: row.option, ms_plain, ms, cost };
}

function rowsOf(values: Float32Array, size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, row) => [...values.subarray(row * size, (row + 1) * size)]);
}

function describe({ cell, option, ms_plain, ms, cost }: Measured): string {
  return `${cell.padEnd(5)}${option.padEnd(40)}${ms_plain.toFixed(2).padStart(9)} ms ${ms.toFixed(2).padStart(9)} ms ${cost.toFixed(2).padStart(7)}`;
}

/** The part of docs/cells.md that has a row for every option, with these costs. */
export function optionTable(costs: (row: OptionRow) => string): string {
  const cells = (row: OptionRow) => [
    `\`${row.cell}\``,
    `\`${row.option}\``,
    row.equation,
    row.source,
    row.elsewhere,
    costs(row),
  ];
  return [
    '| cell | option | equation | source | elsewhere | cost |',
    '| --- | --- | --- | --- | --- | --- |',
    ...optionRows.map(row => `| ${cells(row).join(' | ')} |`),
  ].join('\n');
}

/** What stands between the marks in docs/cells.md. */
export function writtenTable(): string {
  const text = readFileSync(file, 'utf8');
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end)).trim();
}

function writeTable(measured: readonly Measured[], heading: string): void {
  const cost = ({ cell, option }: OptionRow) =>
    measured.find(each => each.cell === cell && each.option === option)?.cost.toFixed(2) ?? '';
  const text = readFileSync(file, 'utf8');
  const [head, tail] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
  writeFileSync(file, `${head}${begin}\n\n${optionTable(cost)}\n\n${heading}.\n\n${tail}`);
}
