import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { streams } from '../../lib/cli/stream-step.ts';
import { evenLengths, syntheticData } from '../../lib/cli/synthetic.ts';
import {
  batches,
  bidirectional,
  binaryCrossEntropy,
  crossEntropy,
  dense,
  embedding,
  graph,
  gru,
  lstm,
  type Model,
  meanSquaredError,
  rnn,
  sequential,
  sgd,
  train,
} from '../../lib/index.ts';

const backend = js();
const [classes, inputSize] = [3, 2];

/** Models that read and say different things, with a loss for each. */
const models = {
  'ids, one class a row': {
    model: sequential([embedding({ vocabulary: 7, size: 2 }), lstm({ size: 2 }), dense({ size: 1 })], { backend }),
    loss: binaryCrossEntropy(),
  },
  'ids, a class at every step': {
    model: sequential(
      [embedding({ vocabulary: 7, size: 2 }), rnn({ size: 2, output: 'sequence' }), dense({ size: classes })],
      { backend },
    ),
    loss: crossEntropy(),
  },
  'ids of two tables': {
    model: graph(
      {
        wide: { layer: embedding({ vocabulary: 7, size: 2 }), from: 'input' },
        narrow: { layer: embedding({ vocabulary: 2, size: 2 }), from: 'input' },
        both: { layer: gru({ size: 2 }), from: ['wide', 'narrow'] },
        out: { layer: dense({ size: classes }) },
      },
      { backend },
    ),
    loss: crossEntropy(),
  },
  'sequences, numbers at every step': {
    model: sequential([gru({ size: 3, output: 'sequence' }), dense({ size: 2 })], { inputSize, backend }),
    loss: meanSquaredError(),
  },
  'several inputs': {
    model: graph(
      {
        words: { layer: embedding({ vocabulary: 7, size: 2 }), from: 'text' },
        first: { layer: gru({ size: 2 }) },
        second: { layer: gru({ size: 2, output: 'sequence' }), from: 'signal', state: 'first' },
        out: { layer: dense({ size: classes }) },
      },
      { inputs: { text: 'ids', signal: { kind: 'sequence', size: 3 } }, backend },
    ),
    loss: crossEntropy(),
  },
  vectors: { model: sequential([dense({ size: classes })], { inputSize, backend }), loss: crossEntropy() },
};

describe('synthetic data', () => {
  after(() => backend.close());

  for (const [name, { model, loss }] of Object.entries(models))
    it(`is what a model can be trained on: ${name}`, async () => {
      const data = syntheticData(model, loss, [4, 2, 1]);
      expect(data.length).to.equal(3);
      const tokens = model.input.kind === 'vector' ? 3 : 7 * Object.keys(model.inputs).length;
      for await (const step of train(model, batches(data), { loss, optimizer: sgd({ learningRate: 0.1 }) }))
        expect(step).to.have.property('tokens', tokens);
    });

  it('is the same each time, and not the same all over', () => {
    const { model, loss } = models['ids, one class a row'];
    const ids = () => {
      const { input } = syntheticData(model, loss, [50]);
      return input.kind === 'ids' ? [...input.rows[0]!] : [];
    };
    expect(ids()).to.deep.equal(ids());
    expect(new Set(ids()).size).to.equal(7);
  });
});

describe('evenLengths', () => {
  it('goes from the longest down to the shortest', () => {
    expect(evenLengths(2, 10, 5)).to.deep.equal([10, 8, 6, 4, 2]);
    expect(evenLengths(3, 3, 2)).to.deep.equal([3, 3]);
    expect(evenLengths(1, 9, 1)).to.deep.equal([9]);
  });
});

describe('streams', () => {
  const of = (layer: Parameters<typeof sequential>[0][number]): Model => sequential([layer], { inputSize, backend });

  it('are for models of sequences that no layer reads backward', () => {
    expect(streams(of(lstm({ size: 2 })))).to.equal(true);
    expect(streams(of(lstm({ size: 2, direction: 'backward' })))).to.equal(false);
    expect(streams(of(bidirectional(gru({ size: 2 }))))).to.equal(false);
    expect(streams(models.vectors.model)).to.equal(false);
  });
});
