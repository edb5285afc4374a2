import { expect } from 'chai';
import type { Backend, Results } from '../../../lib/backend/backend.ts';
import { js } from '../../../lib/backend/js-backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { type CellName, cellNames } from '../../../lib/cells.ts';
import { lstm } from '../../../lib/ops/lstm.ts';
import { type Attributes, Program, type ProgramData } from '../../../lib/program/program.ts';
import { record } from '../../../lib/program/recording.ts';
import { expectAgreement, expectSameBits } from '../../backend/conformance/agreement.ts';
import { mixedOptions } from '../../backend/conformance/cell-options.ts';
import {
  type CellCase,
  cellProgram,
  type Differentiation,
  largestOf,
  plainCase,
} from '../../backend/conformance/cell-program.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { type Batch, batchFor, Trial } from '../../backend/conformance/trial.ts';

/** What the kernels do that small batches do not reach: several chunks of steps, panels and tiles, few rows, many rows. */

interface Shape {
  readonly what: string;
  readonly inputSize: number;
  readonly size: number;
  readonly lengths: readonly number[];
}

const ragged = (batch: number, longest: number) =>
  Array.from({ length: batch }, (_, index) => (index * 7 + 3) % (longest + 1));

const shapes: readonly Shape[] = [
  { what: 'several chunks of ragged steps', inputSize: 17, size: 33, lengths: ragged(36, 61) },
  { what: 'a long sequence and two that end early', inputSize: 9, size: 24, lengths: [3, 600, 170] },
  { what: 'a few steps of many rows', inputSize: 3, size: 8, lengths: ragged(1700, 2) },
  { what: 'many units, one more than whole blocks', inputSize: 65, size: 65, lengths: [5, 0, 5, 2, 5, 1, 4, 5, 5] },
  { what: 'two rows at every step', inputSize: 100, size: 130, lengths: [20, 20] },
];

/** Variants that take different ways through the kernels. */
const variants: readonly Partial<CellCase>[] = [
  { direction: 'forward', masks: 'none', reset: 'after' },
  { rows: 7, direction: 'backward', masks: 'per gate', reset: 'before' },
  { rows: 900, direction: 'forward', masks: 'none', reset: 'after' },
  { direction: 'backward', masks: 'per gate', reset: 'before', activation: 'relu' },
  { direction: 'forward', masks: 'shared', reset: 'before', updateGate: 'write' },
  { direction: 'backward', masks: 'none', reset: 'after', updateGate: 'write', biases: 'one' },
];

const caseOf = (cell: CellName, { inputSize, size }: Shape, variant: Partial<CellCase>) =>
  plainCase(cell, { inputSize, size, ...variant });

function batchOf(options: CellCase, lengths: readonly number[], differentiation?: Differentiation) {
  const program = cellProgram(options, 'train', differentiation);
  return {
    program,
    batch: batchFor(program, new Numbers(19), { lengths, largest: largestOf, below: { ids: options.rows } }),
  };
}

