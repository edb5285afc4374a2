import { Command, Option } from 'commander';
import type { Backend } from '../../backend/backend.ts';
import { batchCount } from '../../data/batches.ts';
import type { Dataset } from '../../data/dataset.ts';
import { readTextRows } from '../../data/readers/index.ts';
import { type TextClassification, textClassification } from '../../data/text-classification.ts';
import type { Model } from '../../models/model.ts';
import { adam } from '../../optimizers/adam.ts';
import type { Side } from '../../text/pad.ts';
import { addBackendFlags, type BackendFlags, withBackend } from '../backend.ts';
import { addClassifierFlags, type ClassifierFlags, classifierLoss, textClassifier } from '../classifier.ts';
import { epochsAsJson, epochsAsTable, epochTitles } from '../epoch-report.ts';
import { learningRateOf, type ScheduleName, scheduleNames } from '../learning-rate.ts';
import { counted, whole } from '../numbers.ts';
import { count, jsonFlag, maxWordsFlag, positiveNumber, share, wholeNumber } from '../options.ts';
import { notice, print } from '../output.ts';
import { progressBar } from '../progress.ts';
import { expectDifferentFiles, expectWritable } from '../writable.ts';

export interface TrainFlags extends BackendFlags, ClassifierFlags {
  readonly text: string;
  readonly label: string;
  readonly out: string;
  readonly epochs: number;
  readonly batch: number;
  readonly maxWords: number;
  readonly maxLength: number;
  readonly truncate: Side;
  readonly validationSplit: number;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly warmUp: number;
  readonly quantize?: 'bfloat16';
  readonly seed: number;
  readonly plot?: string;
  readonly json?: true;
}

/** The last line of `--json`. */
export interface Summary {
  readonly summary: true;
  readonly model: string;
  /** Of the last epoch, on the rows learned from, dropout included. */
  readonly accuracy: number | undefined;
  readonly val_accuracy: number | undefined;
  /** Share of the most frequent label of the validation rows. */
  readonly baseline: number;
  readonly parameters: number;
  /** Reading, training and writing. */
  readonly seconds: number;
}

