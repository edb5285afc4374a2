import { expect } from 'chai';
import { type CellName, cellNames, cells } from '../../lib/cells.ts';
import { fill } from '../../lib/ops/fill.ts';
import { gather } from '../../lib/ops/gather.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { gru } from '../../lib/ops/gru.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { rnn } from '../../lib/ops/rnn.ts';
import { Recording } from '../../lib/program/recording.ts';
import { elementCount, type Shape } from '../../lib/program/shape.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { checkGradients } from './check-gradients.ts';
import { type Build, evaluate, type Given, integers, reals } from './evaluate.ts';
import { type Options, reference } from './recurrent-reference.ts';

interface Case extends Options {
  readonly cell: CellName;
  readonly I: number;
  readonly H: number;
  readonly lengths: readonly number[];
  readonly biases: 0 | 1 | 2;
  readonly initial: boolean;
  readonly masks: 'none' | 'shared' | 'per gate';
  readonly recompute?: boolean | number;
}

const plain = {
  direction: 'forward',
  activation: 'tanh',
  reset: 'after',
  updateGate: 'keep',
  I: 3,
  H: 4,
  lengths: [2, 0, 4, 1],
  biases: 2,
  initial: true,
  masks: 'none',
} as const;

/** Inputs of a case, drawn; the masks keep or drop as dropout's do. */
function inputsOf({ cell, I, H, lengths, biases, initial, masks }: Case): Record<string, Given> {
  const numbers = new Numbers(cell.length + 100 * H + I);
  const G = cells[cell].gates.length;
  const batch = lengths.length;
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const drawn = (shape: Shape, extents: number[], largest = 1) =>
    reals(shape, numbers.reals(elementCount(extents), largest));
  const mask = (width: number) => {
    const columns = masks === 'per gate' ? G * width : width;
    return reals(
      ['batch', columns],
      Array.from({ length: batch * columns }, () => (numbers.next() < 0.3 ? 0 : 1.25)),
    );
  };
  const scale = 1 / Math.sqrt(H);
  return {
    x: drawn(['input.tokens', I], [tokens, I]),
    inputWeight: drawn([I, G * H], [I, G * H]),
    recurrentWeight: drawn([H, G * H], [H, G * H], scale),
    ...(biases > 0 ? { bias: drawn([G * H], [G * H]) } : {}),
    ...(biases > 1 ? { recurrentBias: drawn([G * H], [G * H]) } : {}),
    ...(initial ? { h: drawn(['batch', H], [batch, H]) } : {}),
    ...(initial && cell === 'lstm' ? { c: drawn(['batch', H], [batch, H], 2) } : {}),
    ...(masks === 'none' ? {} : { maskX: mask(I), maskH: mask(H) }),
  };
}

const learned = (inputs: Record<string, Given>) => Object.keys(inputs).filter(name => !name.startsWith('mask'));

function buildOf({ cell, direction, activation, reset, updateGate, recompute = false }: Case): Build {
  return (tensors, recording) => {
    recording.layout('input');
    const inputs = { ...tensors } as Record<string, Tensor> & Parameters<typeof lstm>[0];
    const outputs =
      cell === 'rnn'
        ? rnn(inputs, { direction, activation, recompute })
        : cell === 'gru'
          ? gru(inputs, { direction, reset, updateGate, recompute })
          : lstm(inputs, { direction, recompute });
    const { y, hN, cN } = outputs;
    return { y, hN, ...(cN ? { cN } : {}) };
  };
}

function expectReference(of: Case): void {
  const inputs = inputsOf(of);
  const values = Object.fromEntries(Object.entries(inputs).map(([name, { values }]) => [name, values]));
  const expected = reference(of.cell, of, values, of.lengths, of.I, of.H);
  for (const mode of ['train', 'infer'] as const) {
    const found = evaluate(inputs, buildOf(of), { lengths: of.lengths, mode });
    for (const name of ['y', 'hN', 'cN'] as const) {
      expect(found[name]?.length).to.equal(expected[name as keyof typeof expected]?.length);
      expected[name as keyof typeof expected]?.forEach((value, k) => {
        expect(found[name]![k], `${name}[${k}] (${mode})`).to.be.closeTo(value, 1e-13);
      });
    }
  }
}

function expectGradients(of: Case, arriving?: readonly string[]): void {
  const inputs = inputsOf(of);
  checkGradients({
    inputs,
    by: learned(inputs),
    build: buildOf(of),
    lengths: of.lengths,
    ...(arriving ? { arriving } : {}),
  });
}

