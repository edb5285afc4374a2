// The part of WebAssembly that is used here: it is neither in TypeScript's library for Node nor in Node's own types.

export interface WasmModule {
  readonly __module: never;
}

interface WebAssembly {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object };
  compile(bytes: Uint8Array): Promise<WasmModule>;
}

/** Undefined where the platform has none. */
export const webAssembly = (globalThis as { WebAssembly?: WebAssembly }).WebAssembly;
