/** An address in the memory of the module; 0 where a function failed. As JavaScript sees it, it may be negative. */
export type Address = number;
export type StorageAddress = Address & { readonly __storage?: never };
export type ProgramAddress = Address & { readonly __program?: never };

/** What native/wasm/exports.cc exports; it says what each does. */
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  code(): Address;
  message(): Address;
  reserve(bytes: number): Address;
  makeStorage(real: 0 | 1, elements: number): StorageAddress;
  storageAddress(storage: StorageAddress): Address;
  touchStorage(storage: StorageAddress): void;
  dropStorage(storage: StorageAddress): void;
  loadProgram(encoded: Address, bytes: number, storages: Address, count: number): ProgramAddress;
  dropProgram(program: ProgramAddress): void;
  placeBuffers(program: ProgramAddress, offsets: Address, count: number, bytes: number): number;
  placeFeeds(program: ProgramAddress, sizes: Address, count: number): Address;
  run(program: ProgramAddress): Address;
  stepSeconds(program: ProgramAddress): Address;
}
