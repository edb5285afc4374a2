import { capacityFor, fits, type Plan, plan } from '../../program/plan.ts';
import type { ProgramData } from '../../program/program.ts';
import { extentOf, type Sizes } from '../../program/shape.ts';
import type { Feeds, NumberArray, Results } from '../backend.ts';
import type { Loaded, Runnable } from '../hosted/runnable.ts';
import { namedSizes, namesOf } from '../names.ts';
import { encodeProgram } from './encode-program.ts';
import type { Engine } from './engine.ts';
import type { Instance, LoadedHere } from './instance.ts';

/** A program that is ready to run in the engine of the calling thread. */
export class WasmProgram implements Runnable {
  readonly #engine: Engine;
  readonly #data: ProgramData;
  readonly #seconds: Float64Array;
  /** In the order of the program's. */
  readonly #storages: readonly NumberArray[];
  /** Which of them a step writes. */
  readonly #written: readonly boolean[];
  readonly #sizes: readonly string[];
  readonly #encoded: Uint8Array;
  readonly #feeds: readonly string[];
  readonly #results: readonly { readonly name: string; readonly type: typeof Float32Array | typeof Int32Array }[];
  #instance: Instance | undefined;
  #loaded: LoadedHere | undefined;
  #plan: Plan | undefined;

  /** @throws ERR_BACKEND where an operation is not known */
  constructor(engine: Engine, { data, storages, seconds }: Loaded) {
    this.#engine = engine;
    this.#data = data;
    this.#seconds = seconds;
    this.#storages = data.storages.map(({ name }) => storages[name]!);
    const written = new Set(
      data.steps.flatMap(({ outputs }) => Object.values(outputs).map(id => data.buffers[id]!.storage?.name)),
    );
    this.#written = data.storages.map(({ name }) => written.has(name));
    this.#sizes = namedSizes(data);
    this.#encoded = encodeProgram(data, this.#sizes);
    this.#feeds = namesOf(data, 'feed');
    this.#results = data.buffers
      .filter(({ role }) => role === 'result')
      .map(({ name, dtype }) => ({ name, type: dtype === 'real' ? Float32Array : Int32Array }));
    engine.with(instance => this.#load(instance));
  }

  run({ sizes, values }: Feeds, cancelled: () => boolean = never): Results {
    return this.#engine.with(instance => {
      const { handle, copies } = this.#load(instance);
      this.#makeRoom(instance, handle, sizes);
      const written = copies.filter((_, index) => this.#written[index]);
      for (const copy of copies) copy.read();
      this.#give(instance, handle, sizes, values);
      instance.cancelled = cancelled;
      let places: number;
      try {
        places = instance.checked(instance.exports.run(handle));
      } catch (error) {
        for (const copy of written) copy.spoil();
        throw error;
      } finally {
        instance.cancelled = never;
      }
      for (const copy of written) copy.write();
      this.#addTimes(instance, handle);
      return this.#take(instance, places);
    });
  }

  #load(instance: Instance): LoadedHere {
    if (this.#loaded && this.#instance === instance) return this.#loaded;
    this.#plan = undefined;
    this.#loaded = instance.load(this.#encoded, this.#storages, this);
    this.#instance = instance;
    return this.#loaded;
  }

  #makeRoom(instance: Instance, program: number, sizes: Sizes): void {
    const capacity = this.#plan?.capacity;
    if (fits(this.#plan, sizes)) return;
    const wider = plan(this.#data, capacityFor(this.#data.sizes, sizes, capacity), 4);
    const [offsets] = instance.give([wider.offsets]);
    instance.checked(instance.exports.placeBuffers(program, offsets!, wider.offsets.length, wider.bytes));
    this.#plan = wider;
  }

  #give(instance: Instance, program: number, sizes: Sizes, values: Feeds['values']): void {
    const [at] = instance.give([Float64Array.from(this.#sizes, name => extentOf(name, sizes))]);
    const places = this.#placesAt(
      instance,
      instance.checked(instance.exports.placeFeeds(program, at!, this.#sizes.length)),
      this.#feeds.length,
    );
    this.#feeds.forEach((name, index) => {
      const value = values[name]!;
      const type = value instanceof Float32Array ? Float32Array : Int32Array;
      const { address, elements } = places[index]!;
      instance.view<Float32Array | Int32Array>(type, address, elements).set(value);
    });
  }

  #take(instance: Instance, address: number): Results {
    const places = this.#placesAt(instance, address, this.#results.length);
    return Object.fromEntries(
      this.#results.map(({ name, type }, index) => {
        const { address, elements } = places[index]!;
        return [name, instance.view<Float32Array | Int32Array>(type, address, elements).slice()];
      }),
    );
  }

  #placesAt(instance: Instance, address: number, count: number): { address: number; elements: number }[] {
    const pairs = instance.view(Uint32Array, address, 2 * count);
    return Array.from({ length: count }, (_, index) => ({
      address: pairs[2 * index]!,
      elements: pairs[2 * index + 1]!,
    }));
  }

  #addTimes(instance: Instance, program: number): void {
    const times = instance.view(Float64Array, instance.exports.stepSeconds(program), this.#seconds.length);
    times.forEach((seconds, step) => {
      this.#seconds[step]! += seconds;
    });
  }
}

function never(): boolean {
  return false;
}
