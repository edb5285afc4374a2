import { add, constant, exp, log, multiply, scale, softplus, subtract, sum, type Value } from './value.ts';

export interface CrossEntropyConfig {
  readonly ignore_index: number | null;
  readonly label_smoothing: number;
}

/** −(1−e)·w[t]·log p[t] − (e/C)·Σ_c w[c]·log p[c] of each row, and the weight of its target; 0 where it is ignored. */
export function crossEntropy(
  { ignore_index, label_smoothing }: CrossEntropyConfig,
  logits: readonly (readonly Value[])[],
  targets: readonly number[],
  weights: readonly number[],
): { losses: Value[]; weight: number } {
  const counts = (row: number) => targets[row] !== ignore_index;
  const losses = logits.map((row, index) => {
    if (!counts(index)) return constant(0);
    const largest = Math.max(...row.map(({ value }) => value));
    const total = log(sum(row.map(logit => exp(subtract(logit, constant(largest))))));
    const logp = row.map(logit => subtract(subtract(logit, constant(largest)), total));
    const target = targets[index]!;
    const smooth = sum(logp.map((value, c) => scale(value, weights[c]!)));
    return add(
      scale(logp[target]!, -(1 - label_smoothing) * weights[target]!),
      scale(smooth, -label_smoothing / row.length),
    );
  });
  return { losses, weight: targets.reduce((total, t, row) => (counts(row) ? total + weights[t]! : total), 0) };
}

/** pos_weight·y·softplus(−x) + (1−y)·softplus(x), times the element's weight. */
export function binaryCrossEntropy(
  logits: readonly Value[],
  targets: readonly number[],
  positiveWeight: (index: number) => number,
  elementWeight: (index: number) => number,
): Value[] {
  return logits.map((x, index) => {
    const y = targets[index]!;
    const each = add(scale(softplus(scale(x, -1)), positiveWeight(index) * y), scale(softplus(x), 1 - y));
    return scale(each, elementWeight(index));
  });
}

export function squaredError(prediction: readonly Value[], targets: readonly number[]): Value[] {
  return prediction.map((value, index) => {
    const difference = subtract(value, constant(targets[index]!));
    return multiply(difference, difference);
  });
}

/** d²/(2·beta) where |d| < beta, else |d| − beta/2; all of it times `factor`. */
export function roundedError(
  prediction: readonly Value[],
  targets: readonly number[],
  beta: number,
  factor: number,
): Value[] {
  return prediction.map((value, index) => {
    const d = subtract(value, constant(targets[index]!));
    if (Math.abs(d.value) < beta) return scale(multiply(d, d), factor / (2 * beta));
    return scale(add(scale(d, Math.sign(d.value)), constant(-beta / 2)), factor);
  });
}

export function reduce(reduction: 'none' | 'mean' | 'sum', losses: readonly Value[], weight: number): readonly Value[] {
  if (reduction === 'none') return losses;
  return [scale(sum(losses), reduction === 'mean' ? 1 / weight : 1)];
}
