import { js } from '../../lib/backend/js-backend.ts';
import { itBehavesLikeABackend } from './conformance.ts';

for (const precision of ['float32', 'float64'] as const)
  describe(`js in ${precision}`, () => itBehavesLikeABackend(() => js({ precision })));
