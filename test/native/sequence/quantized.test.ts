import { expect } from 'chai';
import type { Backend, Results } from '../../../lib/backend/backend.ts';
import { addon } from '../../../lib/backend/load.ts';
import { native } from '../../../lib/backend/native-backend.ts';
import { cellNames } from '../../../lib/cells.ts';
import type { Mode } from '../../../lib/program/recording.ts';
import { deviation, expectAgreement, expectSameBits } from '../../backend/conformance/agreement.ts';
import { type CellCase, cellProgram, largestOf, plainCase } from '../../backend/conformance/cell-program.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { type Batch, batchFor, Trial } from '../../backend/conformance/trial.ts';

const shapes: readonly { what: string; options: Partial<CellCase>; lengths: readonly number[] }[] = [
  { what: 'many rows at every step', options: { direction: 'backward' }, lengths: [9, 0, 7, 9, 3, 1, 9, 8, 9] },
  { what: 'few rows, whose inputs are projected', options: { reset: 'before' }, lengths: [200, 70] },
  { what: 'rows of a table', options: { rows: 7, inputSize: 30 }, lengths: [6, 4, 5] },
  { what: 'sizes of whole blocks', options: { inputSize: 32, size: 64, updateGate: 'write' }, lengths: [5, 5, 5, 4] },
];

const trained: typeof shapes = [
  ...shapes,
  { what: 'an odd number of rows', options: { size: 70 }, lengths: [31, 30, 22] },
  { what: 'a mask for all gates', options: { masks: 'shared', reset: 'before' }, lengths: [6, 4, 5] },
  { what: 'a mask per gate', options: { masks: 'per gate', inputSize: 40 }, lengths: [6, 4, 5, 1, 2] },
  { what: 'segments computed again', options: { recompute: 3 }, lengths: [9, 0, 7, 9] },
  { what: 'chunks of steps', options: { size: 40, reset: 'before' }, lengths: new Array(33).fill(70) },
];

/** A batch whose sequences have all the same length, cut into its steps: states go from one to the next. */
async function stepByStep(trial: Trial, { values }: Batch, { size, inputSize }: CellCase, lengths: readonly number[]) {
  const batch = lengths.length;
  const y: number[] = [];
  let state: Results = {};
  let { h, c } = values;
  for (let t = 0; t < lengths[0]!; t++) {
    state = await trial.run({
      sizes: { batch, 'input.steps': 1, 'input.tokens': batch },
      values: {
        ...values,
        x: values.x!.slice(t * batch * inputSize, (t + 1) * batch * inputSize),
        h: h!,
        ...(c ? { c } : {}),
        'input.offsets': Int32Array.of(0),
      },
    });
    h = Float64Array.from(state.hN!);
    if (state.cN) c = Float64Array.from(state.cN);
    y.push(...state.y!);
  }
  expect(y).to.have.length(lengths[0]! * batch * size);
  return { ...state, y: Float32Array.from(y) };
}

