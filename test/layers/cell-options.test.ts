import { expect } from 'chai';
import type { Backend, Results } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { type Batch, batches } from '../../lib/data/batches.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { type Mode, record } from '../../lib/program/recording.ts';
import { bindInputs } from '../../lib/training/feeds.ts';
import { expectAgreement } from '../backend/conformance/agreement.ts';
import { codeOf } from '../code-of.ts';
import { checkModelGradients } from '../models/check-model-gradients.ts';
import { raggedVectors } from '../models/ragged-data.ts';

const data = raggedVectors();
const layers: readonly (readonly [string, LayerDescription])[] = [
  ['lstm with peepholes', lstm({ size: 2, peepholes: true, cellClip: 0.5 })],
  ['lstm with coupled gates and two peepholes', lstm({ size: 2, coupled: 'f', peepholes: ['i', 'o'], clip: 2 })],
  ['lstm with zoneout of both states', lstm({ size: 2, zoneout: { h: 0.3, c: 0.5 }, recurrentDropout: 0.2 })],
  [
    'lstm with other activations, in both directions',
    bidirectional(lstm({ size: 1, activations: { i: 'hardSigmoid', c: { name: 'elu', alpha: 0.5 } } })),
  ],
  ['lstm with a projection', lstm({ size: 4, projection: { size: 2, clip: 0.9 }, recurrentDropout: 0.2 })],
  ['lstm with a wider projection', lstm({ size: 1, projection: 2, zoneout: { h: 0.3, c: 0.2 }, peepholes: ['o'] })],
  ['lstm with joint layer normalization', lstm({ size: 2, layerNorm: 'joint', coupled: 'f' })],
  ['lstm with layer normalization per gate', lstm({ size: 2, layerNorm: 'perGate', initialState: 'learned' })],
  ['gru with zoneout and a clip', gru({ size: 2, zoneout: 0.4, clip: 1.5, activations: { n: 'softsign' } })],
  ['rnn with sigmoid', rnn({ size: 2, activation: 'sigmoid', zoneout: 0.2 })],
];

describe('options of recurrent layers', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());

  const modelOf = (layer: LayerDescription, backend: Backend = exact) =>
    sequential([layer], { backend, inputSize: 3, seed: 4 });
  const forward = (layer: LayerDescription, mode: Mode, backend: Backend, step = 1): Results => {
    const model = modelOf(layer, backend);
    const program = record(recording => ({ y: model.record(recording) }), { mode });
    const [batch] = [...batches(data, { batchSize: data.length })] as [Batch];
    const { sizes, values } = bindInputs(batch, model.inputs, backend.precision);
    const clock = mode === 'train' ? { clock: Int32Array.of(step, 0) } : {};
    const used = Object.fromEntries(
      Object.entries({ ...values, ...clock }).filter(([name]) => program.buffers.some(buffer => buffer.name === name)),
    );
    return backend.load(program, { parameters: model.parameters.storage }).runSync({ sizes, values: used });
  };

  for (const [name, layer] of layers) {
    it(`${name}: the gradients are those of finite differences`, () => {
      checkModelGradients(modelOf(layer), data, meanSquaredError());
    });

    it(`${name}: native agrees with js, in training and in inference`, async function () {
      if (!addon) this.skip();
      const backend = native();
      for (const mode of ['train', 'infer'] as const)
        expectAgreement(forward(layer, mode, backend), forward(layer, mode, exact), 1e-5, mode);
      await backend.close();
    });
  }

  it('zoneout keeps other units in each step of training, and their share of the old state afterwards', () => {
    const layer = rnn({ size: 2, activation: 'sigmoid', zoneout: 0.5 });
    const [first, again, second] = [1, 1, 2].map(step => [...forward(layer, 'train', exact, step).y!]);
    expect(again).to.deep.equal(first);
    expect(second).not.to.deep.equal(first);
    const program = record(recording => ({ y: modelOf(layer).record(recording) }), { mode: 'infer' });
    expect(program.steps[0]!.attributes).to.include({ zoneoutH: 0.5 });
  });

  it('a layer whose options say what is there anyway is the plain one', () => {
    for (const layer of [
      lstm({ size: 2, zoneout: 0, peepholes: false }),
      gru({ size: 2, zoneout: { h: 0 } }),
      rnn({ size: 2, activation: 'relu' }),
    ]) {
      const program = record(recording => ({ y: modelOf(layer).record(recording) }), { mode: 'train' });
      expect(program.steps[0]!.attributes).not.to.have.property('activations');
    }
  });

  it('peepholes and coupled gates have the parameters that they say', () => {
    const shapes = ({ parameters }: { parameters: Iterable<{ name: string; shape: readonly number[] }> }) =>
      Object.fromEntries([...parameters].map(({ name, shape }) => [name.split('.').at(-1), shape]));
    expect(shapes(modelOf(lstm({ size: 2, peepholes: true })))).to.deep.include({ peepholes: [3, 2], bias: [8] });
    expect(shapes(modelOf(lstm({ size: 2, peepholes: true, coupled: 'i' })))).to.deep.include({
      peepholes: [2, 2],
      recurrentWeight: [2, 6],
    });
    const [, , bias] = [...modelOf(lstm({ size: 2, coupled: 'i' })).parameters];
    expect([...bias!.values]).to.deep.equal([1, 1, 0, 0, 0, 0]);
  });

  it('refuses what does not fit', () => {
    expect(codeOf(() => lstm({ size: 2, clip: 0 }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => lstm({ size: 2, zoneout: 1 }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => gru({ size: 2, zoneout: { c: 0.1 } }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => lstm({ size: 2, coupled: 'f', peepholes: ['f'] }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => lstm({ size: 2, projection: 0 }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => lstm({ size: 2, projection: { size: 1, clip: -1 } }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => lstm({ size: 2, layerNorm: 'both' as 'joint' }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => lstm({ size: 2, layerNorm: 'joint', recompute: true }))).to.equal('ERR_ARGUMENT');
    expect(codeOf(() => rnn({ size: 2, activation: 'gelu' as 'tanh' }))).to.equal('ERR_ARGUMENT');
  });
});
