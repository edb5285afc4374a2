import { basename } from 'node:path';
import { Command, Option } from 'commander';
import type { Backend } from '../../backend/backend.ts';
import type { Dataset } from '../../data/dataset.ts';
import { readTextRows } from '../../data/readers/index.ts';
import { encodeRows } from '../../data/text-classification.ts';
import { diagnosisChart, type Named } from '../../diagnosis/chart.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import { failure, rangeError } from '../../errors.ts';
import { atomicWrite } from '../../formats/atomic-write.ts';
import { trialRows } from '../../gym/exercise.ts';
import { type TaskName, taskNames, tasks } from '../../gym/index.ts';
import { load } from '../../models/load.ts';
import type { Model } from '../../models/model.ts';
import { addBackendFlags, type BackendFlags, withBackend } from '../backend.ts';
import { diagnosisAsJson, diagnosisAsText } from '../diagnosis-report.ts';
import { count, jsonFlag, positiveNumber, share } from '../options.ts';
import { print } from '../output.ts';
import { expectWritable } from '../writable.ts';

interface DiagnoseFlags extends BackendFlags {
  readonly data?: string;
  readonly text?: string;
  readonly label?: string;
  readonly task?: TaskName;
  readonly lag: number;
  readonly rows: number;
  readonly vanished: number;
  readonly exploded: number;
  readonly plot?: string;
  readonly json?: true;
}

/** Draws the rows of a task. */
const seed = 7;

export function diagnoseCommand(signal: AbortSignal): Command {
  const command = new Command('diagnose')
    .description(
      'See what goes on inside of recurrent layers: vanishing and exploding gradients, stuck gates, dead units.',
    )
    .argument('<model...>', 'models that `recurra train` or `recurra gym` wrote; several are drawn side by side')
    .optionsGroup('Rows to look at:')
    .option('--data <file>', 'CSV, TSV or JSON Lines: .csv .tsv .jsonl, each also with .gz')
    .option('--text <column>', 'column of the texts')
    .option('--label <column>', 'column of the labels; all must be known to the model')
    .addOption(new Option('--task <name>', 'or rows of a task of `recurra gym`').choices(taskNames).conflicts('data'))
    .option('--lag <n>', "the task's lag", count, 50)
    .option('--rows <n>', 'how many to look at, the first ones', count, 64)
    .optionsGroup('What to call trouble:')
    .option('--vanished <x>', "a gradient below this share of the last step's", share, 0.001)
    .option('--exploded <x>', "a gradient of more than so many times the last step's", positiveNumber, 1000)
    .optionsGroup('Machine and output:');
  return addBackendFlags(command)
    .option('--plot <file>', 'draw gradients and gates, as SVG')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Examples:
  recurra diagnose sentiment.safetensors --data reviews.csv --text review --label sentiment
  recurra gym --task adding --out . && recurra diagnose adding-*.safetensors --task adding --plot gradients.svg

The gradient of a row's loss by the state of a layer at some step says how much of what that step
remembers can still be learned from. Going back from the last step it is multiplied by a Jacobian per
step: of a simple RNN it vanishes or explodes with the distance, while the cell state c of an LSTM
passes it on as far as the forget gate f is open, the state of a GRU as far as the update gate z is. Of a
model that answers at every step the last answer alone is asked for. Dropout is left out.

Values of gates are at the low end below 0.05 (of tanh: −0.9; of relu: 0), at the high end above 0.95
(0.9): what is learned through them there is little. A dead unit's state never changes by more than 0.001.

With --json, stdout has an object per model: model, loss, rows, layers, each with name, cell, size,
gradients (norms by the state's name, from the last step back, means over the rows), vanishes_beyond
(steps, by state, where it does), gates (low and high, shares) and dead (units); and trouble, where a
state or gradient is not finite or explodes: kind, layer, state, step, row, norm. Steps, rows and units
count from 0; null is what is not finite.`,
    )
    .action((paths: string[], flags: DiagnoseFlags) =>
      withBackend(flags, async backend => {
        await diagnoseAll(paths, flags, { backend, signal });
      }),
    );
}

async function diagnoseAll(
  paths: readonly string[],
  flags: DiagnoseFlags,
  { backend, signal }: { backend: Backend; signal: AbortSignal },
): Promise<void> {
  const { plot, json, rows, vanished, exploded } = flags;
  if (plot !== undefined) await expectWritable(plot);
  const named: Named[] = [];
  for (const path of paths) {
    const model = await load(path, { backend });
    const data = await rowsFor(model, path, flags, signal);
    const diagnosis = await diagnose(model, data, { rows, vanished, exploded, signal });
    named.push({ name: basename(path, '.safetensors'), diagnosis });
    if (json) await print(JSON.stringify({ model: path, ...diagnosisAsJson(diagnosis) }));
    else await print(`${named.length > 1 ? '\n' : ''}${path}: ${diagnosisAsText(diagnosis, vanished)}`);
  }
  if (plot === undefined) return;
  await atomicWrite(plot, [diagnosisChart(named)]);
  if (!json) await print(`\nwrote ${plot}: gradients and gates`);
}

/** @throws ERR_ARGUMENT where no rows are asked for; ERR_DATA where the model does not read such */
async function rowsFor(model: Model, path: string, flags: DiagnoseFlags, signal: AbortSignal): Promise<Dataset> {
  const { data, text, label, task, lag, rows } = flags;
  if (task !== undefined) return trialRows(tasks[task], lag, { rows, seed });
  if (data === undefined || text === undefined || label === undefined)
    throw rangeError('ERR_ARGUMENT', 'say which rows to look at: --data, --text and --label, or --task');
  if (!model.encoder)
    throw failure('ERR_DATA', `${path} is a model that reads no text; give the --task that it learned`);
  return encodeRows(readTextRows(data, { text, label }), model.encoder, { signal });
}
