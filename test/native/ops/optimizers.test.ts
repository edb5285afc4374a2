import { expect } from 'chai';
import type { Backend } from '../../../lib/backend/backend.ts';
import { globalNorm } from '../../../lib/ops/global-norm.ts';
import { tableRows } from '../../../lib/ops/merge-rows.ts';
import { scatterAdd } from '../../../lib/ops/scatter-add.ts';
import { adagrad } from '../../../lib/optimizers/adagrad.ts';
import { type Optimizer, recordUpdate } from '../../../lib/optimizers/optimizer.ts';
import { sgd } from '../../../lib/optimizers/sgd.ts';
import type { Program } from '../../../lib/program/program.ts';
import { Recording } from '../../../lib/program/recording.ts';
import { expectSameBits } from '../../backend/conformance/agreement.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { type Batch, batchFor, Trial, type Values } from '../../backend/conformance/trial.ts';
import { awkwardCounts, describeEverywhere, ones } from './everywhere.ts';
import { midway, optimizers, updateProgram } from './updates.ts';

const tolerance = 1e-6;

/** One step over a table [rows, columns] whose gradient is added up from rows fed with ids: whole, or as rows. */
function tableProgram(
  optimizer: Optimizer,
  how: 'whole' | 'rows',
  [rows, columns]: readonly [number, number],
): Program {
  const recording = new Recording('train');
  const stored = (role: 'parameter' | 'state', name: string) => {
    const storage = { name, dtype: 'real', elements: rows * columns } as const;
    return recording.view(role, { storage, offset: 0, shape: [rows, columns], name });
  };
  const [x, ids] = [recording.feed('x', ['batch', columns]), recording.feed('ids', ['batch'], 'int32')];
  const whole = scatterAdd(x, ids, { rows, ignore: 0 });
  const gradients = how === 'rows' ? tableRows(whole)! : whole;
  recordUpdate(recording, optimizer, {
    parameters: stored('parameter', 'parameters'),
    gradients,
    states: Object.fromEntries(optimizer.states.map(name => [name, stored('state', name)])),
    norm: optimizer.options.clipNorm ? globalNorm([gradients].flat()) : undefined,
  });
  return recording.finish();
}

describeEverywhere('optimizers of the native backend', everywhere => {
  for (const [title, optimizer] of Object.entries(optimizers)) {
    it(`${title}: any step from any state agrees with js and has the same bits everywhere`, () => {
      for (const count of awkwardCounts.filter(count => count > 0)) {
        const program = updateProgram(optimizer, count);
        const numbers = new Numbers(9);
        const initial = midway(optimizer, count, numbers);
        for (const t of [1, 2, 1000]) {
          const given = { clock: Int32Array.of(t, 0), learningRate: Float64Array.of(Math.fround(0.01)) };
          everywhere().compare(program, batchFor(program, numbers, { given }), tolerance, initial);
        }
      }
    });

    it(`${title}: a table becomes from its rows what it becomes from its whole gradient, everywhere`, () => {
      for (const [rows, columns, count] of [
        [5, 1, 3],
        [40, 17, 60],
        [9, 64, 0],
        [2500, 50, 1900],
      ] as const) {
        const [whole, byRows] = (['whole', 'rows'] as const).map(how => tableProgram(optimizer, how, [rows, columns]));
        const numbers = new Numbers(4);
        const initial: Values = midway(optimizer, rows * columns, numbers);
        const given = { clock: Int32Array.of(2, 0), learningRate: Float64Array.of(Math.fround(0.01)) };
        const batch = batchFor(byRows!, numbers, { lengths: ones(count), below: { ids: rows }, given });
        everywhere().compare(byRows!, batch, tolerance, initial);
        const [native] = everywhere().natives;
        if (optimizer.options.clipNorm || !native) continue; // the norm is added up in another order
        const [found, expected] = [byRows!, whole!].map(program => storedAfter(native, program, batch, initial));
        expectSameBits(found!, expected!, `${rows} rows of ${columns}`);
      }
    });

    it(`${title} hands NaN on to every parameter whose gradient is NaN, and to no other`, () => {
      const program = updateProgram({ ...optimizer, options: { ...optimizer.options, clipNorm: 0 } }, 20);
      const gradients = new Float64Array(20).fill(0.25);
      gradients[3] = gradients[17] = Number.NaN;
      for (const backend of everywhere().natives) {
        const trial = new Trial(backend, program);
        const given = { gradients, clock: Int32Array.of(1, 0), learningRate: Float64Array.of(0.5) };
        trial.runSync(batchFor(program, new Numbers(1), { given }));
        const broken = [...trial.stored().parameters!].flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
        expect(broken).to.deep.equal([3, 17]);
      }
    });
  }

  for (const optimizer of [sgd(), adagrad()])
    it(`${optimizer.name} does not so much as read the rows of a table that have no gradient`, () => {
      const program = tableProgram(optimizer, 'rows', [6, 2]);
      const parameters = new Float64Array(12).fill(Number.POSITIVE_INFINITY).fill(1, 6, 8); // 0·∞ would be NaN
      const given = { ids: Int32Array.of(3, 3), clock: Int32Array.of(1, 0), learningRate: Float64Array.of(0.5) };
      const batch = batchFor(program, new Numbers(1), { lengths: ones(2), given });
      for (const backend of everywhere().natives) {
        const after = [...storedAfter(backend, program, batch, { parameters }).parameters!];
        expect(after.flatMap((value, k) => (value === Number.POSITIVE_INFINITY ? [] : [k]))).to.deep.equal([6, 7]);
      }
    });

  it('a norm that is not a number reaches every parameter', () => {
    const program = updateProgram(sgd({ clipNorm: 1 }), 4);
    for (const backend of everywhere().natives) {
      const trial = new Trial(backend, program);
      const gradients = Float64Array.of(1, Number.NaN, 1, 1);
      const given = { gradients, clock: Int32Array.of(1, 0), learningRate: Float64Array.of(0.5) };
      trial.runSync(batchFor(program, new Numbers(1), { given }));
      expect([...trial.stored().parameters!].every(Number.isNaN)).to.equal(true);
    }
  });
});

function storedAfter(backend: Backend, program: Program, batch: Batch, initial: Values) {
  const trial = new Trial(backend, program, initial);
  trial.runSync(batch);
  return trial.stored();
}
