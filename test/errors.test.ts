import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { errorCodes } from '../lib/errors.ts';

describe('docs/errors.md', () => {
  it('explains every code of lib/errors.ts, in its order and its words, and no other', async () => {
    const page = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(ERR_\w+)` \| (.+?) \| (.+?) \|$/gm)];
    expect(rows.map(([, code, meaning]) => [code, meaning])).to.deep.equal(Object.entries(errorCodes));
  });

  it('mentions no code that does not exist', async () => {
    const page = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8');
    for (const [code] of page.matchAll(/ERR_\w+/g)) expect(errorCodes).to.have.property(code);
  });
});
