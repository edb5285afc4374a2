import type { Backend } from '../../../lib/backend/backend.ts';
import { type CellName, cellNames } from '../../../lib/cells.ts';
import { expectAgreement } from './agreement.ts';
import { optionPairs } from './cell-options.ts';
import { type CellCase, cellProgram, type Differentiation } from './cell-program.ts';
import { Numbers } from './numbers.ts';
import { type Batch, batchFor, Trial } from './trial.ts';

const sizes = [1, 3, 7, 8, 9, 15, 16, 17, 33];
const batches = [1, 2, 5];
const steps = [1, 2, 9];
const inputSizes = [1, 3, 8, 17];

/** Ragged as soon as there are two sequences, one of them empty as soon as there are five. */
const lengthsOf = (batch: number, longest: number) =>
  [longest - 1, longest, 0, Math.ceil(longest / 2), longest].slice(batch === 1 ? 1 : 0, batch === 1 ? 2 : batch);

/** Every option of a cell in every combination. */
function* combinations(cell: CellName): Generator<Omit<CellCase, 'inputSize' | 'size'>> {
  const only = <T>(condition: boolean, values: readonly T[]) => (condition ? values : values.slice(0, 1));
  for (const direction of ['forward', 'backward'] as const)
    for (const biases of ['two', 'one', 'none'] as const)
      for (const initialState of [true, false])
        for (const masks of ['none', 'shared', 'per gate'] as const)
          for (const activation of only(cell === 'rnn', ['tanh', 'relu'] as const))
            for (const reset of only(cell === 'gru', ['after', 'before'] as const))
              for (const updateGate of only(cell === 'gru', ['keep', 'write'] as const))
                for (const rows of [0, 5])
                  yield { cell, rows, direction, biases, initialState, masks, activation, reset, updateGate };
}

/** Weights are scaled so that a pre-activation is of the order of 1 whatever the sizes. */
const largest = (name: string, shape: readonly number[]) => (name.endsWith('Weight') ? 1.5 / Math.sqrt(shape[0]!) : 1);

