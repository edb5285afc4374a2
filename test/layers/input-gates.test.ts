import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { packLayout } from '../../lib/data/ragged.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { indRnn } from '../../lib/layers/ind-rnn.ts';
import { buildLayer } from '../../lib/layers/index.ts';
import type { Layer, LayerContext, LayerDescription } from '../../lib/layers/layer.ts';
import { minGru } from '../../lib/layers/min-gru.ts';
import { minLstm } from '../../lib/layers/min-lstm.ts';
import { type QrnnOptions, qrnn } from '../../lib/layers/qrnn.ts';
import { rgLru } from '../../lib/layers/rg-lru.ts';
import { sru } from '../../lib/layers/sru.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import type { Model } from '../../lib/models/model.ts';
import { sequential } from '../../lib/models/sequential.ts';
import type { Direction } from '../../lib/ops/recurrent.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { record } from '../../lib/program/recording.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { Random } from '../../lib/random/random.ts';
import { expectAgreement } from '../backend/conformance/agreement.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { type Batch, batchFor, Trial, type Values } from '../backend/conformance/trial.ts';
import { checkGradients } from '../ops/check-gradients.ts';
import { drawn } from '../ops/drawn.ts';
import { references, type Weights } from './recurrence-references.ts';

/** What goes from step to step: widths by name. */
type Widths = Readonly<Record<string, number>>;
type Stateful = Layer & {
  forward(
    x: Tensor,
    state?: Readonly<Record<string, Tensor>>,
  ): { output: Tensor; state: Readonly<Record<string, Tensor>> };
};

const [I, H] = [3, 4];
const cases: readonly { title: string; of: LayerDescription; inputSize: number; widths: Widths }[] = [
  { title: 'minGru', of: minGru({ size: H }), inputSize: I, widths: { h: H } },
  { title: 'minGru without bias', of: minGru({ size: H, bias: false }), inputSize: I, widths: { h: H } },
  { title: 'minLstm', of: minLstm({ size: H }), inputSize: I, widths: { h: H } },
  { title: 'indRnn', of: indRnn({ size: H }), inputSize: I, widths: { h: H } },
  { title: 'sru', of: sru({ size: H }), inputSize: I, widths: { c: H } },
  { title: 'sru as wide as its input', of: sru({ size: H }), inputSize: H, widths: { c: H } },
  { title: 'qrnn', of: qrnn({ size: H }), inputSize: I, widths: { c: H, x: I } },
  { title: 'qrnn of window 1', of: qrnn({ size: H, window: 1 }), inputSize: I, widths: { c: H } },
  {
    title: 'qrnn ifo of window 3',
    of: qrnn({ size: H, window: 3, pooling: 'ifo' }),
    inputSize: I,
    widths: { c: H, x: 2 * I },
  },
  { title: 'rgLru', of: rgLru({ size: H }), inputSize: H, widths: { h: H } },
];

const context = (inputSize: number): LayerContext => ({
  name: 'layer',
  input: { kind: 'sequence', size: inputSize },
  random: new Random(3, 0),
  seed: 3,
  nextMask: () => 0,
  find: () => undefined,
});

/** A layer whose parameters are feeds of a program, so that a test may choose them and differentiate by them. */
function fed(description: LayerDescription, inputSize: number): Stateful {
  const layer = buildLayer(description, context(inputSize)) as Stateful;
  for (const parameter of layer.parameters)
    parameter.tensor = recording => recording.feed(parameter.name, parameter.shape);
  return layer;
}

/** Outputs of a layer, and the states it ends with; those it begins with are feeds, or zeros. */
const forward = (layer: Stateful, inputSize: number, widths: Widths, initial: boolean) =>
  record(recording => {
    const { tokens, batch } = recording.layout('input');
    const states = Object.entries(widths).map(([name, width]) => [name, recording.feed(name, [batch, width])] as const);
    const x = recording.feed('input', [tokens, inputSize]);
    const { output, state } = layer.forward(x, initial ? Object.fromEntries(states) : undefined);
    return { output, ...state, applied: layer.apply(x) };
  });

const lengths = [3, 0, 7, 1, 7, 2];

/** The rows of each sequence, in the order in which it is read. */
function sequencesOf(rows: ArrayLike<number>, width: number, direction: Direction): number[][][] {
  const { offsets, order } = packLayout(lengths);
  return lengths.map((length, place) => {
    const rank = order.indexOf(place);
    const steps = Array.from({ length }, (_, t) =>
      Array.from({ length: width }, (_, k) => rows[(offsets[t]! + rank) * width + k]!),
    );
    return direction === 'forward' ? steps : steps.reverse();
  });
}

