import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { Tokenizer, type TokenizerData } from '../../lib/text/tokenizer.ts';
import { wordTokenizer, wordTokenizerFromIndex } from '../../lib/text/word-tokenizer.ts';

const texts = ['The cat saw the dog.', 'the dog saw a bird', 'a bird!'];
// the 3 · saw 2 · dog 2 · a 2 · bird 2 · cat 1; ties by first seen
const ranks = ['the', 'saw', 'dog', 'a', 'bird', 'cat'];

describe('wordTokenizer', () => {
  it('numbers words by frequency from 3, ties by first seen', async () => {
    const tokenizer = await wordTokenizer(texts);
    expect(tokenizer.data.tokens).to.deep.equal(ranks);
    expect([...tokenizer.encode('The bird saw')]).to.deep.equal([3, 7, 4]);
    expect(tokenizer.idOf('cat')).to.equal(8);
    expect(tokenizer.vocabulary).to.equal(9);
  });

  it('gives words that it never saw the id 2', async () => {
    const tokenizer = await wordTokenizer(texts);
    expect([...tokenizer.encode('the zebra saw')]).to.deep.equal([3, 2, 4]);
    expect(tokenizer.idOf('zebra')).to.equal(undefined);
  });

  it('keeps ids below maxWords, the reserved ones included', async () => {
    const tokenizer = await wordTokenizer(texts, { maxWords: 6 });
    expect([...tokenizer.encode('the saw dog a bird')]).to.deep.equal([3, 4, 5, 2, 2]);
    expect(tokenizer.vocabulary).to.equal(6);
    expect(tokenizer.data.tokens).to.deep.equal(ranks.slice(0, 3));
  });

  it('has a vocabulary of maxWords even where the texts have fewer words', async () => {
    expect((await wordTokenizer(texts, { maxWords: 2500 })).vocabulary).to.equal(2500);
  });

  it("starts words where it is told: 4 as Keras's IMDB loader, 1 where nothing is reserved but padding", async () => {
    expect([...(await wordTokenizer(texts, { firstWordId: 4 })).encode('the saw')]).to.deep.equal([4, 5]);
    const keras = await wordTokenizer(texts, { firstWordId: 1, maxWords: 4, drop: 'unknown' });
    expect([...keras.encode('the zebra saw a dog')]).to.deep.equal([1, 2, 3]);
    expect(keras.decode([0, 1, 2])).to.equal('the saw');
  });

  it('leaves out unseen words alone, where told so, and gives rare ones the id 2', async () => {
    const tokenizer = await wordTokenizer(texts, { maxWords: 5, drop: 'unseen' });
    expect([...tokenizer.encode('the zebra bird saw')]).to.deep.equal([3, 2, 4]);
  });

  it('begins with the start id where told so', async () => {
    expect([...(await wordTokenizer(texts, { start: true })).encode('the')]).to.deep.equal([1, 3]);
  });

  it("cuts at Keras's filters and keeps the apostrophe", async () => {
    const text = 'a!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\nb don\'t c';
    expect((await wordTokenizer([text])).data.tokens).to.deep.equal(['a', 'b', "don't", 'c']);
  });

  it('lower-cases unless told otherwise', async () => {
    expect((await wordTokenizer(['Ä ä A'])).data.tokens).to.deep.equal(['ä', 'a']);
    expect((await wordTokenizer(['Ä ä A'], { lowercase: false })).data.tokens).to.deep.equal(['Ä', 'ä', 'A']);
  });

  it('cuts at the separators it is given', async () => {
    expect((await wordTokenizer(['a|b-c'], { separators: '|' })).data.tokens).to.deep.equal(['a', 'b-c']);
  });

  it('knows words by the rules of Unicode, also in scripts without spaces', async () => {
    const tokenizer = await wordTokenizer(['Élan — don’t “stop”… 今日は学校'], { split: 'unicode' });
    expect(tokenizer.data.tokens).to.include.members(['élan', 'don’t', 'stop', '学校']);
    expect(tokenizer.data.tokens.join('')).not.to.match(/[—“”…\s]/);
  });

  it('takes words that are names of object members for words', async () => {
    const words = ['constructor', '__proto__', 'hasOwnProperty', 'prototype', 'toString'];
    const tokenizer = await wordTokenizer([words.join(' ')], { separators: ' ' });
    expect(tokenizer.data.tokens).to.deep.equal(words.map(word => word.toLowerCase()));
    expect([...tokenizer.encode('__proto__ valueof constructor')]).to.deep.equal([4, 2, 3]);
    const index = JSON.parse('{"__proto__": 1, "constructor": 2}');
    expect([...wordTokenizerFromIndex(index).encode('proto constructor')]).to.deep.equal([2, 4]);
  });

  it('reads texts from an async iterable', async () => {
    const tokenizer = await wordTokenizer(Readable.from(texts));
    expect(tokenizer.data.tokens).to.deep.equal(ranks);
  });

  it('lets the event loop turn while it learns, within a long text as well', async () => {
    const text = Array.from({ length: 400_000 }, (_, at) => `word${at % 5000}`).join(' ');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    try {
      await wordTokenizer([text]);
    } finally {
      clearInterval(timer);
    }
    expect(turns).to.be.above(3);
  });

  it('decodes to the words, leaving out padding and start', async () => {
    const tokenizer = await wordTokenizer(texts, { start: true });
    expect(tokenizer.decode(tokenizer.encode('The zebra saw.'))).to.equal('the [unknown] saw');
    expect(tokenizer.decode([0, 0, 3])).to.equal('the');
    expect(() => tokenizer.decode([99]))
      .to.throw(RangeError, '99')
      .with.property('code', 'ERR_INDEX');
  });

  it('encodes what it learned to the same ids after a way through JSON', async () => {
    for (const options of [
      {},
      { maxWords: 6 },
      { maxWords: 6, drop: 'unseen' as const },
      { split: 'unicode' as const },
    ]) {
      const tokenizer = await wordTokenizer(texts, { ...options, start: true });
      const copy = new Tokenizer(JSON.parse(JSON.stringify(tokenizer)) as TokenizerData);
      const text = 'A zebra, the bird & a cat';
      expect(copy.encode(text)).to.deep.equal(tokenizer.encode(text));
      expect(copy.vocabulary).to.equal(tokenizer.vocabulary);
    }
  });

  it('gives ids below its vocabulary for any text', async () => {
    const tokenizer = await wordTokenizer(texts, { maxWords: 7 });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(tokenizer.encode(text).every(id => id >= 2 && id < 7)).to.equal(true);
      }),
    );
  });

  it('refuses first ids and limits that collide with the reserved ids', async () => {
    for (const options of [
      { firstWordId: 2 },
      { firstWordId: 2.5 },
      { maxWords: 3 },
      { firstWordId: 0, drop: 'unknown' as const },
    ]) {
      const error = await wordTokenizer(texts, options).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(error).to.be.instanceOf(RangeError).with.property('code', 'ERR_ARGUMENT');
    }
  });
});

