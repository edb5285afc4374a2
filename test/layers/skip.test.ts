import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { highway, residual } from '../../lib/layers/skip.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { graph } from '../../lib/models/graph.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { codeOf } from '../code-of.ts';
import { checkModelGradients } from '../models/check-model-gradients.ts';
import { raggedVectors } from '../models/ragged-data.ts';

describe('a way around a layer', () => {
  const backend = js({ precision: 'float64' });
  after(() => backend.close());
  const options = { backend, inputSize: 3, seed: 6 } as const;
  const steps = { output: 'sequence' } as const;
  const sequences = [
    [
      [1, 2, 3],
      [-1, 0.5, 2],
    ],
    [[0.3, 0.2, -4]],
  ];

  const outputs = (layer: LayerDescription) => sequential([layer], options).predict({ sequences });

  it('adds what a layer reads to what it gives', async () => {
    const inner = await outputs(lstm({ size: 3, ...steps }));
    const around = await outputs(residual(lstm({ size: 3, ...steps })));
    around.forEach((row, at) => {
      const x = sequences[at]!.flat();
      row.forEach((y, k) => {
        expect(y).to.be.closeTo(x[k]! + inner[at]![k]!, 1e-12);
      });
    });
  });

  it('passes a gate, which is shut at first as far as its bias says', async () => {
    const shut = await outputs(highway(gru({ size: 3, ...steps }), { gateBias: -40 }));
    const open = await outputs(highway(gru({ size: 3, ...steps }), { gateBias: 60 }));
    const inner = await outputs(gru({ size: 3, ...steps }));
    shut.forEach((row, at) => {
      row.forEach((y, k) => {
        expect(y).to.be.closeTo(sequences[at]!.flat()[k]!, 1e-9);
        expect(open[at]![k]).to.be.closeTo(inner[at]![k]!, 1e-9);
      });
    });
  });

  it('has the gradients that finite differences have', () => {
    const layers = [
      residual(dense({ size: 3, activation: 'tanh' })),
      highway(lstm({ size: 3, ...steps })),
      gru({ size: 2 }),
    ];
    checkModelGradients(sequential(layers, { ...options, input: 'sequence' }), raggedVectors(), meanSquaredError());
    const parts = graph(
      {
        around: { layer: highway(bidirectional(rnn({ size: 3, ...steps }), { merge: 'sum' })) },
        last: { layer: dense({ size: 2 }), from: ['around.forward.h', 'around.backward.h'], merge: 'product' },
        next: { layer: residual(rnn({ size: 3, ...steps })), from: 'around', state: { h: 'around.forward.h' } },
        out: { layer: dense({ size: 2 }), from: ['last', 'next.h'] },
      },
      options,
    );
    checkModelGradients(parts, raggedVectors(), meanSquaredError());
  });

  it('goes on from the states of its layer, window after window', async () => {
    const data = raggedVectors({ outputs: 3, per: 'token' });
    const losses = async (window: number) => {
      const model = sequential([residual(rnn({ size: 3, ...steps }))], options);
      const { last } = await model.fit(data, {
        loss: meanSquaredError(),
        optimizer: sgd({ learningRate: 1e-30 }),
        window,
      });
      return last!.loss;
    };
    expect(await losses(1)).to.be.closeTo(await losses(9), 1e-12);
  });

  it('needs a layer that gives as much as it reads', () => {
    const build = (layer: LayerDescription) => codeOf(() => sequential([layer], options));
    expect(build(residual(dense({ size: 4 })))).to.equal('ERR_SHAPE');
    expect(build(residual(lstm({ size: 3 })))).to.equal('ERR_SHAPE');
    expect(codeOf(() => sequential([residual(embedding({ vocabulary: 4, size: 3 }))], options))).to.equal('ERR_SHAPE');
    expect(codeOf(() => highway(dense({ size: 3 }), { gateBias: Number.NaN }))).to.equal('ERR_ARGUMENT');
  });
});
