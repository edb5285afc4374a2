import { failure } from '../../errors.ts';
import { capacityFor, fits, type Plan, plan } from '../../program/plan.ts';
import type { ProgramData, Step } from '../../program/program.ts';
import { elementCount, resolveShape, type Sizes } from '../../program/shape.ts';
import type { Backend, Feeds, NumberArray, RealArray, Results } from '../backend.ts';
import { arrayOf } from '../feeds.ts';
import { Cancelled, type Loaded, type Runnable } from '../hosted/runnable.ts';
import type { Memory } from './memory.ts';
import type { Run, View } from './twin.ts';
import { twins } from './twins.ts';

/** A program that is ready to run on the thread that made it. */
export class Interpreter implements Run, Runnable {
  readonly #program: ProgramData;
  readonly #storages: Readonly<Record<string, NumberArray>>;
  readonly #seconds: Float64Array;
  readonly #precision: Backend['precision'];
  readonly #memory: Memory;
  #plan: Plan | undefined;
  #cancelled: () => boolean = () => false;

  /** @throws ERR_BACKEND where an operation is not known */
  constructor({ data, storages, seconds }: Loaded, precision: Backend['precision'], memory: Memory) {
    this.#program = data;
    this.#storages = storages;
    this.#seconds = seconds;
    this.#precision = precision;
    this.#memory = memory;
    data.steps.forEach(expectKnown);
  }

  run({ sizes, values }: Feeds, cancelled: () => boolean = () => false): Results {
    const { buffers, steps, commit } = this.#program;
    const views = this.#bind(sizes, values);
    this.#cancelled = cancelled;
    const ends = new Float64Array(steps.length);
    const begin = performance.now();
    steps.forEach((step, index) => {
      if (index === commit) this.#commit(views);
      this.poll();
      this.#memory.scratch.reset();
      this.#take(step, views);
      ends[index] = performance.now();
    });
    if (commit === steps.length) this.#commit(views);
    ends.forEach((end, index) => {
      this.#seconds[index]! += (end - (ends[index - 1] ?? begin)) / 1000;
    });
    return Object.fromEntries(
      buffers.flatMap(({ name, role }, id) => (role === 'result' ? [[name, views[id]!.data.slice()]] : [])),
    );
  }

  poll(): void {
    if (this.#cancelled()) throw new Cancelled();
  }

  reals(elements: number): RealArray {
    return this.#precision === 'float64' ? this.doubles(elements) : this.#memory.scratch.take(Float32Array, elements);
  }

  doubles(elements: number): Float64Array {
    return this.#memory.scratch.take(Float64Array, elements);
  }

  integers(elements: number): Int32Array {
    return this.#memory.scratch.take(Int32Array, elements);
  }

  step(step: Step, views: readonly View<NumberArray>[]): void {
    const { scratch } = this.#memory;
    const mark = scratch.mark();
    this.#take(step, views);
    scratch.release(mark);
  }

  #take({ op, inputs, outputs, attributes }: Step, views: readonly View<NumberArray>[]): void {
    // What a program names is not known to the compiler; the operation's shape rule saw it.
    twins.get(op)!(pick(views, inputs) as never, pick(views, outputs) as never, attributes as never, this);
  }

  /** From here on nothing stops the run. */
  #commit(views: readonly View<NumberArray>[]): void {
    this.poll();
    for (const id of this.#program.checks) {
      const value = views[id]!.data[0]!;
      if (!Number.isFinite(value))
        throw failure('ERR_NON_FINITE', `run: ${this.#program.buffers[id]!.name} is ${value}; nothing was written`);
    }
    this.#cancelled = () => false;
  }

  #bind(sizes: Sizes, feeds: Feeds['values']): View<NumberArray>[] {
    const { offsets, bytes } = this.#planFor(sizes);
    const arena = this.#memory.arena.reserve(bytes);
    return this.#program.buffers.map(({ name, role, dtype, shape, storage }, id) => {
      const extents = resolveShape(shape, sizes);
      const elements = elementCount(extents);
      if (role === 'feed') return { data: feeds[name]!, shape: extents };
      if (storage) {
        const data = this.#storages[storage.name]!.subarray(storage.offset, storage.offset + elements);
        return { data, shape: extents };
      }
      return { data: new (arrayOf(dtype, this.#precision))(arena, offsets[id]!, elements), shape: extents };
    });
  }

  #planFor(sizes: Sizes): Plan {
    const current = this.#plan;
    if (fits(current, sizes)) return current;
    const capacity = capacityFor(this.#program.sizes, sizes, this.#plan?.capacity);
    const wider = plan(this.#program, capacity, this.#precision === 'float64' ? 8 : 4);
    this.#memory.arena.reserve(wider.bytes); // where this fails, smaller runs keep their plan
    this.#plan = wider;
    return wider;
  }
}

/** @throws ERR_BACKEND where a step, or one of its body, asks for an operation that there is not */
function expectKnown({ op, attributes }: Step): void {
  if (!twins.has(op)) throw failure('ERR_BACKEND', `js: no operation is called ${op}`);
  for (const value of Object.values(attributes))
    if (typeof value === 'object' && 'steps' in value) value.steps.forEach(expectKnown);
}

function pick(
  views: readonly View<NumberArray>[],
  ids: Readonly<Record<string, number>>,
): Record<string, View<NumberArray>> {
  return Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, views[id]!]));
}
