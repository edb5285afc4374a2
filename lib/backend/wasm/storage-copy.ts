import type { NumberArray } from '../backend.ts';
import type { StorageAddress } from './exports.ts';
import type { Instance } from './instance.ts';
import { numberOf, versionOf, wrote } from './storage.ts';

/** A storage in the memory of an instance, as new as the storage was when it was read last. */
export class StorageCopy {
  readonly number: number;
  readonly handle: StorageAddress;
  /** Programs that it was loaded for. */
  users = 0;
  readonly #instance: Instance;
  readonly #array: NumberArray;
  #version: number | undefined;

  /** @throws ERR_MEMORY */
  constructor(instance: Instance, array: NumberArray) {
    this.number = numberOf(array);
    this.handle = instance.checked(instance.exports.makeStorage(array instanceof Float32Array ? 1 : 0, array.length));
    this.#instance = instance;
    this.#array = array;
  }

  /** Copies the storage where it was written since. */
  read(): void {
    const version = versionOf(this.#array);
    if (version === this.#version) return;
    this.#here().set(this.#array);
    this.#instance.exports.touchStorage(this.handle);
    this.#version = version;
  }

  /** Copies what a run has made of it to the storage. */
  write(): void {
    this.#array.set(this.#here());
    this.#version = wrote(this.#array);
  }

  /** A run has failed that may have written it: it is not what the storage is. */
  spoil(): void {
    this.#version = undefined;
  }

  #here(): NumberArray {
    const type = this.#array instanceof Float32Array ? Float32Array : Int32Array;
    const address = this.#instance.exports.storageAddress(this.handle);
    return this.#instance.view<NumberArray>(type, address, this.#array.length);
  }
}
