import { writeFileSync } from 'node:fs';
import { lineChart } from '../../lib/plots/line-chart.ts';
import { openBackend, parse, positive, runCommand, UsageError } from '../command.ts';
import { machine } from '../machine.ts';
import {
  type Cell,
  cells,
  majority,
  type Numbers,
  naiveBayes,
  numberKinds,
  published,
  type Run,
  readImdb,
  reproduce,
} from './imdb.ts';

const help = `npm run reproduce -- imdb --data DIR [--seeds 3] [--backend native|js] [--cell rnn|lstm] [--ragged]
       [--numbers float32,bfloat16] [--plot FILE.svg] [--json]

Trains the two models of a textbook's comparison on the IMDB reviews and prints test loss and accuracy beside the published
figures: embedding 2500→128, simple RNN or LSTM of 64 units with dropout 0.2 on inputs and state, one logit; Adam, batches
of 128, 5 epochs, a fifth of the training rows for validation. Beside the accuracy stand those of the same model with its
recurrent products rounded to bfloat16 and to int8.

DIR holds train.jsonl.gz and test.jsonl.gz, lines of {"text", "label"} with label 0 or 1, and keras_word_index.json.gz.

  --seeds 3    runs with the seeds 1, 2, 3
  --cell       only one of the two
  --ragged     reviews of fewer than 100 ids as they are; default: zeros in front, read like any other id, as in Keras
  --numbers    what recurrent products are made of in training, one after the other; default: float32
  --plot       draws the losses of every epoch, means over the seeds; of one cell
  --json       a line of JSON per run, and one per cell with {summary: true}`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      seeds: { type: 'string', default: '3' },
      backend: { type: 'string', default: 'native' },
      cell: { type: 'string' },
      ragged: { type: 'boolean', default: false },
      numbers: { type: 'string', default: 'float32' },
      plot: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    console.log(help);
    return 0;
  }
  if (positionals.length > 1 || positionals[0] !== 'imdb')
    throw new UsageError(`there is no ${positionals.join(' ')} to reproduce; there is imdb`);
  if (values.data === undefined) throw new UsageError('say where the reviews are with --data DIR');
  const chosen = cells.filter(cell => values.cell === undefined || cell === values.cell);
  if (chosen.length === 0) throw new UsageError(`--cell: expected ${cells.join(' or ')}, got ${values.cell}`);
  const kinds = values.numbers.split(',').map(name => {
    const kind = numberKinds.find(kind => kind === name);
    if (!kind) throw new UsageError(`--numbers: expected ${numberKinds.join(' or ')}, got ${name}`);
    return kind;
  });
  if (values.plot !== undefined && chosen.length > 1) throw new UsageError('--plot: say of which cell, with --cell');
  const seeds = positive('seeds', values.seeds, true);
  const backend = openBackend(values.backend);
  const notice = values.json ? console.error : console.log;
  notice(machine(backend));

  const reviews = await readImdb(values.data, { ragged: values.ragged });
  const { train, test } = reviews;
  notice(
    `${train.ids.length} training and ${test.ids.length} test reviews · test accuracy of one label for all ` +
      `${majority(test).toFixed(4)}, of naive Bayes ${naiveBayes(train, test).toFixed(4)}\n`,
  );
  if (!values.json)
    console.log(
      row(
        '',
        'numbers',
        'seed',
        'test loss',
        'accuracy',
        'bfloat16',
        'int8',
        'val loss',
        'accuracy',
        'seconds',
        'tokens/s',
      ),
    );
  const all: Run[] = [];
  for (const cell of chosen)
    for (const numbers of kinds) {
      const runs: Run[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        runs.push(await reproduce(cell, seed, reviews, { backend, numbers }));
        console.log(values.json ? jsonRun(runs.at(-1)!) : tableRun(runs.at(-1)!));
      }
      const means = Object.fromEntries(averaged.map(key => [key, mean(runs, key)])) as Mean;
      console.log(values.json ? jsonSummary(cell, numbers, means) : tableSummary(cell, numbers, means));
      all.push(...runs);
    }
  if (values.plot !== undefined) writeFileSync(values.plot, lossChart(all));
  await backend.close();
  return 0;
}

const averaged = ['loss', 'accuracy', 'bfloat16Accuracy', 'int8Accuracy', 'seconds'] as const;
type Mean = Pick<Run, (typeof averaged)[number]>;

function mean(runs: readonly Run[], key: keyof Mean): number {
  return runs.reduce((sum, run) => sum + run[key], 0) / runs.length;
}

function jsonRun({ cell, numbers, seed, valLoss, valAccuracy, tokensPerSecond, ...means }: Run): string {
  return JSON.stringify({
    cell,
    numbers,
    seed,
    ...jsonMean(means),
    val_loss: valLoss,
    val_accuracy: valAccuracy,
    tokens_per_s: Math.round(tokensPerSecond),
  });
}

function jsonSummary(cell: Cell, numbers: Numbers, means: Mean): string {
  const { loss: published_loss, accuracy: published_accuracy } = published[cell];
  return JSON.stringify({ summary: true, cell, numbers, ...jsonMean(means), published_loss, published_accuracy });
}

function jsonMean({ loss, accuracy, bfloat16Accuracy, int8Accuracy, seconds }: Mean) {
  return { loss, accuracy, bfloat16_accuracy: bfloat16Accuracy, int8_accuracy: int8Accuracy, seconds };
}

function tableRun(run: Run): string {
  const { cell, seed, loss, accuracy, bfloat16Accuracy, int8Accuracy, valLoss, valAccuracy, seconds, tokensPerSecond } =
    run;
  const figures = [loss, accuracy, bfloat16Accuracy, int8Accuracy, valLoss, valAccuracy].map(n => n.toFixed(4));
  return row(
    cell,
    run.numbers,
    String(seed),
    ...figures,
    seconds.toFixed(1),
    Math.round(tokensPerSecond).toLocaleString('en'),
  );
}

function tableSummary(
  cell: Cell,
  numbers: Numbers,
  { loss, accuracy, bfloat16Accuracy, int8Accuracy, seconds }: Mean,
): string {
  const text = published[cell];
  return [
    row(
      cell,
      numbers,
      'mean',
      ...[loss, accuracy, bfloat16Accuracy, int8Accuracy].map(value => value.toFixed(4)),
      '',
      '',
      seconds.toFixed(1),
    ),
    `${row(cell, '', 'text', text.loss.toFixed(4), text.accuracy.toFixed(4))}\n`,
  ].join('\n');
}

/** Means over the seeds: training solid, validation dashed. */
function lossChart(runs: readonly Run[]): string {
  const series = numberKinds.flatMap(kind => {
    const own = runs.filter(({ numbers }) => numbers === kind);
    if (own.length === 0) return [];
    const x = own[0]!.epochs.map(({ epoch }) => epoch);
    const curve = (name: string, of: 'loss' | 'valLoss') => ({
      ...{ name: `${kind}, ${name}`, x, dashed: of === 'valLoss' },
      y: x.map((_, at) => own.reduce((sum, { epochs }) => sum + epochs[at]![of]! / own.length, 0)),
    });
    return [curve('training', 'loss'), curve('validation', 'valLoss')];
  });
  return lineChart({ title: 'IMDB', xLabel: 'epoch', yLabel: 'loss', series });
}

function row(first: string, ...cellsOfRow: readonly string[]): string {
  return (first.padEnd(5) + cellsOfRow.map(cell => cell.padStart(10)).join('')).trimEnd();
}

await runCommand(main);