describe('quantized sequences of the native backend', function () {
  this.timeout(20_000);
  if (!addon) return;
  const { isas } = addon;
  let backends: Backend[];
  before(() => {
    backends = isas.flatMap(isa => [1, 2, 3].map(threads => native({ isa, threads })));
  });
  after(() => Promise.all(backends.map(backend => backend.close())));

  const sameBits = async (options: CellCase, mode: Mode, lengths: readonly number[], what: string) => {
    const program = cellProgram(options, mode);
    const batch = batchFor(program, new Numbers(19), { lengths, largest: largestOf, below: { ids: options.rows } });
    const [first, ...others] = await Promise.all(
      backends.map(async backend => ({ backend, results: await new Trial(backend, program).run(batch) })),
    );
    for (const { backend, results } of others)
      expectSameBits(results, first!.results, `${what} on ${backend.isa} × ${backend.threads}`);
  };

  for (const cell of cellNames) {
    it(`${cell} trained in bfloat16: the same bits on every instruction set and number of threads`, async () => {
      for (const { what, options, lengths } of trained)
        await sameBits(plainCase(cell, { ...options, quantize: 'bfloat16' }), 'train', lengths, what);
    });

    it(`${cell} trained in bfloat16: results and gradients are near those of float32, and not the same`, async () => {
      for (const { what, options, lengths } of trained) {
        const exact = cellProgram(plainCase(cell, options), 'train');
        const batch = batchFor(exact, new Numbers(7), {
          lengths,
          largest: largestOf,
          below: { ids: options.rows ?? 0 },
        });
        const expected = await new Trial(backends[0]!, exact).run(batch);
        const rounded = cellProgram(plainCase(cell, { ...options, quantize: 'bfloat16' }), 'train');
        const results = await new Trial(backends[0]!, rounded).run(batch);
        expectAgreement(results, expected, 0.03, `${cell}, ${what}`);
        for (const name of ['dinputWeight', 'drecurrentWeight', 'dh'])
          expect(deviation(results[name]!, expected[name]!), `${what}: ${name}`).to.be.above(1e-5);
      }
    });
  }

  for (const quantize of ['bfloat16', 'int8'] as const) {
    for (const cell of cellNames)
      it(`${cell} in ${quantize}: the same bits on every instruction set and number of threads`, async () => {
        for (const { what, options, lengths } of shapes)
          await sameBits(plainCase(cell, { ...options, quantize }), 'infer', lengths, what);
      });

    it(`in ${quantize} a sequence at once has the bits of its steps one by one`, async () => {
      for (const cell of cellNames)
        for (const [batch, steps] of [
          [1, 40],
          [3, 9],
          [7, 6],
        ] as const) {
          const options = plainCase(cell, { quantize });
          const program = cellProgram(options, 'infer');
          const lengths = new Array<number>(batch).fill(steps);
          const whole = batchFor(program, new Numbers(3), { lengths, largest: largestOf });
          const trial = new Trial(backends[0]!, program);
          const expected = await stepByStep(trial, whole, options, lengths);
          expectSameBits(await trial.run(whole), expected, `${cell}, ${batch} × ${steps}`);
        }
    });

    it(`in ${quantize} results are near those of float32, and not the same`, async () => {
      for (const cell of cellNames) {
        const lengths = [60, 50, 44, 3];
        const options = plainCase(cell, { size: 64 });
        const exact = cellProgram(options, 'infer');
        const batch = batchFor(exact, new Numbers(7), { lengths, largest: largestOf });
        const expected = await new Trial(backends[0]!, exact).run(batch);
        const results = await new Trial(backends[0]!, cellProgram({ ...options, quantize }, 'infer')).run(batch);
        // Each rounding is by 2⁻⁹ of a number, or by 1/254 of the largest of a row; sums of 81 let them cancel.
        expectAgreement(results, expected, quantize === 'int8' ? 0.06 : 0.02, cell);
        expect(deviation(results.y!, expected.y!), cell).to.be.above(1e-5);
      }
    });

    it(`in ${quantize} what is no number stays none, in its row alone`, async () => {
      for (const cell of cellNames)
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
          const options = plainCase(cell, { quantize });
          const program = cellProgram(options, 'infer');
          const batch = batchFor(program, new Numbers(7), { lengths: [1, 1], largest: largestOf });
          const trial = new Trial(backends[0]!, program);
          const before = await trial.run(batch);
          batch.values.x![3] = bad;
          const after = await trial.run(batch);
          const { size } = options;
          if (Number.isNaN(bad)) expect([...after.y!.subarray(0, size)].every(Number.isNaN), cell).to.equal(true);
          expectSameBits({ y: after.y!.slice(size) }, { y: before.y!.slice(size) }, cell);
        }
    });
  }

  it('weights and rows of zeros stay zeros', async () => {
    for (const quantize of ['bfloat16', 'int8'] as const) {
      const program = cellProgram(plainCase('rnn', { quantize, biases: 'none' }), 'infer');
      const batch = batchFor(program, new Numbers(7), { lengths: [2, 1], largest: largestOf });
      for (const name of ['x', 'h']) {
        const values = { ...batch.values, [name]: new Float64Array(batch.values[name]!.length) };
        if (name === 'x') values.recurrentWeight = new Float64Array(batch.values.recurrentWeight!.length);
        else values.inputWeight = new Float64Array(batch.values.inputWeight!.length);
        const { y } = await new Trial(backends[0]!, program).run({ ...batch, values });
        expect([...y!].every(value => value === 0)).to.equal(true);
      }
    }
  });
});
