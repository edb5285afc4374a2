import { expect } from 'chai';
import type { Feeds, Results } from '../../lib/backend/backend.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { type Build, evaluate, feedsOf, type Given, program, runner, type Setting } from './evaluate.ts';

const step = 1e-5;
const tolerance = 1e-6;
const elementsPerInput = 24;

interface Check extends Setting {
  readonly inputs: Readonly<Record<string, Given>>;
  /** Names of the inputs to differentiate by; the real ones when left out. */
  readonly by?: readonly string[];
  /** Outputs at which a gradient arrives; all when left out. */
  readonly arriving?: readonly string[];
  readonly build: Build;
}

/**
 * Compares recorded gradients with central differences of L = Σ up⊙output, up drawn at random, in float64: element by
 * element for up to 24 elements of each input spread over it, and along a random direction through all elements at once.
 */
export function checkGradients({ inputs, by, arriving, build, ...setting }: Check): void {
  const names = by ?? Object.keys(inputs).filter(name => inputs[name]!.dtype === 'real');
  const numbers = new Numbers(20);
  const outputs = evaluate(inputs, build, setting);
  const upstream = Object.fromEntries(
    Object.entries(outputs)
      .filter(([name]) => !arriving || arriving.includes(name))
      .map(([name, values]) => [name, numbers.reals(values.length)]),
  );
  const feeds = feedsOf(inputs, setting);
  const analytic = recordedGradients(inputs, names, upstream, build, feeds);
  const run = runner(program(inputs, build, setting.mode));
  const loss = (values: Feeds['values']) => weightedSum(run({ ...feeds, values }), upstream);
  const largest = Math.max(...names.map(name => magnitude(analytic[name]!)));
  const compare = (numeric: number, expected: number, scale: number, what: string) => {
    const error = Math.abs(numeric - expected) / Math.max(scale, 1e-2 * largest, 1e-3);
    expect(error, `${what}: recorded ${expected}, by finite differences ${numeric}`).to.be.below(tolerance);
  };

  for (const name of names) {
    const gradient = analytic[name]!;
    const scale = magnitude(gradient);
    const stride = Math.max(1, Math.floor(gradient.length / elementsPerInput));
    for (let k = 0; k < gradient.length; k += stride) {
      const slope = centralDifference(along => {
        const moved = Float64Array.from(feeds.values[name]!);
        moved[k]! += along;
        return loss({ ...feeds.values, [name]: moved });
      });
      compare(slope, gradient[k]!, scale, `∂L/∂${name}[${k}]`);
    }
  }

  const directions = names.map(name => numbers.reals(analytic[name]!.length));
  const slope = centralDifference(along => {
    const moved = names.map((name, index) => {
      const direction = directions[index]!;
      return [name, Float64Array.from(feeds.values[name]!, (value, k) => value + along * direction[k]!)];
    });
    return loss({ ...feeds.values, ...Object.fromEntries(moved) });
  });
  const products = names.flatMap((name, index) =>
    Array.from(analytic[name]!, (value, k) => value * directions[index]![k]!),
  );
  const expected = products.reduce((sum, product) => sum + product, 0);
  compare(slope, expected, Math.hypot(...products), 'the slope along a random direction');
}

/** ∂L/∂input by name, from the program that `gradients` records. */
function recordedGradients(
  inputs: Readonly<Record<string, Given>>,
  names: readonly string[],
  upstream: Readonly<Record<string, Float64Array>>,
  build: Build,
  feeds: Feeds,
): Results {
  const differentiated = program(inputs, (tensors, recording) => {
    const outputs = build(tensors, recording);
    const arriving = Object.keys(upstream).map(name => ({
      of: outputs[name]!,
      gradient: recording.feed(`up.${name}`, outputs[name]!.shape),
    }));
    const found = gradients(
      arriving,
      names.map(name => tensors[name]!),
    );
    return Object.fromEntries(names.map((name, index) => [name, found[index]!]));
  });
  const ups = Object.entries(upstream).map(([name, values]) => [`up.${name}`, values]);
  return runner(differentiated)({ ...feeds, values: { ...feeds.values, ...Object.fromEntries(ups) } });
}

function centralDifference(loss: (along: number) => number): number {
  return (loss(step) - loss(-step)) / (2 * step);
}

function weightedSum(outputs: Results, weights: Readonly<Record<string, Float64Array>>): number {
  let sum = 0;
  for (const [name, weight] of Object.entries(weights)) {
    const values = outputs[name]!;
    for (let k = 0; k < weight.length; k++) sum += weight[k]! * values[k]!;
  }
  return sum;
}

function magnitude(values: Results[string]): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
