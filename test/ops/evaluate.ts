import type { Feeds, Results } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { packLayout } from '../../lib/data/ragged.ts';
import type { Program } from '../../lib/program/program.ts';
import { type Mode, type Recording, record } from '../../lib/program/recording.ts';
import type { DType, Shape, Sizes } from '../../lib/program/shape.ts';
import type { Tensor } from '../../lib/program/tensor.ts';

const backend = js({ precision: 'float64' });

/** A feed: its shape and its values, row-major. */
export interface Given {
  readonly shape: Shape;
  readonly values: readonly number[] | Float64Array;
  readonly dtype: DType;
}

export function reals(shape: Shape, values: Given['values']): Given {
  return { shape, values, dtype: 'real' };
}

export function integers(shape: Shape, values: readonly number[]): Given {
  return { shape, values, dtype: 'int32' };
}

export interface Setting {
  /** Values of named sizes. */
  readonly sizes?: Sizes;
  /** Lengths of the sequences of the layout 'input', in the caller's order. */
  readonly lengths?: readonly number[];
  readonly mode?: Mode;
  /** The training step, from 1, and the first row's place in the global batch. */
  readonly clock?: readonly [number, number];
}

export type Build = (
  inputs: Readonly<Record<string, Tensor>>,
  recording: Recording,
) => Readonly<Record<string, Tensor>>;

export function program(inputs: Readonly<Record<string, Given>>, build: Build, mode: Mode = 'train'): Program {
  return record(
    recording => {
      const feeds = Object.entries(inputs).map(([name, { shape, dtype }]) => [
        name,
        recording.feed(name, shape, dtype),
      ]);
      return build(Object.fromEntries(feeds), recording);
    },
    { mode },
  );
}

export function feedsOf(
  inputs: Readonly<Record<string, Given>>,
  { sizes = {}, lengths = [], clock = [1, 0] }: Setting = {},
): Feeds {
  const layout = packLayout(lengths);
  const values = Object.entries(inputs).map(([name, { values, dtype }]) => [
    name,
    dtype === 'real' ? Float64Array.from(values) : Int32Array.from(values),
  ]);
  return {
    sizes: { 'input.steps': layout.steps, 'input.tokens': layout.tokens, batch: layout.batch, ...sizes },
    values: {
      'input.offsets': layout.offsets,
      'input.order': layout.order,
      clock: Int32Array.from(clock),
      ...Object.fromEntries(values),
    },
  };
}

/** Runs a program in float64 on the calling thread. */
export function runner(of: Program): (feeds: Feeds) => Results {
  const executable = backend.load(of, {});
  return feeds => executable.runSync(feeds);
}

/** What `build` makes of the inputs, as plain arrays by name. */
export function evaluate(
  inputs: Readonly<Record<string, Given>>,
  build: Build,
  setting: Setting = {},
): Record<string, number[]> {
  const results = runner(program(inputs, build, setting.mode))(feedsOf(inputs, setting));
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, [...values]]));
}
