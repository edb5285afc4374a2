import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { itComputesTheSameBits } from './conformance/thread-bits.ts';
import { itBehavesLikeABackend } from './conformance.ts';

describe('native', () => {
  if (!addon) it('has no build here, so that only js is tested');

  for (const isa of addon?.isas ?? []) {
    describe(`on ${isa}`, () => itBehavesLikeABackend(() => native({ isa })));
    describe(`on ${isa} computes the same bits`, () =>
      itComputesTheSameBits([1, 2, 3], threads => native({ isa, threads })));
  }
});