export function itComputesCells(open: () => Backend, twin: () => Backend): void {
  // Forward a float32 sum of H+I terms per step, backward the same again over T steps: some 10⁻⁵ of the largest value.
  const check = async (options: CellCase, lengths: readonly number[], differentiation: Differentiation = {}) => {
    const program = cellProgram(options, 'train', differentiation);
    const batch = batchFor(program, new Numbers(11 + options.size), { lengths, largest, below: { ids: options.rows } });
    const expected = new Trial(twin(), program).runSync(batch);
    const got = await new Trial(open(), program).run(batch);
    const what = `${JSON.stringify(options)}, lengths ${lengths}`;
    const forward = (name: string) => !name.startsWith('d');
    expectAgreement(pick(got, forward), pick(expected, forward), 1e-5, what);
    expectAgreement(
      pick(got, name => !forward(name)),
      pick(expected, name => !forward(name)),
      2e-5,
      what,
    );
  };

  for (const cell of cellNames) {
    for (const size of sizes)
      it(`${cell} of ${size} units agrees with js in float64, forward and backward, in every batch and length`, async () => {
        const options = [...combinations(cell)];
        let turn = size;
        for (const batch of batches)
          for (const longest of steps) {
            // 7 is prime to every number of combinations, so that sizes and shapes meet different options.
            const chosen = options[(turn += 7) % options.length]!;
            const inputSize = inputSizes[turn % inputSizes.length]!;
            await check({ ...chosen, size, inputSize }, lengthsOf(batch, longest));
          }
      });

    it(`${cell} agrees with js in every combination of its options`, async () => {
      for (const options of combinations(cell)) await check({ ...options, size: 9, inputSize: 5 }, [2, 4, 0, 3]);
    });

    it(`${cell} agrees with js with every option beside its equations and with every pair of them`, async () => {
      const options = [...combinations(cell)];
      const sizesAndLengths = [
        { size: 9, inputSize: 5, lengths: [2, 4, 0, 3] },
        { size: 33, inputSize: 3, lengths: [3, 1, 2, 3, 3, 2, 3, 1] },
        { size: 16, inputSize: 8, lengths: [5] },
      ];
      for (const [turn, { options: beside, zoned = false }] of optionPairs(cell).entries())
        await check(
          { ...options[(7 * turn) % options.length]!, ...sizesAndLengths[turn % 3]!, options: beside, zoned },
          sizesAndLengths[turn % 3]!.lengths,
        );
    });

    it(`${cell} agrees with js with zoneout around its plain equations, in every combination of its options`, async () => {
      for (const [turn, options] of [...combinations(cell)].entries())
        await check(
          {
            ...options,
            size: 18,
            inputSize: 4,
            ...(turn % 3 === 0 ? { options: { zoneoutH: 0.3 } } : { zoned: true }),
          },
          [2, 4, 0, 3],
        );
    });

    it(`${cell} agrees with js whatever masks x and h have`, async () => {
      const kinds = ['none', 'shared', 'per gate'] as const;
      const plain = [...combinations(cell)].filter(
        ({ rows, biases, initialState, masks }) => rows === 0 && biases === 'two' && initialState && masks === 'none',
      );
      for (const options of plain)
        for (const masks of kinds)
          for (const masksOfX of kinds)
            await check({ ...options, size: 33, inputSize: 5, masks, masksOfX }, [2, 3, 3, 0, 3, 2, 3]);
    });

    it(`${cell} agrees with js where inputs have no features`, async () => {
      for (const options of combinations(cell)) await check({ ...options, size: 17, inputSize: 0 }, [2, 3, 0, 3, 1]);
    });

    it(`${cell} agrees with js over many steps, in wide layers and in large batches`, async () => {
      const options = [...combinations(cell)];
      const shapes = [
        { size: 17, inputSize: 5, lengths: [400, 390, 3, 0, 257, 400] },
        { size: 5, inputSize: 3, lengths: [1100] },
        { size: 70, inputSize: 33, lengths: Array.from({ length: 30 }, (_, b) => b % 5) },
        { size: 3, inputSize: 9, lengths: Array.from({ length: 900 }, (_, b) => b % 3) },
        { size: 66, inputSize: 2, lengths: new Array<number>(530).fill(2) },
      ];
      for (const [turn, { size, inputSize, lengths }] of shapes.entries())
        await check({ ...options[(3 + 31 * turn) % options.length]!, size, inputSize }, lengths);
    });

    it(`${cell} computes the same when it is recorded for inference`, async () => {
      for (const options of combinations(cell)) {
        const whole = { ...options, size: 17, inputSize: 3 };
        const program = cellProgram(whole, 'infer');
        const batch = batchFor(program, new Numbers(5), { lengths: [3, 0, 4], largest, below: { ids: whole.rows } });
        const expected = new Trial(twin(), program).runSync(batch);
        const got = await new Trial(open(), program).run(batch);
        expectAgreement(got, expected, 1e-5, JSON.stringify(whole));
      }
    });

    it(`${cell} agrees with js, quantized, from any state`, async () => {
      // Of one step: in the next a state that differs in its last bit may be rounded to another number.
      for (const quantize of ['bfloat16', 'int8'] as const)
        for (const [turn, options] of [...combinations(cell)].filter(({ masks }) => masks === 'none').entries()) {
          const whole = { ...options, quantize, size: sizes[turn % sizes.length]!, inputSize: inputSizes[turn % 4]! };
          const program = cellProgram(whole, 'infer');
          const lengths = new Array<number>(1 + (turn % 9)).fill(1);
          const batch = batchFor(program, new Numbers(5), { lengths, largest, below: { ids: whole.rows } });
          const expected = new Trial(twin(), program).runSync(batch);
          const got = await new Trial(open(), program).run(batch);
          expectAgreement(got, expected, 1e-5, JSON.stringify(whole));
        }
    });

    it(`${cell} agrees with js, trained in bfloat16, from any state`, async () => {
      // A gradient that differs in its last bit may be rounded to another number here as well, which is rare in one step.
      for (const [turn, options] of [...combinations(cell)].filter(({ rows }) => rows === 0).entries())
        for (const recompute of [false, true]) {
          const shape = { size: sizes[turn % sizes.length]!, inputSize: inputSizes[turn % 4]! };
          const whole = { ...options, ...shape, quantize: 'bfloat16' as const, recompute };
          const program = cellProgram(whole, 'train');
          const lengths = new Array<number>(1 + (turn % 9)).fill(1);
          const batch = batchFor(program, new Numbers(5), { lengths, largest });
          const expected = new Trial(twin(), program).runSync(batch);
          expectAgreement(await new Trial(open(), program).run(batch), expected, 2e-4, JSON.stringify(whole));
        }
    });

    it(`${cell} takes gradients at any of its outputs and gives those that are asked for`, async () => {
      const [options] = combinations(cell);
      const whole = { ...options!, size: 9, inputSize: 4 };
      const outputs = cell === 'lstm' ? ['y', 'hN', 'cN'] : ['y', 'hN'];
      for (const arriving of outputs.map(name => [name]))
        for (const by of [
          ['x', 'table'],
          ['h'],
          ['inputWeight'],
          ['recurrentWeight', 'bias'],
          ['recurrentBias'],
          undefined,
        ])
          await check(whole, [4, 1, 0], by ? { arriving, by } : { arriving });
    });
  }

  it('a sequence does not notice which others are in its batch', async () => {
    for (const cell of cellNames) {
      const [options] = combinations(cell);
      const program = cellProgram({ ...options!, size: 17, inputSize: 3 }, 'infer');
      const trial = new Trial(open(), program);
      const together = batchFor(program, new Numbers(3), { lengths: [4, 4, 4], largest });
      const alone = firstSequence(together, 3, 17, 4);
      const all = await trial.run(together);
      const one = await trial.run(alone);
      expectAgreement({ hN: one.hN! }, { hN: all.hN!.subarray(0, 17) }, 1e-6, cell);
    }
  });
}

/** The first of three sequences of `steps` steps on its own. */
function firstSequence({ values }: Batch, inputSize: number, size: number, steps: number): Batch {
  const x = values.x!;
  const rows = Array.from({ length: steps }, (_, t) => [...x.subarray(3 * t * inputSize, (3 * t + 1) * inputSize)]);
  const own = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      name === 'h' || name === 'c' ? value.subarray(0, size) : value,
    ]),
  );
  return {
    sizes: { batch: 1, 'input.steps': steps, 'input.tokens': steps },
    values: {
      ...own,
      x: Float64Array.from(rows.flat()),
      'input.offsets': Int32Array.from({ length: steps }, (_, t) => t),
      'input.order': Int32Array.of(0),
    },
  };
}

function pick<T>(record: Readonly<Record<string, T>>, keep: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => keep(name)));
}
