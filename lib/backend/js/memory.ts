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

/** Zeroed memory for one operation after another: `reset` takes back all that was handed out. */
class Scratch {
  #memory = new ArrayBuffer(0);
  #used = 0;
  #asked = 0;

  reset(): void {
    if (this.#asked > this.#memory.byteLength) this.#memory = allocate(this.#asked);
    this.#used = this.#asked = 0;
  }

  /** What `release` takes as the place to go back to. */
  mark(): number {
    return this.#used;
  }

  release(mark: number): void {
    this.#used = mark;
  }

  take<D extends NumberArray>(type: ArrayType<D>, elements: number): D {
    const bytes = Math.ceil((elements * type.BYTES_PER_ELEMENT) / 64) * 64;
    this.#asked += bytes;
    if (this.#used + bytes > this.#memory.byteLength) return new type(allocate(bytes), 0, elements);
    const array = new type(this.#memory, this.#used, elements);
    this.#used += bytes;
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
