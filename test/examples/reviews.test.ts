import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readCsv } from '../../lib/data/readers/read-csv.ts';
import { collect } from '../data/readers/collect.ts';

describe('examples/reviews.csv', () => {
  it('holds 400 different reviews of 8 to 30 words, half of them positive', async () => {
    const path = fileURLToPath(new URL('../../examples/reviews.csv', import.meta.url));
    const rows = await collect(readCsv(path, { text: 'text', label: 'label' }));
    expect(new Set(rows.map(({ text }) => text)).size).to.equal(400);
    expect(rows.filter(({ label }) => label === 'positive').length).to.equal(200);
    expect(rows.filter(({ label }) => label === 'negative').length).to.equal(200);
    for (const { text } of rows) expect(text.split(' ').length, text).to.be.within(8, 30);
  });
});
