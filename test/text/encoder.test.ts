import { expect } from 'chai';
import { Encoder, type EncoderData } from '../../lib/text/encoder.ts';
import { wordTokenizer } from '../../lib/text/word-tokenizer.ts';

describe('Encoder', () => {
  it('keeps the last ids of long texts by default, the first where told so', async () => {
    const tokenizer = await wordTokenizer(['a b c d']);
    const encoder = new Encoder({ tokenizer, labels: ['no', 'yes'], maxLength: 2 });
    expect([...encoder.encode('a b c d')]).to.deep.equal([5, 6]);
    expect(encoder.vocabulary).to.equal(7);
    const first = new Encoder({ tokenizer, labels: [], maxLength: 2, truncate: 'back' });
    expect([...first.encode('a b c d')]).to.deep.equal([3, 4]);
    expect(new Encoder({ tokenizer, labels: [] }).encode('a b c d').length).to.equal(4);
  });

  it('is the same after a way through JSON', async () => {
    const tokenizer = await wordTokenizer(['a b c d'], { maxWords: 6, start: true });
    for (const maxLength of [undefined, 3]) {
      const encoder = new Encoder({ tokenizer, labels: ['no', 'yes'], maxLength, truncate: 'back' });
      const data = JSON.parse(JSON.stringify(encoder)) as EncoderData;
      const copy = Encoder.fromJSON(data);
      expect(copy.labels).to.deep.equal(['no', 'yes']);
      expect(copy.encode('d c b a')).to.deep.equal(encoder.encode('d c b a'));
      expect(copy.toJSON()).to.deep.equal(data);
    }
  });

  it('refuses lengths that are none, and data of another kind', async () => {
    const tokenizer = await wordTokenizer(['a']);
    for (const maxLength of [0, 1.5])
      expect(() => new Encoder({ tokenizer, labels: [], maxLength }))
        .to.throw(RangeError, 'maxLength')
        .with.property('code', 'ERR_ARGUMENT');
    expect(() => new Encoder({ tokenizer, labels: [], truncate: 'left' as never }))
      .to.throw(RangeError, "'front' or 'back', got left")
      .with.property('code', 'ERR_ARGUMENT');
    const data = new Encoder({ tokenizer, labels: [] }).toJSON();
    const foreign: [unknown, string][] = [
      [{ ...data, tokenizer: { ...data.tokenizer, segmentation: { by: 'magic' } } }, 'magic'],
      [{ ...data, tokenizer: { ...data.tokenizer, tokens: [1] } }, 'tokens must be an array of texts'],
      [{ ...data, tokenizer: undefined }, 'tokens must be an array of texts'],
      [{ ...data, labels: 'no' }, 'labels must be an array of texts'],
    ];
    for (const [other, message] of foreign)
      expect(() => Encoder.fromJSON(other as EncoderData))
        .to.throw(RangeError, message)
        .with.property('code', 'ERR_FORMAT');
  });
});
