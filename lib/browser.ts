// What a page imports: nothing of it imports Node's modules or a package.
export type { Backend } from './backend/backend.ts';
export { defaultBackend } from './backend/index.ts';
export { js } from './backend/js-backend.ts';
export { compileWasm } from './backend/wasm/load.ts';
export { wasm } from './backend/wasm-backend.ts';
export { type ErrorCode, errorCodes } from './errors.ts';
export { load } from './models/load.ts';
export type { InferenceOptions, Model, Prediction } from './models/model.ts';
