import { expect } from 'chai';
import { additiveScores } from '../../lib/ops/additive-scores.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, integers } from './evaluate.ts';

const [batch, queries, keys, size] = [3, 2, 4, 5];
const inputs = {
  query: drawn([batch, queries, size]),
  keys: drawn([batch, keys, size], [-2, 2]),
  v: drawn([size], [-3, 3]),
};
const lengths = integers([batch], [4, 0, 2]);

describe('additiveScores', () => {
  it('compares each query with each key that counts', () => {
    const { scores } = evaluate({ ...inputs, lengths }, ({ query, keys, v, lengths }) => ({
      scores: additiveScores(query!, keys!, v!, { lengths }),
    }));
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < queries; i++)
        for (let j = 0; j < keys; j++) {
          const at = (values: ArrayLike<number>, row: number, a: number) => values[row * size + a]!;
          let expected = 0;
          if (j < lengths.values[b]!)
            for (let a = 0; a < size; a++)
              expected +=
                inputs.v.values[a]! *
                Math.tanh(at(inputs.query.values, b * queries + i, a) + at(inputs.keys.values, b * keys + j, a));
          expect(scores![(b * queries + i) * keys + j]).to.be.closeTo(expected, 1e-14);
        }
  });

  it('has the gradient of finite differences, with lengths and without', () => {
    checkGradients({
      inputs,
      build: ({ query, keys, v }) => ({ scores: additiveScores(query!, keys!, v!) }),
    });
    checkGradients({
      inputs: { ...inputs, lengths },
      build: ({ query, keys, v, lengths }) => ({ scores: additiveScores(query!, keys!, v!, { lengths }) }),
    });
  });

  it('fails the run on a length beyond the keys', () => {
    const run = (length: number) =>
      evaluate({ ...inputs, lengths: integers([batch], [4, length, 0]) }, ({ query, keys, v, lengths }) => ({
        scores: additiveScores(query!, keys!, v!, { lengths }),
      }));
    for (const length of [5, -1])
      expect(() => run(length))
        .to.throw(RangeError, `additiveScores: lengths[1] is ${length}, expected 0…4`)
        .with.property('code', 'ERR_INDEX');
  });

  it('refuses shapes that do not fit', () => {
    const recording = new Recording('train');
    const query = recording.feed('query', ['batch', 2, 5]);
    const v = recording.feed('v', [5]);
    expect(() => additiveScores(query, recording.feed('keys', ['batch', 'steps', 4]), v))
      .to.throw(RangeError, 'query [batch, 2, 5] and keys [batch, steps, 4] do not fit')
      .with.property('code', 'ERR_SHAPE');
    const memory = recording.feed('memory', ['batch', 'steps', 5]);
    expect(() => additiveScores(query, memory, recording.feed('w', [4]))).to.throw(RangeError, 'v has shape [4]');
    expect(() => additiveScores(query, memory, v, { lengths: recording.feed('lengths', ['batch']) })).to.throw(
      TypeError,
      'lengths must be int32, got real',
    );
  });
});
