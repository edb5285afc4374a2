import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { record } from '../../lib/program/recording.ts';

const backend = js();
after(() => backend.close());

/** Names of the steps of a model's forward pass in training, and what each reads. */
function steps(...layers: LayerDescription[]): string[] {
  const model = sequential([...layers, dense({ size: 1 })], { backend });
  const program = record(recording => ({ y: model.record(recording) }), { mode: 'train' });
  return program.steps.map(({ op, inputs }) => `${op}(${Object.keys(inputs).join(' ')})`);
}

describe('a recurrent layer', () => {
  const words = embedding({ vocabulary: 10, size: 4 });

  it('reads the rows of an embedding where they are, and no copy of each is made', () => {
    expect(steps(words, lstm({ size: 3 }))).to.deep.equal([
      'lstm(table ids inputWeight recurrentWeight bias offsets order)',
      'matmul(a b bias)',
    ]);
  });

  it('does so in both directions', () => {
    const recorded = steps(words, bidirectional(gru({ size: 3 })));
    expect(recorded.filter(step => step.startsWith('gru(table ids'))).to.have.length(2);
    expect(recorded.some(step => step.startsWith('gather'))).to.equal(false);
  });

  it('reads vectors where dropout stands between', () => {
    const recorded = steps(words, lstm({ size: 3, dropout: 0.5 }));
    expect(recorded).to.include('gather(table ids)');
    expect(recorded.some(step => step.startsWith('lstm(x '))).to.equal(true);
  });

  it('draws one mask for all steps, and one for each gate where states are dropped too', () => {
    const masks = (layer: LayerDescription, mode: 'train' | 'infer' = 'train') => {
      const model = sequential([words, layer], { backend });
      const { steps, buffers } = record(recording => ({ y: model.record(recording) }), { mode });
      const drawn = new Map(
        steps.flatMap(({ op, outputs, attributes }) => (op === 'dropout' ? [[outputs.y, attributes]] : [])),
      );
      const { inputs } = steps.find(({ op }) => /^(rnn|gru|lstm)$/.test(op))!;
      return (['maskX', 'maskH'] as const).map(name => {
        const mask = inputs[name];
        return mask === undefined ? undefined : { shape: buffers[mask]!.shape, ...drawn.get(mask) };
      });
    };
    const dropped = { size: 3, dropout: 0.2 };
    const gates = { rnn: 1, gru: 3, lstm: 4 };
    for (const make of [rnn, gru, lstm]) {
      const G = gates[make.name as keyof typeof gates];
      const [input, state] = masks(make({ ...dropped, recurrentDropout: 0.5 }));
      expect(input).to.deep.include({ shape: ['batch', G * 4], rate: 0.2 });
      expect(state).to.deep.include({ shape: ['batch', G * 3], rate: 0.5 });
      expect(input).not.to.have.property('layer', (state as { layer?: unknown }).layer);
      const [alone, none] = masks(make(dropped));
      expect(alone).to.deep.include({ shape: ['batch', 4], rate: 0.2 });
      expect(none).to.equal(undefined);
      expect(masks(make({ ...dropped, recurrentDropout: 0.5 }), 'infer')).to.deep.equal([undefined, undefined]);
    }
  });

  describe('with recompute', () => {
    const recomputes = (layer: LayerDescription, mode: 'train' | 'infer' = 'train') => {
      const model = sequential([words, layer, dense({ size: 1 })], { backend });
      const { steps } = record(recording => ({ y: model.record(recording) }), { mode });
      return steps.filter(({ op }) => /^(rnn|gru|lstm)$/.test(op)).map(({ attributes }) => attributes.recompute);
    };

    it('tells its operation so, in both directions', () => {
      expect(recomputes(lstm({ size: 3, recompute: true }))).to.deep.equal([true]);
      expect(recomputes(gru({ size: 3, recompute: 50 }))).to.deep.equal([50]);
      expect(recomputes(bidirectional(gru({ size: 3, recompute: true })))).to.deep.equal([true, true]);
    });

    it('says nothing of it where there is nothing to compute again', () => {
      expect(recomputes(lstm({ size: 3, recompute: false }))).to.deep.equal([undefined]);
      expect(recomputes(lstm({ size: 3, recompute: true }), 'infer')).to.deep.equal([undefined]);
      expect(recomputes(rnn({ size: 3, recompute: true }))).to.deep.equal([undefined]);
    });

    it('refuses segments that are none', () => {
      for (const recompute of [0, -1, 2.5, Number.NaN, 'yes' as unknown as boolean])
        expect(() => lstm({ size: 3, recompute }))
          .to.throw(RangeError, `lstm: recompute must be true, false or a whole number of steps of at least 1, got`)
          .with.property('code', 'ERR_ARGUMENT');
    });
  });
});
