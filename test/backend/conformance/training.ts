import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import type { Optimizer } from '../../../lib/optimizers/optimizer.ts';
import type { Program } from '../../../lib/program/program.ts';
import { expectAgreement } from './agreement.ts';
import { type Model, models } from './models.ts';
import { Numbers } from './numbers.ts';
import { type Batch, batchFor, Trial, type Values } from './trial.ts';

/** Lengths of the sequences in each step of training: they change, some are 0, and one batch is large. */
const lengths = [[3, 5, 0, 1], [7], [2, 2, 9, 4, 1, 6], [1, 0], [300, 200, 280, 1, 0, 40], [4, 4, 4]];

/** Storages before the first step. */
export function initialValues(program: Program, { initial }: Optimizer, numbers: Numbers): Values {
  return Object.fromEntries(
    program.storages.map(({ name, elements }) => {
      if (name === 'parameters') return [name, numbers.reals(elements, 0.5)];
      return [name, new Float64Array(elements).fill(initial[name.replace('optimizer.', '')] ?? 0)];
    }),
  );
}

/** The batch of a model's training step, counted from 1. */
export function trainingBatch(
  { program, below, optimizer }: Model,
  step: number,
  numbers: Numbers,
  of: readonly number[],
): Batch {
  const given = { learningRate: Float64Array.of(Math.fround(optimizer.learningRate)), clock: Int32Array.of(step, 0) };
  return batchFor(program, numbers, { lengths: of, below, given });
}

export function itTrainsModels(open: () => Backend, twin: () => Backend): void {
  for (const build of models) {
    const model = build();
    it(`${model.title}: its training agrees with js in float64 step by step`, async () => {
      const numbers = new Numbers(23);
      const initial = initialValues(model.program, model.optimizer, numbers);
      const left = new Trial(open(), model.program, initial);
      const right = new Trial(twin(), model.program, initial);
      for (const [index, of] of lengths.entries()) {
        const batch = trainingBatch(model, index + 1, numbers, of);
        const expected = right.runSync(batch);
        expectAgreement(await left.run(batch), expected, 2e-5, `step ${index + 1}`);
      }
      // Some updates, each relative to the gradient's own rounding.
      expectAgreement(left.stored(), right.stored(), 1e-4, 'after training');
      expect(movedBy(left.stored().parameters!, initial.parameters!), 'parameters moved').to.be.greaterThan(1e-3);
    });
  }
}

function movedBy(now: ArrayLike<number>, before: ArrayLike<number>): number {
  return Array.from(now, (value, index) => Math.abs(value - before[index]!)).reduce((a, b) => Math.max(a, b), 0);
}
