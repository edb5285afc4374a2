import { rangeError } from '../errors.ts';
import { operation } from '../program/operation.ts';
import { describeShape, sameShape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import { checkLengths } from './softmax.ts';
import { sumTo } from './sum-to.ts';

interface Inputs {
  query: Tensor;
  keys: Tensor;
  v: Tensor;
  lengths?: Tensor | undefined;
}

/** What each sequence adds to the gradient of v stands apart, so that a scan can add it up over all steps. */
const backward = operation<Inputs & { dScores: Tensor }, 'query' | 'keys' | 'v'>('additiveScoresGradient', {
  shape: ({ query, keys, v }) => ({
    query: { shape: query.shape },
    keys: { shape: keys.shape },
    v: { shape: [query.shape[0]!, ...v.shape] },
  }),
});

const op = operation<Inputs, 'scores'>('additiveScores', {
  shape: ({ query, keys, v, lengths }) => {
    const [batch, queries, size] = query.shape;
    const steps = keys.shape[1];
    if (query.shape.length !== 3 || keys.shape.length !== 3 || !sameShape(keys.shape, [batch!, steps!, size!]))
      throw rangeError(
        'ERR_SHAPE',
        `additiveScores: query ${describeShape(query.shape)} and keys ${describeShape(keys.shape)} do not fit, expected [batch, queries, size] and [batch, keys, size]`,
      );
    if (!sameShape(v.shape, [size!]))
      throw rangeError('ERR_SHAPE', `additiveScores: v has shape ${describeShape(v.shape)}, expected [${size}]`);
    if (lengths) checkLengths('additiveScores', lengths, keys);
    return { scores: { shape: [batch!, queries!, steps!] } };
  },
  gradient: ({ inputs, gradients: { scores } }) => {
    const { query, keys, v } = backward({ ...inputs, dScores: scores! }, {});
    return { query, keys, v: sumTo(v, inputs.v.shape) };
  },
});

/**
 * How well queries and keys go together, as Bahdanau et al. 2015 compare them: s[b,i,j] = v·tanh(q[b,i] + k[b,j]).
 * query [B, Q, A], keys [B, S, A], v [A] → [B, Q, S]. One step, and nothing of size B·Q·S·A in memory.
 */
export function additiveScores(
  query: Tensor,
  keys: Tensor,
  v: Tensor,
  {
    lengths,
  }: {
    /** int32 [B]: keys that count; beyond them the score is 0 and takes no gradient. */
    lengths?: Tensor | undefined;
  } = {},
): Tensor {
  return op({ query, keys, v, lengths }, {}).scores;
}
