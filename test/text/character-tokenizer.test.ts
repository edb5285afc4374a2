import { expect } from 'chai';
import fc from 'fast-check';
import { characterTokenizer } from '../../lib/text/character-tokenizer.ts';
import { Tokenizer } from '../../lib/text/tokenizer.ts';

describe('characterTokenizer', () => {
  it('numbers characters by frequency from 3, ties by first seen', async () => {
    const tokenizer = await characterTokenizer(['hello']);
    expect(tokenizer.data.tokens).to.deep.equal(['l', 'h', 'e', 'o']);
    expect([...tokenizer.encode('hole!')]).to.deep.equal([4, 6, 3, 5, 2]);
    expect(tokenizer.vocabulary).to.equal(7);
  });

  it('keeps code points whole, and graphemes where told so', async () => {
    const text = 'e\u0301👩‍👩‍👧';
    expect((await characterTokenizer([text])).encode(text).length).to.equal(7);
    const graphemes = await characterTokenizer([text], { unit: 'grapheme' });
    expect(graphemes.data.tokens).to.deep.equal(['e\u0301', '👩‍👩‍👧']);
  });

  it('keeps ids below maxCharacters, lower-cases and begins with the start id where told so', async () => {
    const tokenizer = await characterTokenizer(['aaAbbc'], { maxCharacters: 5, lowercase: true, start: true });
    expect([...tokenizer.encode('ABC')]).to.deep.equal([1, 3, 4, 2]);
  });

  it('decodes what it has seen to the same text, also after a way through JSON', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('character', 'grapheme'),
        async (text, unit) => {
          const tokenizer = await characterTokenizer([text], { unit: unit as 'character' | 'grapheme' });
          expect(tokenizer.decode(tokenizer.encode(text))).to.equal(text);
          const copy = new Tokenizer(JSON.parse(JSON.stringify(tokenizer)));
          expect(copy.encode(text)).to.deep.equal(tokenizer.encode(text));
        },
      ),
    );
  });
});
