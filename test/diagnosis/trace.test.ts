import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { traceChart } from '../../lib/diagnosis/trace-chart.ts';
import {
  bidirectional,
  dense,
  dropout,
  Encoder,
  embedding,
  graph,
  gru,
  js,
  lstm,
  type Model,
  native,
  type RowTrace,
  rnn,
  type Steps,
  sequential,
  trace,
  wordTokenizer,
} from '../../lib/index.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { codeOf, codeOfRejection } from '../code-of.ts';

const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));
const flat = (steps: Steps) => steps.flatMap(step => [...step]);

function near(got: ArrayLike<number>, expected: ArrayLike<number>, what = ''): void {
  expect(got, what).to.have.length(expected.length);
  for (const [at, value] of Array.from(expected).entries())
    expect(got[at], `${what}[${at}]`).to.be.closeTo(value, 1e-12);
}

/** All parameters drawn anew, biases too. */
function drawn(model: Model): Model {
  const numbers = new Numbers(3);
  for (const parameter of model.parameters) parameter.write(numbers.reals(parameter.size, 0.8));
  return model;
}

describe('trace', function () {
  this.timeout(60_000);
  let backend: Backend;
  beforeEach(() => {
    backend = js({ precision: 'float64' });
  });
  afterEach(() => backend.close());

  const [inputSize, size] = [2, 3];
  const sequences = [4, 0, 1, 3].map((length, row) =>
    Array.from({ length: length * inputSize }, (_, k) => Math.sin(row + k)),
  );

  it('has the steps of each layer along the input that it reads, of several', async () => {
    const layer = lstm({ size, output: 'sequence' });
    const model = drawn(
      graph(
        {
          left: { layer, from: 'short' },
          right: { layer, from: 'long' },
          last: { layer: lstm({ size }), from: 'right' },
        },
        { inputs: { short: { kind: 'sequence', size: 1 }, long: { kind: 'sequence', size: 1 } }, backend },
      ),
    );
    const short = { sequences: [[1], [2, 3], []] };
    const long = { sequences: [[1, 2, 3], [4], [5, 6]] };
    const traced = await trace(model, { inputs: { short, long } });
    const lengths = traced.map(({ layers }) => layers.map(({ name, gates }) => [name, gates.f!.length]));
    expect(lengths).to.deep.equal([
      [
        ['left', 1],
        ['right', 3],
        ['last', 3],
      ],
      [
        ['left', 2],
        ['right', 1],
        ['last', 1],
      ],
      [
        ['left', 0],
        ['right', 2],
        ['last', 2],
      ],
    ]);
    const alone = drawn(sequential([layer], { inputSize: 1, backend }));
    for (const name of ['inputWeight', 'recurrentWeight', 'bias'])
      alone.parameter(`lstm.${name}`)!.write(model.parameter(`right.${name}`)!.values);
    const expected = await trace(alone, long);
    for (const [row, { layers }] of traced.entries())
      near(flat(layers[1]!.gates.f!), flat(expected[row]!.layers[0]!.gates.f!), `row ${row}`);
  });

  it('has gates and states of an LSTM that its equations say, from the first step of each row', async () => {
    const model = drawn(sequential([lstm({ size, output: 'sequence' }), dense({ size: 1 })], { inputSize, backend }));
    const value = (name: string) => model.parameter(`lstm.${name}`)!.values;
    const [W, R, b] = [value('inputWeight'), value('recurrentWeight'), value('bias')];
    const traced = await trace(model, { sequences, size: inputSize });
    expect(traced.map(({ layers: [layer] }) => layer!.states.h!.length)).to.deep.equal([4, 0, 1, 3]);
    for (const [row, { layers }] of traced.entries()) {
      const [{ name, cell, direction, gates, states }, ...others] = layers as [RowTrace['layers'][number]];
      expect(others).to.deep.equal([]);
      expect({ name, cell, direction }).to.deep.equal({ name: 'lstm', cell: 'lstm', direction: 'forward' });
      expect([Object.keys(gates), Object.keys(states)]).to.deep.equal([
        ['i', 'f', 'g', 'o'],
        ['h', 'c'],
      ]);
      let [h, c] = [new Array<number>(size).fill(0), new Array<number>(size).fill(0)];
      for (const t of states.h!.keys()) {
        const x = sequences[row]!.slice(t * inputSize, (t + 1) * inputSize);
        const a = (gate: number) =>
          h.map((_, unit) => {
            const column = gate * size + unit;
            const ofInput = x.reduce((sum, each, k) => sum + each * W[k * 4 * size + column]!, b[column]!);
            return h.reduce((sum, each, k) => sum + each * R[k * 4 * size + column]!, ofInput);
          });
        const [i, f, g, o] = [a(0).map(sigmoid), a(1).map(sigmoid), a(2).map(Math.tanh), a(3).map(sigmoid)];
        c = c.map((old, unit) => f![unit]! * old + i![unit]! * g![unit]!);
        h = c.map((now, unit) => o![unit]! * Math.tanh(now));
        for (const [gate, expected] of Object.entries({ i, f, g, o })) near(gates[gate]![t]!, expected!, gate);
        for (const [state, expected] of Object.entries({ h, c })) near(states[state]![t]!, expected, state);
      }
    }
  });

  it('has what the network gives as it predicts, in the order of time, whatever its options', async () => {
    const layers = [
      bidirectional(gru({ size, output: 'sequence', dropout: 0.5, zoneout: 0.3 })),
      dropout({ rate: 0.5 }),
      lstm({ size, output: 'sequence', projection: 2, layerNorm: 'joint', peepholes: true, recurrentDropout: 0.5 }),
      rnn({ size: 4, direction: 'backward', output: 'sequence', activation: 'relu', weightDropout: 0.5 }),
    ];
    const model = drawn(sequential(layers, { inputSize, backend }));
    const traced = await trace(model, { sequences, size: inputSize });
    expect(traced[0]!.layers.map(({ name, direction }) => [name, direction])).to.deep.equal([
      ['bidirectional.forward', 'forward'],
      ['bidirectional.backward', 'backward'],
      ['lstm', 'forward'],
      ['rnn', 'backward'],
    ]);
    const given = async (of: string) => model.predict({ sequences, size: inputSize }, { of });
    const [both, projected, last] = [await given('bidirectional'), await given('lstm'), await given('rnn')];
    for (const [row, { layers }] of traced.entries()) {
      const [forward, backward, narrow, read] = layers.map(({ states }) => states.h!);
      near(flat(forward!.map((step, t) => Float64Array.of(...step, ...backward![t]!))), both[row]!, 'both ways');
      near(flat(narrow!), projected[row]!, 'projected');
      near(flat(read!), last[row]!, 'backward');
    }
    expect(traced[0]!.layers[2]!.states.c![0]).to.have.length(size);
    expect(traced[0]!.layers[2]!.gates.f![0]).to.have.length(size);
  });

  it('reads texts, and tells the words; keeps the order of more rows than fit into a batch', async () => {
    const tokenizer = await wordTokenizer(['not a lovely film']);
    const model = drawn(
      sequential([embedding({ vocabulary: tokenizer.vocabulary, size: 2 }), gru({ size }), dense({ size: 1 })], {
        backend,
      }),
    );
    expect(await codeOfRejection(trace(model, ['a film']))).to.equal('ERR_ARGUMENT');
    model.encoder = new Encoder({ tokenizer, labels: ['bad', 'good'] });
    const texts = Array.from({ length: 150 }, (_, row) => ['A lovely film', 'not dull', ''][row % 3]!);
    const traced = await trace(model, texts);
    expect(traced).to.have.length(150);
    expect(traced.slice(147).map(({ tokens }) => tokens)).to.deep.equal([
      ['a', 'lovely', 'film'],
      ['not', '[unknown]'],
      [],
    ]);
    expect(traced[147]).to.deep.equal(traced[0]);
    const ids = await trace(model, { ids: texts.slice(0, 3).map(text => model.encoder!.encode(text)) });
    expect(ids).to.deep.equal(traced.slice(0, 3));
  });

  if (addon)
    it('finds the same on native', async () => {
      const other = native();
      const of = async (backend: Backend) =>
        trace(sequential([lstm({ size: 20 }), dense({ size: 1 })], { inputSize, backend, seed: 3 }), {
          sequences,
          size: inputSize,
        });
      const [here, there] = [await of(backend), await of(other)];
      await other.close();
      for (const [t, step] of here[0]!.layers[0]!.states.c!.entries())
        for (const [unit, value] of step.entries())
          expect(there[0]!.layers[0]!.states.c![t]![unit]).to.be.closeTo(value, 1e-6);
    });

  it('refuses what it cannot look into', async () => {
    const vectors = sequential([dense({ size: 1 })], { inputSize, input: 'sequence', backend });
    expect(await codeOfRejection(trace(vectors, { sequences, size: inputSize }))).to.equal('ERR_ARGUMENT');
    const model = sequential([rnn({ size }), dense({ size: 1 })], { inputSize, backend });
    expect(await codeOfRejection(trace(model, { ids: [[1]] }))).to.equal('ERR_DATA');
  });
});