export function trainCommand(signal: AbortSignal): Command {
  const command = new Command('train')
    .description('Train a text classifier on a table with a column of texts and one of labels.')
    .argument('<data>', 'CSV, TSV or JSON Lines: .csv .tsv .jsonl, each also with .gz')
    .requiredOption('--text <column>', 'column of the texts')
    .requiredOption('--label <column>', 'column of the labels; at least two different ones')
    .requiredOption('--out <file>', 'where to write the model, a .safetensors file');
  addClassifierFlags(command)
    .optionsGroup('Text:')
    .addOption(maxWordsFlag())
    .option('--max-length <n>', 'words of a text that are read', count, 100)
    .addOption(
      new Option('--truncate <end>', 'where longer texts lose words; front keeps the last ones')
        .choices(['front', 'back'])
        .default('front'),
    )
    .optionsGroup('Training:')
    .option('--epochs <n>', 'times to go over the training rows', count, 5)
    .option('--batch <n>', 'rows per update', count, 128)
    .option('--learning-rate <x>', 'step size of Adam', positiveNumber, 0.001)
    .addOption(
      new Option('--schedule <name>', 'what becomes of the learning rate').choices(scheduleNames).default('constant'),
    )
    .option('--warm-up <n>', 'updates in which the learning rate rises to where it starts', wholeNumber({ min: 0 }), 0)
    .option('--validation-split <x>', 'share of the rows to keep aside for measuring', share, 0.2)
    .addOption(new Option('--quantize <numbers>', 'round what recurrent layers multiply: faster').choices(['bfloat16']))
    .option(
      '--seed <n>',
      'draws weights, order of rows and dropout; the same seed, the same model',
      wholeNumber({ min: 0, max: 2 ** 32 - 1 }),
      7,
    )
    .optionsGroup('Machine and output:');
  return addBackendFlags(command)
    .option('--plot <file>', 'draw the curves of loss and accuracy, as SVG')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Examples:
  recurra train reviews.csv --text review --label sentiment --out sentiment.safetensors
  recurra train mails.jsonl.gz --text body --label folder --out folders.safetensors \\
    --cell gru --layers 2 --bidirectional --max-words 20000 --plot history.svg

The schedules linear and cosine bring the learning rate to 0 over all updates; one-cycle lets it rise to
--learning-rate over the first 30 % of them and then fall to almost 0; plateau halves it after two
epochs without a better validation loss.

Rows are put in an order drawn from the seed before the last ones are kept aside for
validation. With two labels the model has one output, with more one for each.

With --json, stdout has an object per epoch: epoch, loss, accuracy, val_loss, val_accuracy,
tokens_per_s, seconds; and a last one with summary: true, model, accuracy, val_accuracy,
baseline, parameters, seconds. The baseline is the accuracy on the validation rows of always
answering their most frequent label.`,
    )
    .action((data: string, flags: TrainFlags) =>
      withBackend(flags, async (backend, describeBackend) => {
        await train(data, flags, { backend, describeBackend, signal });
      }),
    );
}

/** Trains as the flags say, reports on the way, writes the model. */
export async function train(
  path: string,
  flags: TrainFlags,
  { backend, describeBackend, signal }: { backend: Backend; describeBackend: () => void; signal: AbortSignal },
): Promise<{ model: Model; summary: Summary }> {
  const start = performance.now();
  const { out, plot, epochs, batch, seed } = flags;
  expectDifferentFiles({ 'the data': path, '--out': out, '--plot': plot });
  await expectWritable(out);
  if (plot !== undefined) await expectWritable(plot);

  const { maxWords, maxLength, truncate, validationSplit: testShare } = flags;
  const rows = readTextRows(path, { text: flags.text, label: flags.label });
  const data = await textClassification(rows, { maxWords, maxLength, truncate, testShare, seed, signal });
  const learningRate = learningRateOf(flags, epochs * batchCount(data.train, { batchSize: batch }));
  const model = textClassifier(data.encoder, { ...flags, backend });
  describeBackend();
  notice(describeData(data));
  if (!flags.json) await print(epochTitles);

  const history = await model.fit(data.train, {
    loss: classifierLoss(data.encoder),
    optimizer: adam({ learningRate }),
    quantize: flags.quantize,
    epochs,
    batchSize: batch,
    validation: data.test,
    seed,
    callbacks: [progressBar(process.stderr), flags.json ? epochsAsJson : epochsAsTable],
    signal,
  });
  await model.save(out);
  if (plot !== undefined) await history.plot(plot);

  const summary: Summary = {
    summary: true,
    model: out,
    accuracy: history.last!.accuracy,
    val_accuracy: history.last!.valAccuracy,
    baseline: majorityShare(data.test),
    parameters: model.parameters.count,
    seconds: (performance.now() - start) / 1000,
  };
  await print(flags.json ? JSON.stringify(summary) : describeSummary(summary, plot));
  return { model, summary };
}

function describeData({ train, test, encoder: { labels, tokenizer } }: TextClassification): string {
  const some = labels.length > 6 ? [...labels.slice(0, 5), `${labels.length - 5} more`] : labels;
  return `${counted(train.length, 'row')} to learn from, ${whole(test.length)} to validate; ${counted(tokenizer.data.tokens.length, 'word')}; labels ${some.join(', ')}`;
}

function describeSummary({ val_accuracy, baseline, model, parameters, seconds }: Summary, plot?: string): string {
  const lines = [
    '',
    `validation accuracy ${val_accuracy!.toFixed(3)}, against ${baseline.toFixed(3)} for always answering the most frequent label`,
    `wrote ${model}: ${counted(parameters, 'parameter')}, trained in ${seconds.toFixed(1)} s`,
  ];
  if (plot !== undefined) lines.push(`wrote ${plot}: loss and accuracy by epoch`);
  return lines.join('\n');
}

/** How often the most frequent class is right. */
function majorityShare({ length, targets }: Dataset): number {
  const counts = new Map<number, number>();
  if (targets?.per === 'sequence')
    for (const target of targets.values) counts.set(target, (counts.get(target) ?? 0) + 1);
  return Math.max(...counts.values()) / length;
}
