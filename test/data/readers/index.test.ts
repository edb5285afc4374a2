import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readTextRows } from '../../../lib/data/readers/index.ts';
import { collect } from './collect.ts';
import { temporaryFiles } from './temporary-files.ts';

describe('readTextRows', () => {
  const file = temporaryFiles();
  const columns = { text: 't', label: 'l' };

  it('reads a file in the format that its name ends in', async () => {
    const paths = [
      file('a.csv', 't,l\n"x, y",1\n'),
      file('a.tsv', 't\tl\nx, y\t1\n'),
      file('a.jsonl', '{"t":"x, y","l":1}\n'),
      file('a.JSONL.GZ', gzipSync('{"t":"x, y","l":1}\n')),
    ];
    for (const path of paths) {
      expect(await collect(readTextRows(path, columns))).to.deep.equal([{ text: 'x, y', label: '1' }]);
      expect(await collect(readTextRows(path, { text: 't' }))).to.deep.equal([{ text: 'x, y' }]);
    }
  });

  it('refuses other names', () => {
    for (const path of ['a.txt', 'csv', 'a.csv.zip'])
      expect(() => readTextRows(path, columns))
        .to.throw(RangeError, path)
        .with.property('code', 'ERR_ARGUMENT');
  });
});
