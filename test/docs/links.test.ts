import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';

const root = resolve(import.meta.dirname, '../..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`)].filter(name =>
  name.endsWith('.md'),
);
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');

/** Of the headings of a page, as GitHub and TypeDoc make them. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

// That the pages exist is for `npm run docs` to say.
describe('links to a part of a page', () => {
  for (const page of pages)
    it(`${page} has none that leads nowhere`, () => {
      for (const [link, to = '', anchor] of textOf(page).matchAll(/\]\(((?:[\w./-]+\.md)?)#([^)]+)\)/g)) {
        const target = to ? relative(root, resolve(root, dirname(page), to)) : page;
        expect(anchorsOf(target), link).to.include(anchor);
      }
    });
});
