import { type ErrorCode, failure } from '../../errors.ts';
import type { NumberArray } from '../backend.ts';
import { engineError } from '../engine-error.ts';
import { Cancelled } from '../hosted/runnable.ts';
import type { Address, Exports, ProgramAddress } from './exports.ts';
import { numberOf } from './storage.ts';
import { StorageCopy } from './storage-copy.ts';
import { type WasmModule, webAssembly } from './webassembly.ts';

/** A program in the memory of an instance. */
export interface LoadedHere {
  readonly handle: ProgramAddress;
  /** In the order of the program's storages. */
  readonly copies: readonly StorageCopy[];
}

/** EBADF of WASI. */
const badFile = 8;

/** The module with memory of its own, on one thread. */
export class Instance {
  readonly exports: Exports;
  /** Asked while a run is under way, until its commit point. */
  cancelled: () => boolean = () => false;
  /** Set once it trapped: nothing of it is of use any more. */
  broken = false;
  /** By the number of the storage. */
  readonly #copies = new Map<number, StorageCopy>();
  readonly #dropped = new FinalizationRegistry<() => void>(drop => drop());

  constructor(module: WasmModule) {
    const { exports } = new webAssembly!.Instance(module, {
      host: { cancelled: () => Number(this.cancelled()) },
      wasi_snapshot_preview1: {
        clock_time_get: (_clock: number, _precision: bigint, address: Address) => {
          const nanoseconds = BigInt(Math.round(performance.now() * 1e6));
          new DataView(this.exports.memory.buffer).setBigUint64(address >>> 0, nanoseconds, true);
          return 0;
        },
        // The library would say its last words.
        fd_close: () => badFile,
        fd_seek: () => badFile,
        fd_write: () => badFile,
      },
    });
    this.exports = exports as Exports;
    this.exports._initialize();
  }

  /**
   * What a function of the module returned.
   * @throws the error that it noted where that is 0; Cancelled where the run was
   */
  checked<Result extends number>(result: Result): Result {
    if (result !== 0) return result;
    const code = this.#text(this.exports.code()) as ErrorCode | 'ERR_CANCELLED';
    const message = this.#text(this.exports.message());
    if (code === 'ERR_CANCELLED') throw new Cancelled();
    if (code === 'ERR_MEMORY') throw failure(code, message || 'run: memory could not be allocated');
    if (code === 'ERR_NON_FINITE') throw failure(code, `run: ${message}`);
    throw engineError(code, message);
  }

  /** Views memory as it is now: when it grows, views of it end. */
  view<T extends object>(
    type: new (buffer: ArrayBuffer, byteOffset: number, length: number) => T,
    address: Address,
    length: number,
  ): T {
    return new type(this.exports.memory.buffer, address >>> 0, length);
  }

  /** Writes what the next call is given, of `bytes` altogether; where each array begins. */
  give(arrays: readonly (Uint8Array | Float64Array | Uint32Array)[]): Address[] {
    const offsets: number[] = [];
    let bytes = 0;
    for (const { byteLength } of arrays) {
      offsets.push(bytes);
      bytes += Math.ceil(byteLength / 8) * 8;
    }
    const start = this.checked(this.exports.reserve(bytes)) >>> 0;
    arrays.forEach(({ buffer, byteOffset, byteLength }, index) => {
      this.view(Uint8Array, start + offsets[index]!, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    });
    return offsets.map(offset => start + offset);
  }

  /**
   * Loads a program, with a copy of each of its storages, for as long as `owner` lives.
   * @throws ERR_BACKEND where an operation is not known; ERR_MEMORY
   */
  load(encoded: Uint8Array, storages: readonly NumberArray[], owner: object): LoadedHere {
    const copies: StorageCopy[] = [];
    let handle: ProgramAddress = 0;
    const drop = () => {
      if (this.broken) return;
      if (handle !== 0) this.exports.dropProgram(handle);
      for (const copy of copies) this.#release(copy);
    };
    try {
      for (const array of storages) copies.push(this.#copyOf(array));
      const [at, list] = this.give([encoded, Uint32Array.from(copies, ({ handle }) => handle)]);
      handle = this.checked(this.exports.loadProgram(at!, encoded.length, list!, copies.length));
    } catch (error) {
      drop();
      throw error;
    }
    this.#dropped.register(owner, drop);
    return { handle, copies };
  }

  #copyOf(array: NumberArray): StorageCopy {
    const number = numberOf(array);
    let copy = this.#copies.get(number);
    if (!copy) this.#copies.set(number, (copy = new StorageCopy(this, array)));
    copy.users++;
    return copy;
  }

  #release(copy: StorageCopy): void {
    if (--copy.users > 0) return;
    this.#copies.delete(copy.number);
    this.exports.dropStorage(copy.handle);
  }

  #text(address: Address): string {
    const bytes = new Uint8Array(this.exports.memory.buffer, address >>> 0);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }
}
