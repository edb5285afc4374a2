import { failure } from '../../errors.ts';
import type { NumberArray } from '../backend.ts';

type ArrayType<D> = { new (buffer: ArrayBuffer, byteOffset: number, length: number): D; BYTES_PER_ELEMENT: number };

/** The memory that all programs on one thread share, since they run one after another. */
export class Memory {
  readonly arena = new Arena();
  readonly scratch = new Scratch();
}

/** Memory that grows when it must and is never given back: the next run finds it there. */
class Arena {
  #memory = new ArrayBuffer(0);

  /** @throws ERR_MEMORY */
  reserve(bytes: number): ArrayBuffer {
    if (bytes > this.#memory.byteLength) this.#memory = allocate(bytes);
    return this.#memory;
  }
}

/** Zeroed memory for one operation after another: `reset` takes back all that was handed out, `release` what was since a mark. */
class Scratch {
  #memory = new ArrayBuffer(0);
  /** Bytes that are handed out, and the most that ever were since the last reset. */
  #taken = 0;
  #most = 0;

  reset(): void {
    if (this.#most > this.#memory.byteLength) this.#memory = allocate(this.#most);
    this.#taken = this.#most = 0;
  }

  mark(): number {
    return this.#taken;
  }

  release(mark: number): void {
    this.#taken = mark;
  }

  /** What does not fit has memory of its own; after the next reset it fits. */
  take<D extends NumberArray>(type: ArrayType<D>, elements: number): D {
    const start = this.#taken;
    this.#taken += Math.ceil((elements * type.BYTES_PER_ELEMENT) / 64) * 64;
    this.#most = Math.max(this.#most, this.#taken);
    if (this.#taken > this.#memory.byteLength) return new type(allocate(this.#taken - start), 0, elements);
    const array = new type(this.#memory, start, elements);
    array.fill(0);
    return array;
  }
}

function allocate(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw failure('ERR_MEMORY', `run: ${Math.ceil(bytes / 2 ** 20)} MiB of memory could not be allocated`, cause);
  }
}
