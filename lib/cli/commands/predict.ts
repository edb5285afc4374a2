import { Command, Option } from 'commander';
import { readTextRows } from '../../data/readers/index.ts';
import { rangeError } from '../../errors.ts';
import { load } from '../../models/load.ts';
import type { Prediction } from '../../models/model.ts';
import type { Quantization } from '../../program/recording.ts';
import { addBackendFlags, type BackendFlags, withBackend } from '../backend.ts';
import { jsonFlag, quantizeFlag } from '../options.ts';
import { print } from '../output.ts';

interface PredictFlags extends BackendFlags {
  readonly text?: string;
  readonly data?: string;
  readonly textColumn?: string;
  readonly quantize?: Quantization;
  readonly json?: true;
}

const rowsAtOnce = 1024;

export function predictCommand(signal: AbortSignal): Command {
  const command = new Command('predict')
    .description('Label texts: the one given, or each row of a file.')
    .argument('<model>', 'a model that `recurra train` wrote')
    .addOption(new Option('--text <text>', 'the text to label').conflicts(['data', 'textColumn']))
    .option('--data <file>', 'texts to label: CSV, TSV or JSON Lines: .csv .tsv .jsonl, each also with .gz')
    .option('--text-column <column>', 'column of the texts in --data');
  return addBackendFlags(command)
    .addOption(quantizeFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Examples:
  recurra predict sentiment.safetensors --text "What a lovely film"
  recurra predict sentiment.safetensors --data more.csv --text-column review --json | head

Prints a line for each text, in their order: the label, a tab, its probability; with --json an
object with label and probabilities, of every label. Files are streamed.`,
    )
    .action((path: string, flags: PredictFlags) =>
      withBackend(flags, async backend => {
        const texts = textsOf(flags);
        const model = await load(path, { backend });
        for await (const some of inGroups(texts, rowsAtOnce))
          for (const prediction of await model.predict(some, { quantize: flags.quantize })) {
            signal.throwIfAborted();
            await print(flags.json ? JSON.stringify(prediction) : describe(prediction));
          }
      }),
    );
}

function textsOf({ text, data, textColumn }: PredictFlags): Iterable<string> | AsyncIterable<string> {
  if (text !== undefined) return [text];
  if (data === undefined)
    throw rangeError('ERR_ARGUMENT', 'nothing to label: give --text, or --data with --text-column');
  if (textColumn === undefined) throw rangeError('ERR_ARGUMENT', '--data needs --text-column, the column of the texts');
  return columnOf(data, textColumn);
}

async function* columnOf(path: string, column: string): AsyncGenerator<string> {
  for await (const { text } of readTextRows(path, { text: column })) yield text;
}

async function* inGroups(texts: Iterable<string> | AsyncIterable<string>, size: number): AsyncGenerator<string[]> {
  let group: string[] = [];
  for await (const text of texts) {
    group.push(text);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function describe({ label, probabilities }: Prediction): string {
  return `${label}\t${probabilities[label]!.toFixed(3)}`;
}