describe('wordTokenizerFromIndex', () => {
  it('numbers words by the ranks of a table', () => {
    const tokenizer = wordTokenizerFromIndex(
      new Map([
        ['and', 2],
        ['the', 1],
      ]),
      { firstWordId: 4 },
    );
    expect([...tokenizer.encode('and the')]).to.deep.equal([5, 4]);
  });

  it('refuses ranks that leave gaps or occur twice', () => {
    for (const index of [{ a: 1, b: 3 }, { a: 1, b: 1 }, { a: 0 }, { a: 1.5 }])
      expect(() => wordTokenizerFromIndex(index as Record<string, number>))
        .to.throw(RangeError, 'rank')
        .with.property('code', 'ERR_DATA');
  });

  const imdb = new URL('../../../shared/data/imdb/', import.meta.url);
  if (existsSync(imdb))
    it("encodes a review of Keras's IMDB data set as Keras does", async () => {
      const index = JSON.parse(
        gunzipSync(readFileSync(new URL('keras_word_index.json.gz', imdb))).toString(),
      ) as Record<string, number>;
      const tokenizer = wordTokenizerFromIndex(index, { firstWordId: 4, start: true, drop: 'unseen' });
      const lines = createInterface({
        input: Readable.from(gunzipSync(readFileSync(new URL('train.jsonl.gz', imdb)))),
      });
      for await (const line of lines) {
        if (!line.includes('"train/pos/576_10.txt"')) continue;
        const ids = tokenizer.encode((JSON.parse(line) as { text: string }).text);
        expect(ids.length).to.equal(218);
        expect([...ids.subarray(0, 17)]).to.deep.equal([
          1, 14, 22, 16, 43, 530, 973, 1622, 1385, 65, 458, 4468, 66, 3941, 4, 173, 36,
        ]);
        expect(ids[17]).to.equal(256);
        const limited = wordTokenizerFromIndex(index, { firstWordId: 4, start: true, drop: 'unseen', maxWords: 2500 });
        const all = limited.encode((JSON.parse(line) as { text: string }).text);
        expect([...all]).to.deep.equal(Array.from(ids, id => (id < 2500 ? id : 2)));
        return;
      }
      expect.fail('the review is not in the file');
    });
});
