import { serve } from '../hosted/serve.ts';
import { Engine } from './engine.ts';
import { WasmProgram } from './wasm-program.ts';
import type { WasmModule } from './webassembly.ts';

serve((module: WasmModule) => {
  const engine = new Engine(module);
  return loaded => new WasmProgram(engine, loaded);
});
