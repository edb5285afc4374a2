import { models } from '../backend/conformance/models.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { initialValues, trainingBatch } from '../backend/conformance/training.ts';
import { batchFor } from '../backend/conformance/trial.ts';
import { midway, optimizers, updateProgram } from '../native/ops/updates.ts';
import type { Case } from './case.ts';

/** Steps of every optimizer, over few parameters and over enough for several threads; whole models in training. */
export function trainingCases(): Case[] {
  const updates = Object.entries(optimizers).flatMap(([title, optimizer]) =>
    [9, 40_003].map(count => {
      const program = updateProgram(optimizer, count);
      const numbers = new Numbers(31);
      const initial = midway(optimizer, count, numbers);
      const batches = [1, 2, 1000].map(t => {
        const given = { clock: Int32Array.of(t, 0), learningRate: Float64Array.of(Math.fround(0.01)) };
        return batchFor(program, numbers, { given });
      });
      return { name: `${title}, ${count} parameters`, program, initial, batches };
    }),
  );
  const trained = models.map(build => {
    const model = build();
    const numbers = new Numbers(2);
    const initial = initialValues(model.program, model.optimizer, numbers);
    const lengths = [[3, 5, 0, 1], [7], [30, 7, 0, 22, 30, 5, 11, 19]];
    const batches = lengths.map((of, index) => trainingBatch(model, index + 1, numbers, of));
    return { name: model.title, program: model.program, initial, batches };
  });
  return [...updates, ...trained];
}
