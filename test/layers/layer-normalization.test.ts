import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { LayerNormalization, layerNormalization } from '../../lib/layers/layer-normalization.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { Parameters } from '../../lib/layers/parameter.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { record } from '../../lib/program/recording.ts';
import { Random } from '../../lib/random/random.ts';

const context = { name: 'norm', random: new Random(0, 0), seed: 0, nextMask: () => 0, find: () => undefined };

describe('layerNormalization', () => {
  const backend = js({ precision: 'float64' });
  after(() => backend.close());

  it('starts with gain 1 and shift 0, and uses those it has learned', () => {
    const layer = new LayerNormalization({ epsilon: 1e-3 }, { ...context, input: { kind: 'vector', size: 2 } });
    const parameters = new Parameters(layer.parameters, backend);
    const program = record(recording => ({ y: layer.apply(recording.feed('x', ['batch', 2])) }));
    const executable = backend.load(program, { parameters: parameters.storage });
    const run = () => [...executable.runSync({ sizes: { batch: 1 }, values: { x: Float64Array.of(3, 5) } }).y!];
    const one = 1 / Math.sqrt(1 + 1e-3);
    expect(run()).to.deep.equal([-one, one]);
    layer.gain.write([2, 3]);
    layer.shift.write([10, 20]);
    expect(run()).to.deep.equal([10 - 2 * one, 20 + 3 * one]);
  });

  it('stands between the layers of a model, at every step alike', () => {
    const model = sequential(
      [lstm({ size: 4, output: 'sequence' }), layerNormalization({ trainable: false }), lstm({ size: 3 })],
      { backend, inputSize: 2 },
    );
    expect(model.summary()).to.match(/layerNormalization/);
    const { steps } = record(recording => ({ y: model.record(recording) }));
    expect(steps.map(({ op }) => op)).to.deep.equal(['lstm', 'layerNorm', 'lstm']);
    expect(steps[1]!.attributes).to.deep.equal({ epsilon: 1e-5 });
  });

  it('refuses what it cannot normalize or divide by', () => {
    for (const epsilon of [0, -1e-5, Number.NaN, '1e-5' as unknown as number])
      expect(() => layerNormalization({ epsilon }))
        .to.throw(RangeError, 'layerNormalization: epsilon must be a positive number, got')
        .with.property('code', 'ERR_ARGUMENT');
    expect(() => new LayerNormalization({}, { ...context, input: { kind: 'ids', size: 1 } }))
      .to.throw(RangeError, 'norm: gets token ids')
      .with.property('code', 'ERR_SHAPE');
  });
});
