import { lengthOf } from './indices.ts';
import type { Integers, Run, Twin, View } from './twin.ts';

interface Inputs {
  readonly query: View;
  readonly keys: View;
  readonly v: View;
  readonly lengths?: Integers;
}

/** s[b,i,j] = Σ v·tanh(q[b,i] + k[b,j]), 0 where j is past the length */
export const additiveScores: Twin<Inputs, { scores: View }, object> = (
  { query, keys, v, lengths },
  { scores },
  _,
  run,
) => {
  scores.data.fill(0);
  eachPair('additiveScores', { query, keys, lengths }, run, (q, k, pair) => {
    let sum = 0;
    for (let a = 0; a < v.data.length; a++) sum += v.data[a]! * Math.tanh(query.data[q + a]! + keys.data[k + a]!);
    scores.data[pair] = sum;
  });
};

/** With t = tanh(q + k): ds·v·(1 − t²) goes to q and to k, ds·t to v, here [batch, size]: from each sequence apart. */
export const additiveScoresGradient: Twin<Inputs & { dScores: View }, { query: View; keys: View; v: View }, object> = (
  { query, keys, v, lengths, dScores },
  outputs,
  _,
  run,
) => {
  const dq = run.doubles(query.data.length);
  const dk = run.doubles(keys.data.length);
  const dv = run.doubles(outputs.v.data.length);
  eachPair('additiveScoresGradient', { query, keys, lengths }, run, (q, k, pair, share) => {
    const ds = dScores.data[pair]!;
    for (let a = 0; a < v.data.length; a++) {
      const t = Math.tanh(query.data[q + a]! + keys.data[k + a]!);
      const slope = ds * v.data[a]! * (1 - t * t);
      dq[q + a]! += slope;
      dk[k + a]! += slope;
      dv[share + a]! += ds * t;
    }
  });
  outputs.query.data.set(dq);
  outputs.keys.data.set(dk);
  outputs.v.data.set(dv);
};

/** Visits each query with each key that counts: where their features begin, the place of their score, and the sequence's features. */
function eachPair(
  op: string,
  { query, keys, lengths }: { query: View; keys: View; lengths: Integers | undefined },
  run: Run,
  visit: (query: number, key: number, pair: number, sequence: number) => void,
): void {
  const [batch, queries, size] = query.shape as [number, number, number];
  const steps = keys.shape[1]!;
  for (let b = 0; b < batch; b++) {
    run.poll();
    const length = lengths ? lengthOf(op, lengths, b, steps) : steps;
    for (let i = 0; i < queries; i++)
      for (let j = 0; j < length; j++)
        visit((b * queries + i) * size, (b * steps + j) * size, (b * queries + i) * steps + j, b * size);
  }
}