describe('recurrent sequences of the native backend', () => {
  if (!addon) return;
  const { isas } = addon;
  let twin: Backend;
  let backends: Backend[];
  before(() => {
    twin = js({ precision: 'float64' });
    backends = isas.flatMap(isa => [1, 2, 3].map(threads => native({ isa, threads })));
  });
  after(() => Promise.all([twin, ...backends].map(backend => backend.close())));

  for (const cell of cellNames)
    for (const [index, shape] of shapes.entries())
      it(`${cell}, ${shape.what}: agrees with js in float64, with the same bits on every instruction set and number of threads`, async () => {
        const mixed = mixedOptions(cell);
        for (const variant of [
          variants[index % 6]!,
          variants[(index + 1) % 6]!,
          variants[(index + 3) % 6]!,
          { ...variants[(index + 2) % 6]!, ...mixed[index % mixed.length] },
          { ...variants[(index + 4) % 6]!, ...mixed[(index + 2) % mixed.length] },
        ]) {
          const options = caseOf(cell, shape, variant);
          const { program, batch } = batchOf(options, shape.lengths);
          const expected = new Trial(twin, program).runSync(batch);
          const computed: { backend: Backend; results: Results }[] = [];
          // One after the other: backends that run at the same time share the cores, and have fewer threads.
          for (const backend of backends)
            computed.push({ backend, results: await new Trial(backend, program).run(batch) });
          const [first, ...others] = computed;
          expectAgreement(first!.results, expected, 5e-5, JSON.stringify(options));
          for (const { backend, results } of others)
            expectSameBits(
              results,
              first!.results,
              `${JSON.stringify(options)} on ${backend.isa} × ${backend.threads}`,
            );
        }
      });

  it('what stands beside the last unit stays there: an infinite input reaches no gradient but its own', async () => {
    const shape = { what: '', inputSize: 2, size: 9, lengths: [3, 2] };
    const { program, batch } = batchOf(caseOf('lstm', shape, {}), shape.lengths, { by: ['x', 'h', 'recurrentWeight'] });
    batch.values.x![1] = Number.POSITIVE_INFINITY;
    const expected = new Trial(twin, program).runSync(batch);
    for (const results of Object.values(expected))
      expect([...results].every(Number.isFinite), 'the expected results are finite').to.equal(true);
    for (const backend of backends)
      expectAgreement(await new Trial(backend, program).run(batch), expected, 1e-5, backend.isa);
  });

  it('computes with the parameters of the moment, whether they were packed before or not', () => {
    const [inputSize, size] = [5, 20];
    const storage = { name: 'parameters', dtype: 'real', elements: (inputSize + size) * 4 * size } as const;
    const program = record(recording => {
      const weight = (name: string, rows: number, offset: number) =>
        recording.view('parameter', { storage, name, offset: offset * 4 * size, shape: [rows, 4 * size] });
      const x = recording.feed('x', [recording.layout('input').tokens, inputSize]);
      const [inputWeight, recurrentWeight] = [weight('W', inputSize, 0), weight('R', size, inputSize)];
      return { y: lstm({ x, inputWeight, recurrentWeight }, { direction: 'forward' }).y };
    });
    const batch = batchFor(program, new Numbers(1), { lengths: [4, 2, 3] });
    const backend = backends[0]!;
    const trial = new Trial(backend, program);
    for (const seed of [1, 2]) {
      const parameters = new Numbers(seed).reals(storage.elements, 0.3);
      trial.write('parameters', parameters);
      const expected = new Trial(backend, program, { parameters }).runSync(batch);
      for (const time of ['first', 'second'])
        expectSameBits(trial.runSync(batch), expected, `parameters ${seed}, the ${time} time`);
    }
  });

  it('refuses offsets and orders that do not describe the rows of x', async () => {
    const { program, batch } = batchOf(caseOf('gru', shapes[3]!, {}), [3, 2, 1]);
    const refused = async (name: string, values: readonly number[], code: string) => {
      const wrong: Batch = { ...batch, values: { ...batch.values, [name]: Int32Array.from(values) } };
      for (const backend of backends) {
        const error = await new Trial(backend, program).run(wrong).then(
          () => undefined,
          (error: Error & { code: string }) => error,
        );
        expect(error?.code, `${name} ${values}`).to.equal(code);
        expect(error!.message).to.contain(name.replace('input.', ''));
      }
    };
    expect([...batch.values['input.offsets']!]).to.deep.equal([0, 3, 5]);
    await refused('input.offsets', [1, 3, 5], 'ERR_INDEX'); // does not begin with 0
    await refused('input.offsets', [0, 3, 2], 'ERR_INDEX'); // decreases
    await refused('input.offsets', [0, 2, 5], 'ERR_INDEX'); // more rows at the second step than at the first
    await refused('input.offsets', [0, 4, 5], 'ERR_INDEX'); // more rows than sequences
    await refused('input.offsets', [0, 3, 7], 'ERR_INDEX'); // past the last row
    await refused('input.order', [0, 1, 1], 'ERR_INDEX');
    await refused('input.order', [0, 1, 3], 'ERR_INDEX');
    await refused('input.order', [0, -1, 2], 'ERR_INDEX');
  });

  it('gives zeros for the gradients of a batch of nothing, whatever stood there before', async () => {
    for (const rows of [0, 4]) {
      const { program, batch } = batchOf(caseOf('lstm', shapes[3]!, { rows }), [3, 2, 1]);
      const nothing = batchFor(program, new Numbers(19), { lengths: [0, 0, 0], largest: largestOf });
      for (const backend of backends) {
        const trial = new Trial(backend, program);
        await trial.run(batch);
        const results = await trial.run(nothing);
        for (const name of ['dinputWeight', 'drecurrentWeight', 'dbias', ...(rows > 0 ? ['dtable'] : [])])
          expect(
            results[name]!.some(value => value !== 0),
            `${name} on ${backend.isa}`,
          ).to.equal(false);
      }
    }
  });

  it('knows the ids of one batch from those of the batch before', async () => {
    const { program, batch } = batchOf(caseOf('gru', shapes[3]!, { rows: 6 }), [3, 2, 1]);
    const [backend] = backends;
    const trial = new Trial(backend!, program);
    for (const ids of [
      [0, 1, 2, 3, 4, 5],
      [5, 5, 4, 4, 0, 5],
      [2, 2, 2, 2, 2, 1],
    ]) {
      const other: Batch = { ...batch, values: { ...batch.values, ids: Int32Array.from(ids) } };
      expectSameBits(await trial.run(other), await new Trial(backend!, program).run(other), `ids ${ids}`);
    }
  });

  it('refuses ids that its table does not have', async () => {
    const options = caseOf('gru', shapes[3]!, { rows: 4 });
    const { program, batch } = batchOf(options, [3, 2, 1]);
    for (const ids of [
      [0, 1, 2, 3, 4, 0],
      [0, 1, -1, 3, 2, 0],
    ]) {
      const wrong: Batch = { ...batch, values: { ...batch.values, ids: Int32Array.from(ids) } };
      for (const backend of backends) {
        const error = await new Trial(backend, program).run(wrong).catch((error: Error & { code: string }) => error);
        expect(error).to.be.instanceOf(RangeError).with.property('code', 'ERR_INDEX');
        expect((error as Error).message).to.contain('ids');
      }
    }
  });

  it('refuses options that are none of its cell', () => {
    const shape = { what: '', inputSize: 2, size: 3, lengths: [2] };
    const of = (cell: CellName, beside: Partial<CellCase>) => cellProgram(caseOf(cell, shape, beside), 'infer');
    const seeing = of('lstm', { options: { peepholes: ['i', 'o'] } });
    const coupled = of('lstm', { options: { coupled: 'f' } });
    const clipped = of('gru', { options: { clip: 1 } });
    const zoned = of('rnn', { options: {}, zoned: true });
    const wrong: readonly (readonly [string, ProgramData, Attributes])[] = [
      ['an activation that does not exist', clipped, { activations: ['sigmoid', 'gelu', 'tanh'] }],
      ['activations of too few gates', clipped, { activations: ['sigmoid', 'tanh'] }],
      ['an alpha too few', clipped, { alphas: [1, 1] }],
      ['an alpha that is no number', clipped, { alphas: [1, Number.NaN, 1] }],
      ['a clip of 0', clipped, { clip: 0 }],
      ['a share above 1', zoned, { zoneoutH: 1.5 }],
      ['a peephole of g', seeing, { peepholes: ['g', 'o'] }],
      ['a peephole twice', seeing, { peepholes: ['o', 'o'] }],
      ['a peephole too many', seeing, { peepholes: ['i', 'f', 'o'] }],
      ['weights of peepholes that nobody names', seeing, { peepholes: [] }],
      ['a gate that cannot be coupled', coupled, { coupled: 'g' }],
      ['a peephole of the coupled gate', seeing, { coupled: 'i', activations: ['tanh', 'tanh', 'tanh', 'tanh'] }],
    ];
    for (const backend of backends.slice(0, 1))
      for (const [what, { steps, ...program }, attributes] of wrong) {
        const spoilt = steps.map(step => ({ ...step, attributes: { ...step.attributes, ...attributes } }));
        const run = () => {
          const other = new Program({ ...program, steps: spoilt });
          new Trial(backend, other).runSync(batchFor(other, new Numbers(3), { lengths: shape.lengths }));
        };
        expect(run, what).to.throw().with.property('code').that.is.oneOf(['ERR_ARGUMENT', 'ERR_SHAPE']);
      }
  });

  it('ends in the middle of a sequence when it is cancelled, on every thread, and runs again', async function () {
    this.retries(2); // the machine may have been busier the first time
    const shape = { what: '', inputSize: 64, size: 96, lengths: new Array(8).fill(1500) };
    const { program, batch } = batchOf(caseOf('lstm', shape, {}), shape.lengths, { by: ['recurrentWeight'] });
    const backend = native({ threads: 3 });
    const trial = new Trial(backend, program);
    const feeds = trial.feeds(batch);
    const timed = async (signal?: AbortSignal) => {
      const begin = performance.now();
      const outcome = await trial.executable.run(feeds, signal ? { signal } : {}).catch(() => 'cancelled' as const);
      return { outcome, ms: performance.now() - begin };
    };
    await timed(); // the first run makes room, which takes longer
    const whole = await timed();
    const cancelled = await timed(AbortSignal.timeout(Math.ceil(whole.ms / 10)));
    expect(cancelled.outcome).to.equal('cancelled');
    expect(cancelled.ms).to.be.below(0.7 * whole.ms);
    const again = await timed();
    if (whole.outcome === 'cancelled' || again.outcome === 'cancelled') expect.fail('nobody cancelled this run');
    expectSameBits(again.outcome, whole.outcome, 'after a cancelled run');
    await backend.close();
  });
});