describe('traceChart', () => {
  const layer = (name: string, f: readonly number[][]) => ({
    ...({ name, cell: 'lstm', direction: 'forward' } as const),
    gates: { f: f.map(step => Float64Array.from(step)) },
    states: { c: f.map(step => Float64Array.from(step, value => 2 * value)) },
  });
  const steps = [
    [0, 1, 0.5],
    [1, 1, 1],
  ];
  const rows: RowTrace[] = [
    { tokens: ['a', 'b'], layers: [layer('lstm', steps), layer('lstm_2', steps)] },
    { layers: [layer('lstm', [[-0.5, 0, 2]])] },
  ];
  const titles = (svg: string) => [...svg.matchAll(/font-weight="bold">([^<:]*):/g)].map(([, title]) => title);

  it('draws all of a row, or what is chosen', () => {
    expect(titles(traceChart(rows))).to.deep.equal(['lstm f', 'lstm c', 'lstm_2 f', 'lstm_2 c']);
    expect(titles(traceChart(rows, { layer: 'lstm_2' }))).to.deep.equal(['lstm_2 f', 'lstm_2 c']);
    expect(titles(traceChart(rows, { gate: 'f' }))).to.deep.equal(['lstm f', 'lstm_2 f']);
    expect(titles(traceChart(rows, { row: 1, layer: 'lstm', gate: 'c' }))).to.deep.equal(['lstm c']);
  });

  it('names steps by the words that were read, or numbers them', () => {
    const named = traceChart(rows, { layer: 'lstm', gate: 'f' });
    expect(named).to.contain('>a<').and.to.contain('>b<').and.to.contain('forget gate');
    expect(traceChart(rows, { row: 1 })).to.contain('anchor="middle">0<');
    expect(traceChart([{ ...rows[0]!, tokens: ['x', ' '] }])).to.contain('>␣<');
  });

  it('draws a gate from 0 to 1, a state and a gate beyond that about 0', () => {
    const bar = (svg: string) => [...svg.matchAll(/text-anchor="start">([−\d.]+)</g)].map(([, mark]) => mark);
    expect(bar(traceChart(rows, { layer: 'lstm', gate: 'f' }))).to.deep.equal(['0', '0.5', '1']);
    expect(bar(traceChart(rows, { layer: 'lstm', gate: 'c' }))).to.deep.equal(['−2', '0', '2']);
    expect(bar(traceChart(rows, { row: 1, gate: 'f' }))).to.deep.equal(['−2', '0', '2']);
  });

  it('refuses rows, layers and gates that are not there', () => {
    for (const choice of [{ row: 2 }, { layer: 'gru' }, { gate: 'z' }])
      expect(codeOf(() => traceChart(rows, choice))).to.equal('ERR_ARGUMENT');
  });
});
