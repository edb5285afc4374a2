import { loadWasm } from '../../lib/backend/wasm/load.ts';
import { wasm } from '../../lib/backend/wasm-backend.ts';
import { itBehavesLikeABackend } from './conformance.ts';

describe('wasm', () => {
  if ('module' in loadWasm()) itBehavesLikeABackend(() => wasm());
  else it('has no build here, so that only the other backends are tested; npm run build:wasm makes one');
});
