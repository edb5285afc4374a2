import type { Backend, Executable, Feeds, NumberArray, RealArray, Storage } from '../../../lib/backend/backend.ts';
import { arrayOf } from '../../../lib/backend/feeds.ts';
import { packLayout } from '../../../lib/data/ragged.ts';
import type { Program } from '../../../lib/program/program.ts';
import { elementCount, resolveShape, type Sizes } from '../../../lib/program/shape.ts';
import type { Numbers } from './numbers.ts';

/** Values by name, exact in every precision. */
export type Values = Readonly<Record<string, Float64Array | Int32Array>>;

export interface Batch {
  readonly sizes: Sizes;
  readonly values: Values;
}

/** A program loaded by a backend together with storage of its own. */
export class Trial {
  readonly backend: Backend;
  readonly executable: Executable;
  readonly storages: Readonly<Record<string, Storage>>;

  constructor(backend: Backend, program: Program, initial: Values = {}) {
    this.backend = backend;
    this.storages = Object.fromEntries(
      program.storages.map(({ name, dtype, elements }) => [name, backend.allocate(dtype, elements)]),
    );
    for (const [name, values] of Object.entries(initial)) this.write(name, values);
    this.executable = backend.load(program, this.storages);
  }

  feeds({ sizes, values }: Batch): Feeds {
    return {
      sizes,
      values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.inPrecision(value)])),
    };
  }

  run(batch: Batch) {
    return this.executable.run(this.feeds(batch));
  }

  runSync(batch: Batch) {
    return this.executable.runSync(this.feeds(batch));
  }

  /** Writes a storage, as a loader of saved weights would. */
  write(name: string, values: ArrayLike<number>): void {
    const storage = this.storages[name]!;
    storage.array.set(values);
    storage.touch();
  }

  /** A copy of what the storages hold. */
  stored(): Record<string, NumberArray> {
    return Object.fromEntries(Object.entries(this.storages).map(([name, { array }]) => [name, array.slice()]));
  }

  private inPrecision(value: Float64Array | Int32Array): NumberArray {
    if (value instanceof Int32Array) return value.slice();
    const array = new (arrayOf('real', this.backend.precision))(value.length) as RealArray;
    array.set(value);
    return array;
  }
}

export interface BatchOptions {
  /** Lengths of the sequences of every layout of the program. */
  readonly lengths?: readonly number[];
  /** Feeds that cannot be just any numbers. */
  readonly given?: Values;
  /** Largest magnitude of a feed; 1 unless it says otherwise. */
  readonly largest?: (name: string, shape: readonly number[]) => number;
  /** For int32 feeds: values are drawn below this. */
  readonly below?: Readonly<Record<string, number>>;
}

/** Feeds for a program: layouts from lengths, the rest drawn. */
export function batchFor(program: Program, numbers: Numbers, options: BatchOptions = {}): Batch {
  const { lengths = [], given = {}, largest = () => 1, below = {} } = options;
  const { steps, batch, tokens, offsets, order } = packLayout(lengths);
  const sizes: Sizes = Object.fromEntries(
    program.sizes.map(name => [name, name.endsWith('.steps') ? steps : name.endsWith('.tokens') ? tokens : batch]),
  );
  const values: Record<string, Float64Array | Int32Array> = {};
  for (const { name, role, dtype, shape } of program.buffers) {
    if (role !== 'feed') continue;
    const extents = resolveShape(shape, sizes);
    const count = elementCount(extents);
    if (given[name]) values[name] = given[name];
    else if (name.endsWith('.offsets')) values[name] = offsets;
    else if (name.endsWith('.order')) values[name] = order;
    else if (dtype === 'int32') values[name] = numbers.integers(count, below[name] ?? 1);
    else values[name] = numbers.reals(count, largest(name, extents));
  }
  return { sizes, values };
}
