import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { packLayout } from '../../lib/data/ragged.ts';
import { BahdanauGru, bahdanauGru } from '../../lib/layers/bahdanau-gru.ts';
import type { LayerContext } from '../../lib/layers/layer.ts';
import { LuongLstm, luongLstm } from '../../lib/layers/luong-lstm.ts';
import { Parameters } from '../../lib/layers/parameter.ts';
import { fill } from '../../lib/ops/fill.ts';
import { record } from '../../lib/program/recording.ts';
import { Random } from '../../lib/random/random.ts';
import { Numbers } from '../backend/conformance/numbers.ts';

const backend = js({ precision: 'float64' });
after(() => backend.close());

const sizes = { inputSize: 2, memorySize: 4 };
const context = (): LayerContext => ({
  name: 'decoder',
  input: { kind: 'sequence', size: sizes.inputSize },
  memory: { kind: 'sequence', size: sizes.memorySize },
  random: new Random(3, 0),
  seed: 3,
  nextMask: () => 0,
  find: () => undefined,
});
const decoders = {
  'a Bahdanau GRU': () => new BahdanauGru({ size: 4, attentionSize: 3 }, context()),
  'a Luong LSTM': () => new LuongLstm({ size: 4 }, context()),
  'a Luong LSTM that compares as they are': () => new LuongLstm({ size: 4, score: 'dot', biases: 'two' }, context()),
};

/** Rows of a sequence: a number of its own for each step and feature. */
const rowsOf = (sequence: number, length: number, features: number) =>
  new Numbers(10 + sequence).reals(length * features);

describe('decoders', () => {
  for (const [what, build] of Object.entries(decoders)) {
    /** What the decoder makes of sequences of these lengths, each with a memory of its own. */
    const decode = (which: readonly number[], targets: readonly number[], sources: readonly number[]) => {
      const decoder = build();
      const parameters = new Parameters([...decoder.parameters], backend);
      const program = record(recording => {
        const [source, target] = [recording.layout('source'), recording.layout('target')];
        const memory = decoder.remember(recording.feed('memory', [source.tokens, sizes.memorySize]));
        const x = recording.feed('x', [target.tokens, sizes.inputSize]);
        const { output, weights, state } = decoder.forward(x, memory);
        const zeros = fill(recording, [target.batch, 4], 0);
        return { output, weights, h: state.h, given: decoder.forward(x, memory, { h: zeros }).output };
      });
      const layouts = { source: packLayout(sources), target: packLayout(targets) };
      const pack = (layout: typeof layouts.source, lengths: readonly number[], features: number, seed: number) => {
        const rows = new Float64Array(layout.tokens * features);
        layout.order.forEach((caller, rank) => {
          const own = rowsOf(seed + which[caller]!, lengths[caller]!, features);
          for (let t = 0; t < lengths[caller]!; t++)
            rows.set(own.subarray(t * features, (t + 1) * features), (layout.offsets[t]! + rank) * features);
        });
        return rows;
      };
      const results = backend.load(program, { parameters: parameters.storage }).runSync({
        sizes: {
          batch: which.length,
          'source.steps': layouts.source.steps,
          'source.tokens': layouts.source.tokens,
          'target.steps': layouts.target.steps,
          'target.tokens': layouts.target.tokens,
        },
        values: {
          'source.offsets': layouts.source.offsets,
          'source.order': layouts.source.order,
          'target.offsets': layouts.target.offsets,
          'target.order': layouts.target.order,
          memory: pack(layouts.source, sources, sizes.memorySize, 0),
          x: pack(layouts.target, targets, sizes.inputSize, 50),
        },
      });
      return { results, layouts };
    };

    it(`${what} says of a sequence alone what it says among longer and shorter ones`, () => {
      const [targets, sources] = [
        [2, 4, 0, 1],
        [5, 1, 2, 3],
      ];
      const { results, layouts } = decode([0, 1, 2, 3], targets, sources);
      const together = [...results.output!];
      const width = together.length / layouts.target.tokens;
      layouts.target.order.forEach((caller, rank) => {
        const alone = decode([caller], [targets[caller]!], [sources[caller]!]).results;
        for (let t = 0; t < targets[caller]!; t++) {
          const row = layouts.target.offsets[t]! + rank;
          expect([...alone.output!.subarray(t * width, (t + 1) * width)]).to.deep.equal(
            together.slice(row * width, (row + 1) * width),
          );
        }
        expect([...alone.h!]).to.deep.equal([...results.h!.subarray(4 * caller, 4 * caller + 4)]);
      });
    });

    it(`${what} begins from zeros, and gives every step of a memory a share, and none what lies past its length`, () => {
      const { results, layouts } = decode([0, 1], [2, 1], [3, 1]);
      expect(results.given).to.deep.equal(results.output);
      const { steps } = layouts.source;
      const first = [...results.weights!.subarray(0, steps)];
      expect(first.every(weight => weight > 0)).to.equal(true);
      expect([...results.weights!.subarray(steps, 2 * steps)]).to.deep.equal([1, 0, 0]);
    });
  }

  it('refuse what they cannot be built from', () => {
    expect(() => bahdanauGru({ size: 0 })).to.throw(RangeError, 'bahdanauGru: size must be a whole number');
    expect(() => bahdanauGru({ size: 2, attentionSize: 0.5 })).to.throw(
      RangeError,
      'attentionSize must be a whole number',
    );
    expect(() => luongLstm({ size: 2, biases: 'three' as 'two' })).to.throw(
      RangeError,
      "biases must be 'one' or 'two'",
    );
    expect(() => luongLstm({ size: 4, score: 'concat' as 'dot' })).to.throw(
      RangeError,
      "luongLstm: score must be 'general' or 'dot'",
    );
    expect(() => new LuongLstm({ size: 5, score: 'dot' }, context())).to.throw(RangeError, "use 'general'");
    const vectors = { ...context(), input: { kind: 'vector', size: 2 } } as const;
    expect(() => new BahdanauGru({ size: 5 }, vectors)).to.throw(RangeError, 'decoder: gets one vector per sequence');
  });
});
