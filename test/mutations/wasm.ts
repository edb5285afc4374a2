import type { Suite } from './mutation.ts';

const program = 'lib/backend/wasm/wasm-program.ts';
const copy = 'lib/backend/wasm/storage-copy.ts';
const engine = 'lib/backend/wasm/engine.ts';
const encoding = 'lib/backend/wasm/encode-program.ts';

/** What stands in TypeScript between the wasm backend and its module. */
export const wasmRuns: Suite = {
  name: 'runs on wasm',
  native: false,
  requires: 'dist/wasm/recurra.wasm',
  tests: ['test/backend/wasm-backend.test.ts', 'test/backend/wasm-conformance.test.ts'],
  mutations: [
    {
      name: 'wasm run: storages are not read',
      file: program,
      find: 'for (const copy of copies) copy.read();',
      replace: '',
    },
    {
      name: 'wasm run: storages are not written',
      file: program,
      find: 'for (const copy of written) copy.write();',
      replace: '',
    },
    {
      name: 'wasm run: what a failed run wrote is kept',
      file: program,
      find: 'for (const copy of written) copy.spoil();',
      replace: '',
    },
    {
      name: 'wasm run: results are views of the memory',
      file: program,
      find: 'address, elements).slice()',
      replace: 'address, elements)',
    },
    {
      name: 'wasm run: nobody is asked whether it goes on',
      file: program,
      find: 'instance.cancelled = cancelled;',
      replace: '',
    },
    {
      name: 'wasm run: what was written elsewhere is not seen',
      file: copy,
      find: 'if (version === this.#version) return;',
      replace: 'if (this.#version !== undefined) return;',
    },
    {
      name: 'wasm run: packed weights are kept when the weights change',
      file: copy,
      find: 'this.#instance.exports.touchStorage(this.handle);',
      replace: '',
    },
    {
      name: 'wasm run: what it writes looks old to other threads',
      file: copy,
      find: 'this.#version = wrote(this.#array);',
      replace: '',
    },
    {
      name: 'wasm run: an instance that stopped is used again',
      file: engine,
      find: 'this.#instance = undefined;',
      replace: '',
    },
    {
      name: 'wasm encoding: a list of extents is one of names',
      file: encoding,
      find: "attribute.length > 0 && attribute.every(item => typeof item === 'number')",
      replace: 'false',
    },
    {
      name: 'wasm encoding: buffers begin where their storage does',
      file: encoding,
      find: 'to.number(storage?.offset ?? 0);',
      replace: 'to.number(0);',
    },
  ],
};
