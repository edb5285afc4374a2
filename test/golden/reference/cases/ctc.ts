import { Draft } from '../draft.ts';
import { add, constant, exp, log, multiply, scale, subtract, sum, Value } from '../value.ts';

interface Case {
  readonly classes: number;
  readonly blank: number;
  readonly reduction: 'none' | 'mean' | 'sum';
  /** Of each sequence. */
  readonly frames: readonly number[];
  readonly labels: readonly (readonly number[])[];
  readonly zero_infinity?: boolean;
}

export function ctcCases(): Draft[] {
  return [
    draft('mean', { classes: 4, blank: 0, reduction: 'mean', frames: [5, 6, 3], labels: [[1, 2], [3, 3, 1], []] }),
    draft('none_blank_last', {
      classes: 3,
      blank: 2,
      reduction: 'none',
      frames: [7, 1, 4],
      labels: [[0, 0, 1], [1], [0]],
    }),
    draft('sum_impossible', {
      classes: 5,
      blank: 1,
      reduction: 'sum',
      frames: [4, 2, 3],
      labels: [
        [0, 4],
        [2, 2],
        [3, 4, 3, 0],
      ],
      zero_infinity: true,
    }),
  ];
}

/** Every way to read the frames is tried. */
function draft(name: string, { classes, blank, reduction, frames, labels, zero_infinity = false }: Case): Draft {
  const config = { loss: 'ctc', blank, reduction, zero_infinity };
  const draft = new Draft(`ctc/${name}`, 'ctc', config, { out: 1e-5, grad: 2e-5 });
  const [steps, batch, width] = [Math.max(...frames), frames.length, Math.max(...labels.map(({ length }) => length))];
  const logits = draft.draw('in.logits', [steps, batch, classes], 3);
  draft.keepIntegers('in.input_lengths', [batch], frames);
  draft.keepIntegers(
    'in.target_lengths',
    [batch],
    labels.map(({ length }) => length),
  );
  draft.keepIntegers(
    'in.targets',
    [batch, width],
    labels.flatMap(row => [...row, ...new Array<number>(width - row.length).fill(blank)]),
  );
  const losses = labels.map((row, b) => {
    const logP = Array.from({ length: frames[b]! }, (_, t) => {
      const scores = logits.slice((t * batch + b) * classes, (t * batch + b + 1) * classes);
      const total = log(sum(scores.map(exp)));
      return scores.map(score => subtract(score, total));
    });
    const ways = readings(frames[b]!, classes).filter(path => spells(path, row, blank));
    if (ways.length === 0) return constant(0);
    const probabilities = ways.map(path => exp(path.reduce((p, c, t) => add(p, logP[t]![c]!), constant(0))));
    return scale(log(sum(probabilities)), -1);
  });
  const [shape, reduced] = {
    none: [[batch], losses] as const,
    sum: [[], [sum(losses)]] as const,
    mean: [[], [scale(sum(losses.map((l, b) => scale(l, 1 / Math.max(1, labels[b]!.length)))), 1 / batch)]] as const,
  }[reduction];
  draft.expect(
    'out.loss',
    shape,
    reduced.map(({ value }) => value),
  );
  const up = reduction === 'none' ? draft.draw('up.loss', [batch]) : [constant(1)];
  Value.backward(reduced.map((l, b) => ({ of: multiply(l, up[b]!), seed: 1 })));
  draft.expectGradients({ 'in.logits': logits });
  return draft;
}

/** All sequences of classes of some length. */
function readings(length: number, classes: number): number[][] {
  if (length === 0) return [[]];
  return readings(length - 1, classes).flatMap(path => Array.from({ length: classes }, (_, c) => [...path, c]));
}

function spells(path: readonly number[], labels: readonly number[], blank: number): boolean {
  const merged = path.filter((c, t) => c !== path[t - 1] && c !== blank);
  return merged.length === labels.length && merged.every((c, i) => c === labels[i]);
}