/** Every choice of every option that the cell has. */
function* combinations(cell: CellName): Generator<Case> {
  for (const direction of ['forward', 'backward'] as const)
    for (const activation of cell === 'rnn' ? (['tanh', 'relu'] as const) : (['tanh'] as const))
      for (const reset of cell === 'gru' ? (['after', 'before'] as const) : (['after'] as const))
        for (const updateGate of cell === 'gru' ? (['keep', 'write'] as const) : (['keep'] as const))
          for (const masks of ['none', 'shared', 'per gate'] as const)
            for (const [biases, initial] of [
              [0, true],
              [1, false],
              [2, true],
            ] as const)
              yield { ...plain, cell, direction, activation, reset, updateGate, masks, biases, initial };
}

const sizes = [1, 3, 7, 8, 9, 15, 16, 17, 33];
const ragged = [[3], [1, 1], [2, 5, 1], [0, 3, 0], [1, 0, 2, 9, 4], [2, 2, 2], [0, 1], [9, 8, 7], [4, 0, 4, 1]];

for (const cell of cellNames)
  describe(`${cell} over a ragged batch`, () => {
    it('computes what its paper says in every combination of options', () => {
      for (const each of combinations(cell)) expectReference(each);
    });

    it('has the gradients of finite differences in every combination of options', () => {
      for (const each of combinations(cell)) expectGradients(each);
    });

    if (cell !== 'rnn')
      it('has the gradients of finite differences where its gates are computed again', () => {
        const lengths = [5, 0, 3, 1];
        const segments = [true, 1, 2, 3, 9];
        [...combinations(cell)].forEach((each, index) => {
          expectGradients({ ...each, lengths, recompute: segments[index % segments.length]! });
        });
      });

    sizes.forEach((H, index) => {
      const lengths = ragged[index]!;
      const direction = index % 2 === 0 ? 'backward' : 'forward';
      it(`agrees with its paper and finite differences with ${H} units and lengths ${lengths}, ${direction}`, () => {
        const of: Case = { ...plain, cell, H, I: sizes.at(-1 - index)!, lengths, direction, reset: 'before' };
        expectReference(of);
        expectGradients(of);
      });
    });

    it('has the right gradients when they arrive at a single output', () => {
      for (const output of cells[cell].states.map(state => `${state}N`).concat('y'))
        expectGradients({ ...plain, cell, masks: 'shared' }, [output]);
    });

    it('passes the initial state of an empty sequence through, and runs on nothing at all', () => {
      for (const lengths of [[0, 0], []]) {
        expectReference({ ...plain, cell, lengths });
        expectGradients({ ...plain, cell, lengths });
      }
    });

    it('reads a batch of one step as it is', () => {
      expectReference({ ...plain, cell, lengths: [1, 1, 1] });
    });

    it('gives a sequence the same result whatever its neighbours', () => {
      const alone: Case = { ...plain, cell, lengths: [4], initial: false };
      const inputs = inputsOf(alone);
      const among = inputsOf({ ...alone, lengths: [4, 4, 6] });
      const { y } = evaluate(inputs, buildOf(alone), { lengths: [4] });
      // The sequence of length 6 is ranked first: rows of the step t < 4 are its own, ours, the third's.
      const rows = Array.from(among.x!.values);
      for (let t = 0; t < 4; t++)
        for (let k = 0; k < alone.I; k++) rows[(3 * t + 1) * alone.I + k] = inputs.x!.values[t * alone.I + k]!;
      const shared = { ...inputs, x: reals(['input.tokens', alone.I], rows) };
      const together = evaluate(shared, buildOf(alone), { lengths: [4, 4, 6] }).y!;
      const ours = [0, 1, 2, 3].flatMap(t => together.slice((3 * t + 1) * alone.H, (3 * t + 2) * alone.H));
      expect(ours).to.deep.equal(y);
    });

    it('refuses shapes that do not fit while recording, naming what came and what was expected', () => {
      const G = cells[cell].gates.length;
      const shapes: Record<string, Shape> = {
        x: ['input.tokens', 3],
        inputWeight: [3, G * 4],
        recurrentWeight: [4, G * 4],
        bias: [G * 4],
        recurrentBias: [G * 4],
        h: ['batch', 4],
        maskX: ['batch', 3],
        maskH: ['batch', G * 4],
      };
      const recordWith = (changed: Record<string, Shape>) => {
        const recording = new Recording('train');
        recording.layout('input');
        const feeds = Object.entries({ ...shapes, ...changed }).map(([name, shape]) => [
          name,
          recording.feed(name, shape),
        ]);
        buildOf({ ...plain, cell })(Object.fromEntries(feeds), recording);
      };
      recordWith({});
      const wrong: Record<string, Shape> = {
        x: ['rows', 3],
        inputWeight: [4, G * 4],
        recurrentWeight: [4, G * 4 + 1],
        bias: [G * 4, 1],
        recurrentBias: [1],
        h: [4],
        maskX: ['batch', 5],
        maskH: ['rows', 4],
      };
      for (const [name, shape] of Object.entries(wrong))
        expect(() => recordWith({ [name]: shape }), name)
          .to.throw(RangeError, new RegExp(`^${cell}: ${name} has shape \\[${shape.join(', ')}\\], expected`))
          .with.property('code', 'ERR_SHAPE');
      if (cell !== 'lstm')
        expect(() => recordWith({ c: ['batch', 4] })).to.throw(RangeError, `${cell}: has no cell state c`);
    });

    it('reads the rows of a table as it reads what was gathered from it, and gives the table its gradient', () => {
      const of: Case = { ...plain, cell, lengths: [3, 0, 2, 1] };
      const { x: _, ...inputs } = inputsOf(of);
      const table = reals([5, of.I], new Numbers(4).reals(5 * of.I));
      const given = { ...inputs, table, ids: integers(['input.tokens'], [4, 1, 1, 0, 4, 2]) };
      const reading =
        (how: 'rows' | 'gathered'): Build =>
        ({ table, ids, ...tensors }, recording) => {
          recording.layout('input');
          const rows = { table: table!, ids: ids!, ignore: 1 };
          const x = how === 'rows' ? rows : gather(rows.table, rows.ids, rows);
          const outputs = buildOf(of)({ ...tensors, x } as Record<string, Tensor>, recording);
          const wanted = { table: table!, inputWeight: tensors.inputWeight!, bias: tensors.bias! };
          const found = gradients(
            Object.values(outputs).map(output => ({ of: output, gradient: fill(recording, output.shape, 0.5) })),
            Object.values(wanted),
          );
          return {
            ...outputs,
            ...Object.fromEntries(Object.keys(wanted).map((name, index) => [`d${name}`, found[index]!])),
          };
        };
      const found = evaluate(given, reading('rows'), of);
      expect(found).to.deep.equal(evaluate(given, reading('gathered'), of));
      expect(found.dtable!.slice(of.I, 2 * of.I), 'the row that is not learned').to.deep.equal([0, 0, 0]);
      expect(found.dtable!.some(value => value !== 0)).to.equal(true);
    });

    it('refuses ids that are none, and a mask of what it does not see', () => {
      const of: Case = { ...plain, cell, lengths: [2, 1] };
      const { x: _, ...inputs } = inputsOf({ ...of, masks: 'shared' });
      const given = { ...inputs, table: reals([5, 3], new Array(15).fill(0)) };
      const build =
        (masked: boolean): Build =>
        ({ table, ids, maskX, ...tensors }, recording) => {
          recording.layout('input');
          const x = { table: table!, ids: ids!, ignore: -1 };
          return buildOf(of)(
            { ...tensors, ...(masked ? { maskX } : {}), x } as unknown as Record<string, Tensor>,
            recording,
          );
        };
      const ids = (values: number[]) => integers(['input.tokens'], values);
      expect(() => evaluate({ ...given, ids: ids([0, 5, 1]) }, build(false), of)).to.throw(RangeError, 'ids[1] is 5');
      expect(() => evaluate({ ...given, ids: ids([0, 1, 2]) }, build(true), of)).to.throw(RangeError, 'maskX');
      expect(() => evaluate({ ...given, ids: reals(['input.tokens'], [0, 1, 2]) }, build(false), of))
        .to.throw(RangeError, `${cell}: the ids of x must be int32 [tokens]`)
        .with.property('code', 'ERR_SHAPE');
    });

    it('fails the run on a layout that reaches outside its rows', () => {
      const of: Case = { ...plain, cell, lengths: [2, 1] };
      const inputs = inputsOf(of);
      const run = (layout: Record<string, Given>) => () => evaluate({ ...inputs, ...layout }, buildOf(of), of);
      const order = (values: number[]) => ({ 'input.order': { shape: ['batch'], values, dtype: 'int32' as const } });
      const offsets = (values: number[]) => ({
        'input.offsets': { shape: ['input.steps'], values, dtype: 'int32' as const },
      });
      expect(run(order([0, 2])))
        .to.throw(RangeError, `${cell}: order[1] is 2, expected 0…1`)
        .with.property('code', 'ERR_INDEX');
      expect(run(order([1, 1]))).to.throw(RangeError, `${cell}: order[1] is 1 again, expected a permutation`);
      expect(run(offsets([1, 2]))).to.throw(RangeError, `${cell}: offsets[0] is 1, expected 0`);
      expect(run(offsets([0, 3]))).to.throw(RangeError, `${cell}: offsets[0] is 0, which leaves 3 sequences at step 0`);
      expect(run(offsets([0, 1]))).to.throw(RangeError, `${cell}: offsets[1] is 1, which leaves 2 sequences at step 1`);
    });
  });