/** One step at a time, each a run of sequences of length 1 or, where one has ended, 0: outputs by sequence and step, and states. */
function streamed(trial: Trial, { sizes, values }: Batch, inputSize: number, widths: Widths, direction: Direction) {
  const x = sequencesOf(values.input!, inputSize, direction);
  const outputs: number[][] = lengths.map(() => []);
  let states: Values = Object.fromEntries(Object.keys(widths).map(name => [name, values[name]!]));
  for (let t = 0; t < Math.max(...lengths); t++) {
    const alive = lengths.map(length => (t < length ? 1 : 0));
    const { steps, tokens, offsets, order } = packLayout(alive);
    const input = Float64Array.from([...order.subarray(0, tokens)].flatMap(place => x[place]![t]!));
    const { output, ...found } = trial.runSync({
      sizes: { ...sizes, 'input.steps': steps, 'input.tokens': tokens },
      values: { ...values, ...states, input, 'input.offsets': offsets, 'input.order': order },
    });
    states = Object.fromEntries(Object.keys(widths).map(name => [name, Float64Array.from(found[name]!)]));
    order.subarray(0, tokens).forEach((place, row) => {
      outputs[place]!.push(...output!.subarray(row * H, (row + 1) * H));
    });
  }
  return { output: Float64Array.from(outputs.flat()), ...states };
}

const exact = js({ precision: 'float64' });
const everyday: Backend = addon ? native({ threads: 2 }) : js();
const backends = [
  { name: 'js in float64', backend: exact, tolerance: 1e-10 },
  { name: everyday.name, backend: everyday, tolerance: 1e-5 },
];
after(() => Promise.all(backends.map(({ backend }) => backend.close())));

/** After so many epochs of asking which of two ids came first, before up to 20 that say nothing. */
async function accuracyOf(model: Model, epochs: number): Promise<number> {
  const random = new Random(1);
  const ids = Array.from({ length: 120 }, () => [
    random.below(2),
    ...Array.from({ length: random.below(21) }, () => 2 + random.below(4)),
  ]);
  const data = dataset({ ids, classes: ids.map(([first]) => first!) });
  const loss = binaryCrossEntropy();
  await model.fit(data, { loss, optimizer: adam({ learningRate: 0.03 }), epochs, batchSize: 20 });
  return (await model.evaluate(data, { loss })).accuracy!;
}

for (const { title, of, inputSize, widths } of cases)
  describe(`${title}, whose matrices read the input alone`, () => {
    for (const direction of ['forward', 'backward'] as const) {
      const layer = fed({ ...of, direction, output: 'sequence' }, inputSize);

      it(`computes what its paper says, ${direction}`, () => {
        const program = forward(layer, inputSize, widths, false);
        const batch = batchFor(program, new Numbers(7), { lengths });
        const { output } = new Trial(exact, program).runSync(batch);
        const weights: Weights = Object.fromEntries(
          layer.parameters.map(({ name }) => [name.replace('layer.', ''), batch.values[name]!]),
        );
        const expected = sequencesOf(batch.values.input!, inputSize, direction).map(x =>
          references[of.type]!(x, weights, of),
        );
        expectAgreement(
          { output: Float64Array.from(sequencesOf(output!, H, direction).flat(2)) },
          { output: Float64Array.from(expected.flat(2)) },
          1e-12,
          title,
        );
      });

      for (const { name, backend, tolerance } of backends)
        it(`gives step by step what it gives for whole sequences, ${direction}, on ${name}`, () => {
          const program = forward(layer, inputSize, widths, true);
          const trial = new Trial(backend, program);
          const batch = batchFor(program, new Numbers(8), { lengths });
          const { output, applied: _, ...states } = trial.runSync(batch);
          const whole = { output: Float64Array.from(sequencesOf(output!, H, direction).flat(2)), ...states };
          expectAgreement(streamed(trial, batch, inputSize, widths, direction), whole, tolerance, title);
        });

      it(`has the gradient of finite differences, ${direction}`, () => {
        const feeds = layer.parameters.map(({ name, shape }, k) => [name, drawn(shape, [-1, 1], k)] as const);
        const batch = (width: number) => ({ ...drawn([lengths.length, width]), shape: ['batch', width] });
        checkGradients({
          inputs: {
            ...Object.fromEntries(feeds),
            ...Object.fromEntries(Object.entries(widths).map(([name, width]) => [name, batch(width)])),
            input: { ...drawn([20, inputSize]), shape: ['input.tokens', inputSize] },
          },
          lengths,
          mode: 'train',
          build: ({ input, ...feeds }, recording) => {
            recording.layout('input');
            const states = Object.keys(widths).map(name => [name, feeds[name]!]);
            const { output, state } = layer.forward(input!, Object.fromEntries(states));
            return { output, ...state };
          },
        });
      });

      it(`passes on what each sequence ends with, zeros for an empty one, ${direction}`, () => {
        const program = forward(fed({ ...of, direction }, inputSize), inputSize, widths, false);
        const batch = batchFor(program, new Numbers(9), { lengths });
        const { output, applied } = new Trial(exact, program).runSync(batch);
        const last = sequencesOf(output!, H, direction).map(steps => steps.at(-1) ?? new Array<number>(H).fill(0));
        expect([...applied!]).to.deep.equal(last.flat());
      });
    }
  });

