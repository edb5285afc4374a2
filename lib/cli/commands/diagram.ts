import { Command, InvalidArgumentError } from 'commander';
import { unrolled } from '../../diagrams/unrolled.ts';
import { atomicWrite } from '../../formats/atomic-write.ts';
import { load } from '../../models/load.ts';
import { withBackend } from '../backend.ts';
import { wholeNumber } from '../options.ts';
import { print } from '../output.ts';
import { expectWritable } from '../writable.ts';

interface DiagramFlags {
  readonly steps: number;
  readonly out?: string;
}

export function diagramCommand(): Command {
  return new Command('diagram')
    .description('Show the layers of a model: as a table, and drawn over time.')
    .argument('<model>', 'a model that `recurra train` or `recurra gym` wrote, or that was saved')
    .option('--steps <n>', 'how many steps to draw, the last behind an ellipsis; 0: folded, with loops', drawable, 3)
    .option('--out <file>', 'draw it, as SVG')
    .addHelpText(
      'after',
      `
Examples:
  recurra diagram sentiment.safetensors
  recurra diagram sentiment.safetensors --steps 4 --out unrolled.svg
  recurra diagram sentiment.safetensors --steps 0 --out folded.svg

A recurrent network is one network, with the same weights, at every step: unrolled it has a copy for
each step, and the states h, and c of an LSTM, go from one to the next. A layer that reads from the end
hands them the other way. What gives one vector for a whole sequence stands over the last step.`,
    )
    .action(async (path: string, { steps, out }: DiagramFlags) => {
      if (out !== undefined) await expectWritable(out);
      await withBackend({}, async backend => {
        const model = await load(path, { backend });
        await print(model.summary());
        if (out === undefined) return;
        await atomicWrite(out, [unrolled(model, { steps })]);
        await print(`\nwrote ${out}`);
      });
    });
}

/** Reads a number of steps that can be drawn. */
function drawable(text: string): number {
  const steps = wholeNumber({ min: 0, max: 1000 })(text);
  if (steps === 1) throw new InvalidArgumentError('Expected 0 or a whole number of at least 2.');
  return steps;
}
