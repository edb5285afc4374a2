import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readCsv, readTsv } from '../../../lib/data/readers/read-csv.ts';
import { collect } from './collect.ts';
import { rejection } from './rejection.ts';
import { temporaryFiles } from './temporary-files.ts';

describe('readCsv', () => {
  const file = temporaryFiles();

  it('gives rows by column name, all values as strings', async () => {
    const path = file('a.csv', 'id,text\n570306133677760513,"a, ""b""\nc"\n0012,\n');
    expect(await collect(readCsv(path))).to.deep.equal([
      { id: '570306133677760513', text: 'a, "b"\nc' },
      { id: '0012', text: '' },
    ]);
  });

  it('gives text and label, or text, under these names alone', async () => {
    const path = file('b.csv', 'stars,id,review\n5,1,good\n1,2,bad\n');
    expect(await collect(readCsv(path, { text: 'review', label: 'stars' }))).to.deep.equal([
      { text: 'good', label: '5' },
      { text: 'bad', label: '1' },
    ]);
    expect(await collect(readCsv(path, { text: 'review' }))).to.deep.equal([{ text: 'good' }, { text: 'bad' }]);
  });

  it('knows gzip by its first bytes, whatever the name', async () => {
    const path = file('c.csv', gzipSync('text\ngood\n'));
    expect(await collect(readCsv(path))).to.deep.equal([{ text: 'good' }]);
  });

  it('drops a byte-order mark, takes CRLF and skips empty lines', async () => {
    const path = file('d.csv', '\ufefftext,label\r\n"a\r\nb",1\r\n\r\nc,2\n');
    expect(await collect(readCsv(path))).to.deep.equal([
      { text: 'a\r\nb', label: '1' },
      { text: 'c', label: '2' },
    ]);
  });

  it('does not take other characters for line ends', async () => {
    const text = 'a\u0085b\u2028c\rd\u000be';
    expect(await collect(readCsv(file('e.csv', `text,label\n${text},1\n`)))).to.deep.equal([{ text, label: '1' }]);
  });

  it('reads Latin-1 where told so, and a delimiter and names of columns', async () => {
    const path = file('f.csv', Buffer.from('4;café\n0;naïve\n', 'latin1'));
    const options = { encoding: 'latin1', delimiter: ';', columns: ['target', 'text'] } as const;
    expect(await collect(readCsv(path, { ...options, text: 'text', label: 'target' }))).to.deep.equal([
      { text: 'café', label: '4' },
      { text: 'naïve', label: '0' },
    ]);
  });

  it('takes quotes inside unquoted values for what they are', async () => {
    const path = file('g.csv', 'text,label\na 5" pipe,1\n');
    expect(await collect(readCsv(path))).to.deep.equal([{ text: 'a 5" pipe', label: '1' }]);
  });

  it('keeps columns whose names are those of object members', async () => {
    const [row] = await collect(readCsv(file('h.csv', '__proto__,constructor\n1,2\n')));
    expect(Object.entries(row!)).to.deep.equal([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  it('keeps characters whole that lie across two pieces of the file', async () => {
    const text = 'é€😀'.repeat(20_000); // 180,000 bytes, read in pieces of 65,536
    const path = file('i.csv', `text,label\n${text},1\n`);
    expect(await collect(readCsv(path))).to.deep.equal([{ text, label: '1' }]);
  });

  it('opens nothing before iteration, reads anew each time, and stops reading when the loop ends', async () => {
    readCsv('/nowhere/nothing.csv');
    const rows = readCsv(file('j.csv', `text\n${'some words\n'.repeat(100_000)}`));
    for (let time = 0; time < 2; time++)
      for await (const { text } of rows) {
        expect(text).to.equal('some words');
        break;
      }
    expect(process.getActiveResourcesInfo()).not.to.include('FSReqCallback');
  });

  const refused: readonly [string, string, { code: string; message: string | RegExp }][] = [
    ['an empty file', '', { code: 'ERR_DATA', message: 'the file is empty' }],
    [
      'a file without the column, naming those there are',
      'review,stars\na,1\n',
      { code: 'ERR_DATA', message: 'there is no column text; there are review, stars' },
    ],
    [
      'a header without the column, even where no row follows',
      'review,stars\n',
      { code: 'ERR_DATA', message: 'there is no column text' },
    ],
    [
      'a row with more values than names, by its line',
      'text,label\na,1\nb,c,2\n',
      { code: 'ERR_DATA', message: /line 3: 3 values/ },
    ],
    ['a quote that is never closed', 'text,label\n"a,1\nb,2\n', { code: 'ERR_DATA', message: 'never closed' }],
    [
      'names of other columns than a row has',
      'text\na\n',
      { code: 'ERR_DATA', message: '3 columns are named, but a row has 1' },
    ],
  ];
  refused.forEach(([what, content, { code, message }], index) => {
    it(`refuses ${what}`, async () => {
      const path = file(`refused-${index}.csv`, content);
      const columns = what.startsWith('names') ? { columns: ['text', 'label', 'more'] } : {};
      const error = await rejection(collect(readCsv(path, { text: 'text', label: 'label', ...columns })));
      expect(error).to.have.property('code', code);
      expect(error.message).to.match(typeof message === 'string' ? new RegExp(message) : message);
      expect(error.message).to.contain(path);
    });
  });

  it('tells a file that is not there, a folder, broken gzip and other encodings apart', async () => {
    const gzip = gzipSync('text\n'.repeat(50_000));
    const broken = Buffer.from(gzip);
    broken.fill(0xff, 40, 60);
    const cases = [
      ['/nowhere/nothing.csv', 'ERR_FILE', 'there is no such file'],
      ['/', 'ERR_FILE', 'is a folder'],
      [file('cut.csv.gz', gzip.subarray(0, 60)), 'ERR_FORMAT', 'ends too early'],
      [file('broken.csv.gz', broken), 'ERR_FORMAT', 'corrupted'],
      [file('latin1.csv', Buffer.from('text\ncafé\n', 'latin1')), 'ERR_DATA', "encoding: 'latin1'"],
    ] as const;
    for (const [path, code, message] of cases) {
      const error = await rejection(collect(readCsv(path)));
      expect(error, path).to.have.property('code', code);
      expect(error.message).to.contain(message).and.to.contain(path);
    }
  });
});

describe('readTsv', () => {
  const file = temporaryFiles();

  it('cuts at tabs and takes quotes for text', async () => {
    const path = file('a.tsv', 'text\tlabel\n"good, they said\t1\nso "so"\t0\n');
    expect(await collect(readTsv(path, { text: 'text', label: 'label' }))).to.deep.equal([
      { text: '"good, they said', label: '1' },
      { text: 'so "so"', label: '0' },
    ]);
  });

  it('knows quotes where told so', async () => {
    const path = file('b.tsv', 'text\tlabel\n"a\tb"\t1\n');
    expect(await collect(readTsv(path, { quote: '"' }))).to.deep.equal([{ text: 'a\tb', label: '1' }]);
  });
});
