/**
 * Reverse-mode differentiation of plain float64 numbers, one at a time: slow, short, and sharing nothing with the library.
 * The golden vectors that ship with the project are computed with it.
 */
export class Value {
  readonly value: number;
  /** ∂(sum of seeds·outputs)/∂this, once `backward` has run. */
  gradient = 0;
  private readonly parents: readonly Value[];
  private readonly partials: readonly number[];
  private readonly order: number;
  private static made = 0;

  constructor(value: number, parents: readonly Value[] = [], partials: readonly number[] = []) {
    this.value = value;
    this.parents = parents;
    this.partials = partials;
    this.order = Value.made++;
  }

  /** Adds to the gradient of every value that the outputs were computed from. */
  static backward(outputs: readonly { readonly of: Value; readonly seed: number }[]): void {
    const reached = new Set<Value>();
    const waiting = outputs.map(({ of }) => of);
    for (let value = waiting.pop(); value; value = waiting.pop()) {
      if (reached.has(value)) continue;
      reached.add(value);
      waiting.push(...value.parents);
    }
    for (const { of, seed } of outputs) of.gradient += seed;
    for (const value of [...reached].sort((a, b) => b.order - a.order))
      value.parents.forEach((parent, index) => {
        parent.gradient += value.gradient * value.partials[index]!;
      });
  }
}

export const constant = (value: number) => new Value(value);
export const add = (a: Value, b: Value) => new Value(a.value + b.value, [a, b], [1, 1]);
export const subtract = (a: Value, b: Value) => new Value(a.value - b.value, [a, b], [1, -1]);
export const multiply = (a: Value, b: Value) => new Value(a.value * b.value, [a, b], [b.value, a.value]);
export const scale = (a: Value, factor: number) => new Value(a.value * factor, [a], [factor]);
export const exp = (a: Value) => map(a, Math.exp(a.value), Math.exp(a.value));
export const log = (a: Value) => map(a, Math.log(a.value), 1 / a.value);
export const tanh = (a: Value) => map(a, Math.tanh(a.value), 1 - Math.tanh(a.value) ** 2);
export const relu = (a: Value) => map(a, Math.max(a.value, 0), a.value > 0 ? 1 : 0);
export const clip = (a: Value, bound: number) =>
  map(a, Math.min(Math.max(a.value, -bound), bound), Math.abs(a.value) > bound ? 0 : 1);
export const sigmoid = (a: Value) => map(a, logistic(a.value), logistic(a.value) * logistic(-a.value));
/** ln(1 + eˣ) */
export const softplus = (a: Value) =>
  map(a, Math.max(a.value, 0) + Math.log1p(Math.exp(-Math.abs(a.value))), logistic(a.value));

export function sum(values: readonly Value[]): Value {
  return new Value(
    values.reduce((total, { value }) => total + value, 0),
    values,
    values.map(() => 1),
  );
}

/** Σ aᵢ·bᵢ */
export function dot(a: readonly Value[], b: readonly Value[]): Value {
  return new Value(
    a.reduce((total, { value }, index) => total + value * b[index]!.value, 0),
    [...a, ...b],
    [...b, ...a].map(({ value }) => value),
  );
}

function map(a: Value, value: number, derivative: number): Value {
  return new Value(value, [a], [derivative]);
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
