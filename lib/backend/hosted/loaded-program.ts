import { failure } from '../../errors.ts';
import type { ProgramData } from '../../program/program.ts';
import type { NumberArray } from '../backend.ts';
import { sharedMemory } from '../shared-memory.ts';
import type { Loaded, Runnable } from './runnable.ts';

/** A program with its storages, and which of them its steps read and write. */
export class LoadedProgram implements Loaded {
  static #count = 0;
  readonly id = LoadedProgram.#count++;
  readonly data: ProgramData;
  readonly storages: Readonly<Record<string, NumberArray>>;
  /** What each step has taken so far, over all runs on any thread; shared. */
  readonly seconds: Float64Array;
  /** Ready to run on the thread that loaded it. */
  readonly here: Runnable;
  readonly #reads = new Set<NumberArray>();
  readonly #writes = new Set<NumberArray>();

  constructor(data: ProgramData, storages: Readonly<Record<string, NumberArray>>, open: (loaded: Loaded) => Runnable) {
    this.data = data;
    this.storages = storages;
    this.seconds = new Float64Array(sharedMemory(data.steps.length * Float64Array.BYTES_PER_ELEMENT));
    this.here = open(this);
    const note = (ids: Readonly<Record<string, number>>, set: Set<NumberArray>) => {
      for (const id of Object.values(ids)) {
        const storage = data.buffers[id]!.storage;
        if (storage) set.add(storages[storage.name]!);
      }
    };
    for (const { inputs, outputs } of data.steps) {
      note(inputs, this.#reads);
      note(outputs, this.#writes);
    }
  }

  /** @throws ERR_BUSY where one of `pending` writes what this program touches, or reads what it writes */
  expectFree(pending: Iterable<LoadedProgram>): void {
    for (const other of pending) {
      for (const storage of other.#writes)
        if (this.#reads.has(storage) || this.#writes.has(storage)) throw busy(this.#nameOf(storage), 'written');
      for (const storage of this.#writes) if (other.#reads.has(storage)) throw busy(this.#nameOf(storage), 'read');
    }
  }

  #nameOf(storage: NumberArray): string {
    return Object.keys(this.storages).find(name => this.storages[name] === storage)!;
  }
}

function busy(storage: string, how: 'written' | 'read'): Error {
  return failure(
    'ERR_BUSY',
    `runSync: ${storage} is being ${how} by a run that is still going; await it, or use a snapshot`,
  );
}