describe('layers whose matrices read the input alone', function () {
  this.timeout(60_000);

  for (const of of [minGru, minLstm, indRnn, sru, qrnn, rgLru])
    it(`learn what stands at the start of a sequence: ${of.name}`, async () => {
      const layers = [embedding({ vocabulary: 6, size: 8 }), of({ size: 8 }), dense({ size: 1 })];
      const model = sequential(layers, { seed: 5, backend: everyday });
      expect(await accuracyOf(model, 40)).to.equal(1);
    });

  it('learn in both directions at once', async () => {
    const both = bidirectional(qrnn({ size: 4, window: 3 }));
    const model = sequential([embedding({ vocabulary: 6, size: 8 }), both, dense({ size: 1 })], {
      seed: 5,
      backend: everyday,
    });
    expect(await accuracyOf(model, 30)).to.equal(1);
  });

  it('keep their digits where they hardly forget', () => {
    const layer = fed(rgLru({ size: H, output: 'sequence' }), H);
    const program = forward(layer, H, { h: H }, false);
    const given = { 'layer.decay': Float64Array.of(9, 12, 15, 30) };
    const batch = batchFor(program, new Numbers(10), { lengths: [300], given });
    const [inDoubles, found] = backends.map(({ backend }) => new Trial(backend, program).runSync(batch));
    expectAgreement(found!, inDoubles!, 2e-6, 'rgLru');
  });

  it('begin as they say', () => {
    const units = 200;
    const valuesOf = (layer: LayerDescription, name: string) => {
      const parameter = buildLayer(layer, context(units)).parameters.find(each => each.name === `layer.${name}`)!;
      return [...(parameter as unknown as { initial: Float64Array }).initial];
    };
    const decays = valuesOf(rgLru({ size: units }), 'decay').map(v => (1 / (1 + Math.exp(-v))) ** 8);
    expect(Math.min(...decays)).to.be.within(0.9, 0.905);
    expect(Math.max(...decays)).to.be.within(0.994, 0.999);
    const kept = valuesOf(indRnn({ size: units }), 'recurrentWeight');
    expect(Math.min(...kept)).to.be.within(0, 0.05);
    expect(Math.max(...kept)).to.be.within(0.95, 1);
    expect(valuesOf(sru({ size: units }), 'forgetWeight')).to.deep.equal(new Array(units).fill(0));
  });

  it('leave frozen what is frozen', () => {
    for (const { of, inputSize } of cases)
      for (const trainable of [true, false]) {
        const { parameters } = buildLayer({ ...of, trainable }, context(inputSize));
        expect(parameters.map(parameter => parameter.trainable)).to.deep.equal(parameters.map(() => trainable));
      }
  });

  it('refuse options that are none, and inputs that they cannot read', () => {
    expect(() => minGru({ size: 0 })).to.throw(RangeError, 'minGru: size must be a whole number of at least 1, got 0');
    expect(() => qrnn({ size: 2, window: 0 })).to.throw(
      RangeError,
      'qrnn: window must be a whole number of at least 1',
    );
    expect(() => qrnn({ size: 2, pooling: 'f' as QrnnOptions['pooling'] & string })).to.throw(
      RangeError,
      "qrnn: pooling must be 'fo' or 'ifo', got f",
    );
    expect(() => buildLayer(rgLru({ size: 5 }), context(3)))
      .to.throw(
        RangeError,
        'layer: gets 3 features, but rgLru reads as many as it has units, 5; put dense({ size: 5 })',
      )
      .with.property('code', 'ERR_SHAPE');
    expect(() => buildLayer(minLstm({ size: 5 }), { ...context(3), input: { kind: 'vector', size: 3 } }))
      .to.throw(RangeError, 'layer: gets one vector per sequence of 3 features, but reads a sequence of vectors')
      .with.property('code', 'ERR_SHAPE');
  });
});
