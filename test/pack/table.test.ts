import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { tables } from './table.ts';

const readme = readFileSync(join(resolve(import.meta.dirname, '../..'), 'README.md'), 'utf8');

describe('the tables of platforms and uses in README.md', () => {
  it('are what npm run pack:check looks for', () => {
    const [, section = ''] = /^## Platforms\n(.*?)^## /ms.exec(readme) ?? [];
    const shown = section.match(/^\|.*\|$/gm) ?? [];
    expect(shown.join('\n')).to.equal(tables().replace('\n\n', '\n'));
  });
});
