import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { type CellName, cellNames, cells } from '../../lib/cells.ts';
import { cellWeights, type GateWeights } from '../../lib/formats/cell-weights.ts';
import { gru } from '../../lib/layers/gru.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { Numbers } from '../backend/conformance/numbers.ts';

const [inputSize, size] = [2, 3];
const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));

type Rows = number[][];
const draw = (numbers: Numbers, rows: number, columns: number): Rows =>
  Array.from({ length: rows }, () => [...numbers.reals(columns)]);

/** The equations of S0, W·[h₋, x] + b, one sequence and one unit at a time. */
function bookkeeping(cell: CellName, gates: Readonly<Record<string, { weight: Rows; bias: number[] }>>, xs: Rows) {
  let h = new Array<number>(size).fill(0);
  let c = new Array<number>(size).fill(0);
  for (const x of xs) {
    const a = (gate: string, state = h) =>
      gates[gate]!.weight.map((row, unit) =>
        [...state, ...x].reduce((sum, value, k) => sum + row[k]! * value, gates[gate]!.bias[unit]!),
      );
    if (cell === 'rnn') h = a('a').map(Math.tanh);
    if (cell === 'gru') {
      const [r, u] = [a('r').map(sigmoid), a('z').map(sigmoid)];
      const candidate = a(
        'n',
        h.map((value, k) => r[k]! * value),
      ).map(Math.tanh);
      h = h.map((value, k) => u[k]! * value + (1 - u[k]!) * candidate[k]!);
    }
    if (cell === 'lstm') {
      const [i, f, o] = ['i', 'f', 'o'].map(gate => a(gate).map(sigmoid)) as [number[], number[], number[]];
      c = a('g').map((value, k) => f[k]! * c[k]! + i[k]! * Math.tanh(value));
      h = c.map((value, k) => o[k]! * Math.tanh(value));
    }
  }
  return h;
}

const backends = [
  ['js', 1e-14, () => js({ precision: 'float64' })],
  ['native', 1e-6, () => native()],
] as const;
const layers = { rnn: rnn({ size }), gru: gru({ size, reset: 'before' }), lstm: lstm({ size }) };

describe('weights by gates', () => {
  for (const cell of cellNames)
    for (const [name, tolerance, open] of backends)
      it(`of a ${cell} are the same concatenated and split, on ${name}`, async function () {
        if (name === 'native' && !addon) this.skip();
        const numbers = new Numbers(5);
        const names: readonly string[] = cells[cell].gates;
        const concatenated = Object.fromEntries(
          names.map(gate => [gate, { weight: draw(numbers, size, size + inputSize), bias: [...numbers.reals(size)] }]),
        );
        const split = Object.fromEntries(
          Object.entries(concatenated).map(([gate, { weight, bias }]) => [
            gate,
            { recurrent: weight.map(row => row.slice(0, size)), input: weight.map(row => row.slice(size)), bias },
          ]),
        );
        const backend = open();
        const xs = draw(numbers, 4, inputSize);
        const expected = bookkeeping(cell, concatenated, xs);
        const [one, other] = [concatenated, split].map(gates => {
          const model = sequential([layers[cell]], { backend, inputSize });
          for (const [part, values] of Object.entries(cellWeights(cell, gates as never)))
            model.parameter(`${cell}.${part}`)!.write(values as Float64Array);
          return model.predict({ sequences: [xs] });
        });
        const [[fromOne], [fromOther]] = [await one!, await other!];
        expect(fromOne).to.deep.equal(fromOther);
        expect(fromOne).to.have.length(size);
        fromOne!.forEach((value, k) => {
          expect(value).to.be.closeTo(expected[k]!, tolerance);
        });
        await backend.close();
      });

  it('may mix the forms, and leave out biases', () => {
    const plain = cellWeights('lstm', {
      i: { weight: [[1, 2]] },
      f: { recurrent: [[3]], input: [[4]] },
      g: { weight: [Float32Array.of(5, 6)] },
      o: { recurrent: [[7]], input: [[8]] },
    });
    expect(plain).to.deep.equal({
      recurrentWeight: Float64Array.of(1, 3, 5, 7),
      inputWeight: Float64Array.of(2, 4, 6, 8),
    });
    const none = { weight: [[0, 0]] };
    const some = cellWeights('gru', { r: none, z: { ...none, bias: [9] }, n: none });
    expect(some.bias).to.deep.equal(Float64Array.of(0, 9, 0));
  });

  it('are refused where they do not fit', () => {
    const good: GateWeights = {
      recurrent: [
        [1, 2],
        [3, 4],
      ],
      input: [[5], [6]],
      bias: [7, 8],
    };
    const loading = (bad: Partial<Record<'recurrent' | 'input' | 'weight' | 'bias', unknown>>) => () =>
      cellWeights('gru', { r: good, z: { ...good, ...bad } as GateWeights, n: good });
    expect(loading({})).not.to.throw();
    for (const [bad, message] of [
      [{ recurrent: [[1, 2]] }, 'the part of gate z on h has shape [1, 2], expected [2, 2]'],
      [{ recurrent: [[5], [6]] }, 'the part of gate z on h has shape [2, 1], expected [2, 2]'],
      [{ input: [[5], [6, 7]] }, 'the part of gate z on x has shape [2, 1 or 2], expected [2, 1]'],
      [
        {
          weight: [
            [1, 2],
            [3, 4],
          ],
        },
        'the part of gate z on x has shape [2, 0], expected [2, 1]',
      ],
      [{ bias: [7] }, 'the bias of gate z has shape [1], expected [2]'],
    ] as const)
      expect(loading(bad)).to.throw(RangeError, `cellWeights: ${message}`).with.property('code', 'ERR_SHAPE');
    expect(() => cellWeights('gru', { r: good, n: good } as never))
      .to.throw(RangeError, 'cellWeights: gru has the gates r, z, n; got no z')
      .with.property('code', 'ERR_ARGUMENT');
  });
});
