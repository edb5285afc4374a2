import { Command } from 'commander';
import type { Backend, NumberArray } from '../../backend/backend.ts';
import type { Dataset } from '../../data/dataset.ts';
import { readTextRows } from '../../data/readers/index.ts';
import { encodeRows } from '../../data/text-classification.ts';
import { failure } from '../../errors.ts';
import { Confusion } from '../../metrics/confusion.ts';
import { load } from '../../models/load.ts';
import type { InferenceOptions, Model } from '../../models/model.ts';
import type { Quantization } from '../../program/recording.ts';
import { addBackendFlags, type BackendFlags, withBackend } from '../backend.ts';
import { counted, whole } from '../numbers.ts';
import { jsonFlag, quantizeFlag } from '../options.ts';
import { print } from '../output.ts';
import { table } from '../table.ts';

const rowsAtOnce = 1024;

interface EvaluateFlags extends BackendFlags {
  readonly data: string;
  readonly text: string;
  readonly label: string;
  readonly quantize?: Quantization;
  readonly json?: true;
}

interface Report {
  /** Mean over the rows. */
  readonly loss: number;
  readonly accuracy: number;
  readonly classes: readonly { label: string; precision: number; recall: number; f1: number; support: number }[];
  /** confusion[right label][answer], in the order of `classes` */
  readonly confusion: readonly (readonly number[])[];
}

export function evaluateCommand(signal: AbortSignal): Command {
  const command = new Command('evaluate')
    .description('Measure a model on texts whose labels are known.')
    .argument('<model>', 'a model that `recurra train` wrote')
    .requiredOption('--data <file>', 'CSV, TSV or JSON Lines: .csv .tsv .jsonl, each also with .gz')
    .requiredOption('--text <column>', 'column of the texts')
    .requiredOption('--label <column>', 'column of the labels; all must be known to the model');
  return addBackendFlags(command)
    .addOption(quantizeFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Example:
  recurra evaluate sentiment.safetensors --data more.csv --text review --label sentiment

With --json, stdout has one object: loss, accuracy, classes (label, precision, recall, f1,
support: rows with the label) and confusion, counts by right label and answer, both in the
order of classes.`,
    )
    .action((model: string, flags: EvaluateFlags) =>
      withBackend(flags, async backend => {
        const report = await evaluate(model, flags, { backend, signal });
        await print(flags.json ? JSON.stringify(report) : describe(report));
      }),
    );
}

async function evaluate(
  path: string,
  { data, text, label, quantize }: EvaluateFlags,
  { backend, signal }: { backend: Backend; signal: AbortSignal },
): Promise<Report> {
  const model = await load(path, { backend });
  const { encoder } = model;
  if (!encoder) throw failure('ERR_DATA', `${path} is a model that reads no text; evaluate it in a program of yours`);
  const rows = await encodeRows(readTextRows(data, { text, label }), encoder, { signal });
  if (rows.length === 0) throw failure('ERR_DATA', `${data}: there are no rows`);
  const { loss } = await model.evaluate(rows, { signal, quantize });
  const confusion = await confusionOf(model, rows, { classes: encoder.labels.length, signal, quantize });
  const { accuracy, counts, scores } = confusion;
  return {
    loss,
    accuracy,
    classes: encoder.labels.map((label, index) => ({ label, ...scores[index]! })),
    confusion: counts,
  };
}

async function confusionOf(
  model: Model,
  { input, targets }: Dataset,
  { classes, signal, quantize }: InferenceOptions & { classes: number; signal: AbortSignal },
): Promise<Confusion> {
  const confusion = new Confusion(classes);
  if (input.kind !== 'ids' || targets?.per !== 'sequence') return confusion;
  for (let start = 0; start < input.rows.length; start += rowsAtOnce) {
    signal.throwIfAborted();
    const answers = await model.predict({ ids: input.rows.slice(start, start + rowsAtOnce) }, { quantize });
    answers.forEach((answer, index) => {
      confusion.add(targets.values[start + index]!, classIn(answer));
    });
  }
  return confusion;
}

/** One output is the probability of the second of two classes; several are one per class. */
function classIn(probabilities: NumberArray): number {
  return probabilities.length === 1
    ? Number(probabilities[0]! > 0.5)
    : probabilities.indexOf(Math.max(...probabilities));
}

function describe({ loss, accuracy, classes, confusion }: Report): string {
  const rows = classes.reduce((sum, { support }) => sum + support, 0);
  const scores = classes.map(({ label, precision, recall, f1, support }) => [
    label,
    ...[precision, recall, f1].map(value => value.toFixed(3)),
    whole(support),
  ]);
  return [
    `${counted(rows, 'row')}: accuracy ${accuracy.toFixed(3)}, loss ${loss.toFixed(4)}`,
    '',
    table([['label', 'precision', 'recall', 'f1', 'support'], ...scores]),
    '',
    table([
      ['right label \\ answer', ...classes.map(({ label }) => label)],
      ...confusion.map((counts, index) => [classes[index]!.label, ...counts.map(whole)]),
    ]),
  ].join('\n');
}
