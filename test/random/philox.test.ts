import { expect } from 'chai';
import { philox4x32 } from '../../lib/random/philox.ts';

// The known answers of the Random123 distribution (kat_vectors): counter, key, block.
const knownAnswers = [
  '00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8',
  'ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd',
  '243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1',
];

describe('philox4x32', () => {
  for (const answer of knownAnswers)
    it(`gives the known answer for the counter ${answer.slice(0, 35)}`, () => {
      const [c0, c1, c2, c3, k0, k1, ...expected] = answer.split(' ').map(word => Number.parseInt(word, 16));
      const block = new Uint32Array(4);
      philox4x32(block, c0!, c1!, c2!, c3!, k0!, k1!);
      expect([...block]).to.deep.equal(expected);
    });

  it('takes words modulo 2³², so that negative int32 words mean the same', () => {
    const unsigned = new Uint32Array(4);
    const signed = new Uint32Array(4);
    philox4x32(unsigned, 0xdeadbeef, 7, 0x80000001, 9, 0xffffffff, 0x90000000);
    philox4x32(signed, 0xdeadbeef | 0, 7, 0x80000001 | 0, 9, -1, 0x90000000 | 0);
    expect([...signed]).to.deep.equal([...unsigned]);
  });
});
