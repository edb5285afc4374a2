import { rangeError } from '../../errors.ts';
import { checkIndex } from './indices.ts';
import { layoutOf, lengthsOf } from './layout.ts';
import { logSumExp } from './softmax.ts';
import type { Integers, Run, Twin, View } from './twin.ts';

interface Inputs {
  readonly logits: View;
  readonly labels: Integers;
  readonly labelLengths: Integers;
  readonly offsets: Integers;
  readonly order: Integers;
}
interface Attributes {
  readonly reduction: 'mean' | 'sum' | 'none';
  readonly blank: number;
  readonly impossible: 'infinite' | 'zero';
}

/** −ln of the probability of the labels, as their alignments with the frames have it; reduced. */
export const ctc: Twin<Inputs, { loss: View }, Attributes> = (inputs, { loss }, attributes, run) => {
  const { reduction, impossible } = attributes;
  let total = 0;
  for (const sequence of sequencesOf('ctc', inputs, attributes)) {
    run.poll();
    const found = align(sequence, run).loss;
    const l = found === Number.POSITIVE_INFINITY && impossible === 'zero' ? 0 : found;
    if (reduction === 'none') loss.data[sequence.place] = l;
    total += l / divisorOf(sequence, inputs, reduction);
  }
  if (reduction !== 'none') loss.data[0] = total;
};

/** ∂loss/∂x[t,c] = p[t,c] − Σ e^{α[t,s] + β[t,s] + loss} over the states s of class c */
export const ctcGradient: Twin<Inputs & { dLoss: View }, { logits: View }, Attributes> = (
  inputs,
  outputs,
  attributes,
  run,
) => {
  const C = inputs.logits.shape[1]!;
  const x = inputs.logits.data;
  const dx = outputs.logits.data;
  for (const sequence of sequencesOf('ctcGradient', inputs, attributes)) {
    run.poll();
    const { rows, states, place } = sequence;
    const { loss, alpha, beta, logZ } = align(sequence, run);
    const upstream =
      inputs.dLoss.data[attributes.reduction === 'none' ? place : 0]! /
      divisorOf(sequence, inputs, attributes.reduction);
    rows.forEach((row, t) => {
      if (loss === Number.POSITIVE_INFINITY) {
        dx.fill(0, row * C, (row + 1) * C);
        return;
      }
      for (let c = 0; c < C; c++) dx[row * C + c] = upstream * Math.exp(x[row * C + c]! - logZ[t]!);
      states.forEach((c, s) => {
        dx[row * C + c]! -= upstream * Math.exp(alpha[t]![s]! + beta[t]![s]! + loss);
      });
    });
  }
};

interface Sequence {
  /** Of the caller. */
  readonly place: number;
  /** Row of each frame, and their logits. */
  readonly rows: readonly number[];
  readonly logits: View;
  /** The labels with a blank before, between and behind. */
  readonly states: readonly number[];
}

/**
 * With T frames and S states, log p[t,s] being that of the class of state s at frame t:
 *
 *   α[t,s] = ln(e^α[t−1,s] + e^α[t−1,s−1] + e^α[t−1,s−2]) + log p[t,s]      of all ways from the start to state s at frame t
 *   β[t,s] = ln(e^(β[t+1,s] + log p[t+1,s]) + … s+1 … s+2)                  of all ways from there to the end
 *   loss   = −ln(e^α[T−1,S−1] + e^α[T−1,S−2])
 *
 * The third term only where a label is reached from the label before, another one, with no blank between them.
 */
function align({ rows, logits, states }: Sequence, run: Run) {
  const [T, S] = [rows.length, states.length];
  const C = logits.shape[1]!;
  const matrix = () => Array.from({ length: T }, () => run.doubles(S).fill(Number.NEGATIVE_INFINITY));
  const [alpha, beta] = [matrix(), matrix()];
  const logZ = rows.map(row => logSumExp(logits.data, row * C, C));
  const logP = (t: number, s: number) => logits.data[rows[t]! * C + states[s]!]! - logZ[t]!;
  const skips = (s: number) => s >= 2 && s % 2 === 1 && states[s] !== states[s - 2];

  for (let t = 0; t < T; t++)
    for (let s = 0; s < S; s++) {
      const from = (s: number) => (t === 0 ? (s === 0 ? 0 : Number.NEGATIVE_INFINITY) : alpha[t - 1]![s]!);
      // Before the first frame all ways stand at the first blank: they go on to it or to the first label.
      const ways = [from(s), s >= 1 ? from(s - 1) : undefined, skips(s) ? from(s - 2) : undefined];
      alpha[t]![s] = logAdd(ways) + logP(t, s);
    }
  for (let t = T - 1; t >= 0; t--)
    for (let s = 0; s < S; s++) {
      if (t === T - 1) {
        if (s >= S - 2) beta[t]![s] = 0;
        continue;
      }
      const to = (s: number) => (s < S ? beta[t + 1]![s]! + logP(t + 1, s) : undefined);
      beta[t]![s] = logAdd([to(s), to(s + 1), s + 2 < S && skips(s + 2) ? to(s + 2) : undefined]);
    }
  const ends = T === 0 ? [S === 1 ? 0 : undefined] : [alpha[T - 1]![S - 1], alpha[T - 1]![S - 2]];
  return { loss: -logAdd(ends), alpha, beta, logZ };
}

/** ln Σeˣ of those that there are */
function logAdd(values: readonly (number | undefined)[]): number {
  const terms = values.filter(value => value !== undefined);
  const largest = Math.max(...terms, Number.NEGATIVE_INFINITY);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

/** The sequences, checked. @throws ERR_INDEX where a label is no class or the blank, or lengths do not fit the labels */
function* sequencesOf(op: string, inputs: Inputs, { blank }: Attributes): Generator<Sequence, void, undefined> {
  const { logits, labels, labelLengths } = inputs;
  const [tokens, classes] = logits.shape as [number, number];
  const layout = layoutOf(op, inputs, tokens);
  const lengths = lengthsOf(layout);
  labels.data.forEach((label, i) => {
    checkIndex(op, 'labels', i, label, classes);
    if (label === blank) throw rangeError('ERR_INDEX', `${op}: labels[${i}] is ${label}, the blank`);
  });
  const starts: number[] = [];
  let start = 0;
  labelLengths.data.forEach((length, b) => {
    checkIndex(op, 'labelLengths', b, length, labels.data.length - start + 1);
    starts.push(start);
    start += length;
  });
  if (start !== labels.data.length)
    throw rangeError('ERR_INDEX', `${op}: labelLengths sum up to ${start}, expected ${labels.data.length}`);
  for (let rank = 0; rank < layout.batch; rank++) {
    const place = layout.order[rank]!;
    const own = labels.data.subarray(starts[place], starts[place]! + labelLengths.data[place]!);
    yield {
      place,
      rows: Array.from({ length: lengths[rank]! }, (_, t) => layout.offsets[t]! + rank),
      logits,
      states: [blank, ...Array.from(own, label => [label, blank]).flat()],
    };
  }
}

/** What a sequence's loss is divided by. */
function divisorOf({ states }: Sequence, { order }: Inputs, reduction: Attributes['reduction']): number {
  return reduction === 'mean' ? Math.max(1, (states.length - 1) / 2) * order.data.length : 1;
}
