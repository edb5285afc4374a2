import type { Backend, Results } from '../../../lib/backend/backend.ts';
import { cellNames } from '../../../lib/cells.ts';
import { expectSameBits } from './agreement.ts';
import { cellProgram, largestOf, plainCase } from './cell-program.ts';
import { classifier, models } from './models.ts';
import { Numbers } from './numbers.ts';
import { initialValues, trainingBatch } from './training.ts';
import { batchFor, Trial } from './trial.ts';

/** Any number of threads computes the same bits: every output belongs to one thread, whole. */
export function itComputesTheSameBits(threads: readonly number[], open: (threads: number) => Backend): void {
  let backends: Backend[];
  before(() => {
    backends = threads.map(open);
  });
  after(async () => {
    for (const backend of backends) await backend.close();
  });

  for (const cell of cellNames)
    it(`${cell}, forward and backward, for ${threads.join(', ')} threads`, async () => {
      for (const { size, inputSize, lengths } of [
        { size: 33, inputSize: 17, lengths: [2, 9, 0, 5, 9, 9, 1] },
        { size: 96, inputSize: 40, lengths: new Array(20).fill(6) },
        { size: 130, inputSize: 8, lengths: [12] },
      ]) {
        const reset = size === 96 ? 'before' : 'after';
        const program = cellProgram(plainCase(cell, { inputSize, size, masks: 'shared', reset }), 'train');
        const batch = batchFor(program, new Numbers(13), { lengths, largest: largestOf });
        const [expected, ...others] = await inTurn(backends, backend => new Trial(backend, program).run(batch));
        for (const results of others) expectSameBits(results, expected!, `${cell} of ${size} units`);
      }
    });

  for (const build of [...models, () => classifier({ size: 80, vocabulary: 3000, embedding: 64 })])
    it(`${build().title}, in training, for ${threads.join(', ')} threads`, async () => {
      const model = build();
      const initial = initialValues(model.program, model.optimizer, new Numbers(17));
      const trials = backends.map(backend => new Trial(backend, model.program, initial));
      for (const step of [1, 2, 3]) {
        const batch = trainingBatch(model, step, new Numbers(step), [30, 7, 0, 22, 30, 5, 11, 19]);
        const [expected, ...others] = await inTurn(trials, trial => trial.run(batch));
        for (const results of others) expectSameBits(results, expected!, `step ${step}`);
      }
      const [expected, ...others] = trials.map(trial => trial.stored());
      for (const stored of others) expectSameBits(stored, expected!, 'storage');
    });
}

/** One after the other: backends that run at the same time share the cores, and have fewer threads. */
async function inTurn<T>(all: readonly T[], run: (each: T) => Promise<Results>): Promise<Results[]> {
  const results: Results[] = [];
  for (const each of all) results.push(await run(each));
  return results;
}
