import { Command } from 'commander';
import { type RowTrace, trace } from '../../diagnosis/trace.ts';
import { chooseInside, type Inside, shares, traceChart } from '../../diagnosis/trace-chart.ts';
import { rangeError } from '../../errors.ts';
import { atomicWrite } from '../../formats/atomic-write.ts';
import { load } from '../../models/load.ts';
import { addBackendFlags, type BackendFlags, withBackend } from '../backend.ts';
import { jsonFlag } from '../options.ts';
import { print } from '../output.ts';
import { table } from '../table.ts';
import { expectWritable } from '../writable.ts';

interface TraceFlags extends BackendFlags {
  readonly text: string;
  readonly layer?: string;
  readonly gate?: string;
  readonly out?: string;
  readonly json?: true;
}

export function traceCommand(signal: AbortSignal): Command {
  const command = new Command('trace')
    .description('See what the gates of recurrent layers do, and what their states are, at each word of a text.')
    .argument('<model>', 'a model of texts that `recurra train` wrote')
    .requiredOption('--text <text>', 'the text to read')
    .option('--layer <name>', 'of one layer, as `recurra diagnose` names it; default: all')
    .option('--gate <name>', 'one gate or state: i f g o h c of lstm, r z n h of gru, a h of rnn; default: all');
  return addBackendFlags(command)
    .option('--out <file>', 'draw them, as SVG')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Examples:
  recurra trace sentiment.safetensors --text "Hardly a lovely film"
  recurra trace sentiment.safetensors --text "Hardly a lovely film" --gate f --out forget.svg

A gate is a number from 0 to 1 for each unit and each word. Of an LSTM, the forget gate f says how much
of the cell state c a unit remembers (1) or throws away (0), the input gate i how much of the candidate
g it writes there, the output gate o how much of it h, its output, shows. Of a GRU, the update gate z
says how much of the old state stays, the reset gate r how much of it the candidate n sees.

Prints a line for each word: of gates the mean over the units, of states, g, n and a the root of the
mean square, which says how large they are. The picture has every unit. [unknown] is a word that the
model does not know; backward layers read from the last word to the first.

With --json, stdout has an object per layer: layer, cell, direction, tokens, gates and states, each by
its name as an array [words, units].`,
    )
    .action((path: string, flags: TraceFlags) =>
      withBackend(flags, async backend => {
        const { text, layer, gate, out, json } = flags;
        if (out !== undefined) await expectWritable(out);
        const model = await load(path, { backend });
        if (!model.encoder)
          throw rangeError('ERR_ARGUMENT', `${path} is a model that reads no text; recurra trace shows texts`);
        const traced = await trace(model, [text], { signal });
        const row = traced[0]!;
        const chosen = chooseInside(row.layers, { layer, gate });
        if (row.tokens!.length === 0)
          throw rangeError('ERR_ARGUMENT', 'there is no word in the text; give --text some that the model knows');
        if (json) for (const line of asJson(row, chosen)) await print(line);
        else await print(asText(row, chosen));
        if (out === undefined) return;
        await atomicWrite(out, [traceChart(traced, { layer, gate })]);
        if (!json) await print(`\nwrote ${out}: ${chosen.map(({ of, name }) => `${of.name} ${name}`).join(', ')}`);
      }),
    );
}

function asJson({ layers, tokens }: RowTrace, chosen: readonly Inside[]): string[] {
  return layers
    .filter(layer => chosen.some(({ of }) => of === layer))
    .map(layer => {
      const { name, cell, direction } = layer;
      const some = (all: object) =>
        Object.fromEntries(
          chosen
            .filter(({ of, name }) => of === layer && name in all)
            .map(({ name, steps }) => [name, steps.map(step => [...step])]),
        );
      return JSON.stringify({
        ...{ layer: name, cell, direction, tokens },
        gates: some(layer.gates),
        states: some(layer.states),
      });
    });
}

/** A table for each layer: a line per word, a column per gate and state. */
function asText({ tokens, layers }: RowTrace, chosen: readonly Inside[]): string {
  return layers
    .map(layer => chosen.filter(({ of }) => of === layer))
    .filter(of => of.length > 0)
    .map(of =>
      table([
        [of[0]!.of.name, ...of.map(({ name }) => name)],
        ...tokens!.map((token, step) => [token, ...of.map(({ name, steps }) => summary(name, steps[step]!))]),
      ]),
    )
    .join('\n\n');
}

function summary(name: string, values: ArrayLike<number>): string {
  const all = Array.from(values);
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const size = shares.includes(name) ? mean(all) : Math.sqrt(mean(all.map(value => value * value)));
  return size.toFixed(2);
}
