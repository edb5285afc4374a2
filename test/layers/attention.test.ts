import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { Attention, type AttentionOptions } from '../../lib/layers/attention.ts';
import { Parameters } from '../../lib/layers/parameter.ts';
import { record } from '../../lib/program/recording.ts';
import { Random } from '../../lib/random/random.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { batchFor, Trial } from '../backend/conformance/trial.ts';

const backend = js({ precision: 'float64' });
after(() => backend.close());

const sizes = { name: 'attention', querySize: 4, keySize: 4, valueSize: 3 };
const every: readonly AttentionOptions[] = [
  { score: 'additive', size: 5 },
  { score: 'additive', size: 5, bias: false },
  { score: 'concat', size: 5 },
  { score: 'dot' },
  { score: 'scaledDot' },
  { score: 'general' },
];

function build(options: AttentionOptions, context: Partial<typeof sizes> = {}): Attention {
  return new Attention(options, { ...sizes, ...context, random: new Random(3, 0) });
}

describe('attention', () => {
  for (const options of every)
    it(`answers one query per row as it answers several: ${JSON.stringify(options)}`, () => {
      const attention = build(options);
      const parameters = new Parameters(attention.parameters, backend);
      const program = record(recording => {
        const memory = attention.remember(
          recording.feed('keys', ['batch', 6, 4]),
          recording.feed('values', ['batch', 6, 3]),
          recording.feed('lengths', ['batch'], 'int32'),
        );
        const several = attention.attend(recording.feed('several', ['batch', 1, 4]), memory);
        const one = attention.attend(recording.feed('one', ['batch', 4]), memory);
        return { several: several.context, one: one.context, weights: one.weights };
      });
      const query = new Numbers(5).reals(3 * 4);
      const lengths = Int32Array.of(6, 1, 3);
      const given = { several: query, one: query, lengths };
      const batch = batchFor(program, new Numbers(6), { lengths: [1, 1, 1], given });
      const trial = new Trial(
        backend,
        program,
        program.storages.length > 0 ? { parameters: Float64Array.from(parameters.array) } : {},
      );
      const { several, one, weights } = trial.runSync(batch);
      expect(one).to.deep.equal(several);
      for (let b = 0; b < 3; b++) {
        const row = [...weights!.subarray(6 * b, 6 * b + 6)];
        expect(row.reduce((sum, weight) => sum + weight, 0)).to.be.closeTo(1, 1e-12);
        expect(row.slice(lengths[b])).to.deep.equal(new Array(6 - lengths[b]!).fill(0));
      }
      expect([...one!.subarray(3, 6)], 'a single key is looked up as it is').to.deep.equal([
        ...batch.values.values!.subarray(18, 21),
      ]);
    });

  it('has the parameters that its score needs', () => {
    const names = (options: AttentionOptions) =>
      build(options).parameters.map(({ name, shape }) => `${name.replace('attention.', '')} ${shape}`);
    expect(names(every[0]!)).to.deep.equal(['queryWeight 4,5', 'keyWeight 4,5', 'bias 5', 'v 5']);
    expect(names(every[2]!)).to.deep.equal(['weight 8,5', 'v 5']);
    expect(names({ score: 'dot', output: 2 })).to.deep.equal(['outputWeight 7,2']);
    expect(names({ score: 'general' })).to.deep.equal(['weight 4,4']);
  });

  it('refuses what it cannot be built from or asked', () => {
    expect(() => build({ score: 'cosine' as 'dot' })).to.throw(RangeError, "score must be 'additive' or 'concat' or");
    expect(() => build({ score: 'additive' })).to.throw(RangeError, 'size must be a whole number of at least 1');
    expect(() => build({ score: 'dot' }, { keySize: 5 }))
      .to.throw(RangeError, "score 'dot' compares queries and keys of equal size, got 4 and 5; use 'general'")
      .with.property('code', 'ERR_SHAPE');
    const dot = build({ score: 'dot' });
    expect(() =>
      record(recording => {
        const query = recording.feed('query', ['batch', 4]);
        return { y: dot.attentional(query, query) };
      }),
    ).to.throw(RangeError, 'give it the option output');
    expect(() =>
      record(recording => {
        const keys = recording.feed('keys', ['batch', 6, 4]);
        return { y: dot.attend(recording.feed('query', [4]), dot.remember(keys, keys)).context };
      }),
    ).to.throw(RangeError, 'the query has shape [4], expected [batch, queries, querySize] or [batch, querySize]');
  });
});
