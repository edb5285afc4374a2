import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readJsonLines } from '../../../lib/data/readers/read-json-lines.ts';
import { collect } from './collect.ts';
import { rejection } from './rejection.ts';
import { temporaryFiles } from './temporary-files.ts';

describe('readJsonLines', () => {
  const file = temporaryFiles();

  it('gives an object per line, the last one without a line end, blank lines left out', async () => {
    const path = file('a.jsonl', '\ufeff{"a":1}\r\n\n  \n{"a":[2,"\u0085\u2028"]}');
    expect(await collect(readJsonLines(path))).to.deep.equal([{ a: 1 }, { a: [2, '\u0085\u2028'] }]);
  });

  it('gives text and label, or text, and labels as strings', async () => {
    const path = file('b.jsonl.gz', gzipSync('{"t":"x","l":0}\n{"t":"y","l":true}\n{"t":"z","l":"no"}\n'));
    expect(await collect(readJsonLines(path, { text: 't', label: 'l' }))).to.deep.equal([
      { text: 'x', label: '0' },
      { text: 'y', label: 'true' },
      { text: 'z', label: 'no' },
    ]);
    expect(await collect(readJsonLines(path, { text: 't' }))).to.deep.equal([
      { text: 'x' },
      { text: 'y' },
      { text: 'z' },
    ]);
  });

  it('joins lines that lie across pieces of the file', async () => {
    const text = 'long '.repeat(50_000);
    const path = file('c.jsonl', `{"t":"${text}"}\n`.repeat(3));
    expect(await collect(readJsonLines(path))).to.deep.equal([{ t: text }, { t: text }, { t: text }]);
  });

  it('reads Latin-1 where told so', async () => {
    const path = file('d.jsonl', Buffer.from('{"t":"café"}', 'latin1'));
    expect(await collect(readJsonLines(path, { encoding: 'latin1' }))).to.deep.equal([{ t: 'café' }]);
  });

  const good = '{"text":"a","label":1}\n';
  const refused: readonly [string, string, RegExp][] = [
    ['an empty file', '\n\n', /the file is empty/],
    ['a line that is no JSON, by its number', `${good}\n{"text":`, /line 3: is not JSON/],
    ['a line that is no object', `${good}[1]\n`, /line 2: expected a JSON object, got \[1\]/],
    [
      'a row without the field, naming those there are',
      `${good}{"text":"a","stars":1}\n`,
      /line 2: there is no column label; there are text, stars/,
    ],
    ['a text that is none', '{"text":5,"label":1}', /line 1: text must be a text, got 5/],
    ['a label that is none', '{"text":"a","label":null}', /line 1: label must be a text, number or boolean, got null/],
  ];
  refused.forEach(([what, content, message], index) => {
    it(`refuses ${what}`, async () => {
      const path = file(`refused-${index}.jsonl`, content);
      const error = await rejection(collect(readJsonLines(path, { text: 'text', label: 'label' })));
      expect(error).to.have.property('code', 'ERR_DATA');
      expect(error.message).to.match(message);
      expect(error.message).to.contain(path);
    });
  });
});
