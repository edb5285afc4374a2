import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { gru } from '../../lib/layers/gru.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { graph } from '../../lib/models/graph.ts';
import type { Model } from '../../lib/models/model.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { codeOf } from '../code-of.ts';
import { checkModelGradients } from '../models/check-model-gradients.ts';
import { raggedVectors } from '../models/ragged-data.ts';

describe('bidirectional', () => {
  const backend = js({ precision: 'float64' });
  after(() => backend.close());
  const options = { backend, inputSize: 3, seed: 5 } as const;

  const outputs = async (model: Model) => {
    const { input } = raggedVectors();
    return model.predict({ sequences: input.kind === 'sequence' ? input.rows : [], size: 3 });
  };

  /** The outputs of each direction, taken from a model that keeps them apart, with that model's weights. */
  const apart = async (merge: 'none' | 'concat') => {
    const only = (direction: 'forward' | 'backward') =>
      graph(
        {
          both: { layer: bidirectional(lstm({ size: 4, output: 'sequence' }), { merge }) },
          [direction]: out(direction),
        },
        options,
      );
    const out = (direction: string) => ({ layer: dense({ size: 4, bias: false }), from: `both.${direction}` });
    return Promise.all(
      (['forward', 'backward'] as const).map(async direction => {
        const model = only(direction);
        const identity = Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? 1 : 0));
        model.parameter(`${direction}.weight`)!.write(identity);
        return outputs(model);
      }),
    );
  };

  for (const merge of ['sum', 'average', 'product', 'concat'] as const)
    it(`joins its directions by ${merge}`, async () => {
      const [forward, backward] = await apart(merge === 'concat' ? 'concat' : 'none');
      const joined = await outputs(
        sequential([bidirectional(lstm({ size: 4, output: 'sequence' }), { merge })], options),
      );
      for (const [row, values] of joined.entries()) {
        const [f, b] = [[...forward![row]!], [...backward![row]!]];
        const expected = {
          sum: () => f.map((value, k) => value + b[k]!),
          average: () => f.map((value, k) => (value + b[k]!) / 2),
          product: () => f.map((value, k) => value * b[k]!),
          concat: () =>
            Array.from({ length: f.length / 4 }, (_, t) => [
              ...f.slice(4 * t, 4 * t + 4),
              ...b.slice(4 * t, 4 * t + 4),
            ]).flat(),
        }[merge]();
        expect([...values]).to.deep.equal(expected);
      }
    });

  it('gives each direction the options and the cell that it is asked for', () => {
    const model = sequential([bidirectional(lstm({ size: 4 }), { backward: gru({ size: 2, bias: false }) })], options);
    expect(model.output).to.deep.equal({ kind: 'vector', size: 6 });
    expect([...model.parameters].map(({ name }) => name)).to.deep.equal([
      'bidirectional.forward.inputWeight',
      'bidirectional.forward.recurrentWeight',
      'bidirectional.forward.bias',
      'bidirectional.backward.inputWeight',
      'bidirectional.backward.recurrentWeight',
    ]);
  });

  it('has the gradients that finite differences have, however its parts are read', () => {
    const layer = rnn({ size: 3, output: 'sequence' });
    for (const merge of ['average', 'product'] as const)
      checkModelGradients(
        sequential([bidirectional(layer, { merge }), gru({ size: 2 })], options),
        raggedVectors(),
        meanSquaredError(),
      );
    const model = graph(
      {
        both: { layer: bidirectional(layer, { merge: 'none', backward: lstm({ size: 3, output: 'sequence' }) }) },
        next: { layer: rnn({ size: 3 }), from: ['both.forward', 'both.backward'], merge: 'product' },
        last: { layer: dense({ size: 2 }), from: ['next', 'both.backward.c'] },
      },
      options,
    );
    checkModelGradients(model, raggedVectors(), meanSquaredError());
  });

  it('refuses directions that cannot be joined, and to be read in one piece where they are apart', () => {
    const small = { backward: gru({ size: 2 }) };
    expect(codeOf(() => sequential([bidirectional(gru({ size: 3 }), { ...small, merge: 'sum' })], options))).to.equal(
      'ERR_SHAPE',
    );
    expect(() => bidirectional(gru({ size: 3 }), { merge: 'mean' as 'sum' }))
      .to.throw("bidirectional: merge must be 'concat' or 'sum' or 'average' or 'product' or 'none', got mean")
      .with.property('code', 'ERR_ARGUMENT');
    const apart = bidirectional(gru({ size: 3 }), { merge: 'none' });
    expect(() => sequential([apart, dense({ size: 1 })], options))
      .to.throw(
        "dense: gets outputs kept apart, but reads one vector per sequence or a sequence of vectors; name one of them, as in from: 'layer.forward'",
      )
      .with.property('code', 'ERR_SHAPE');
    expect(codeOf(() => sequential([apart], options))).to.equal('ERR_SHAPE');
  });
});
