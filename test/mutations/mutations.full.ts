import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { suites } from './index.ts';
import { mutate } from './mutation.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the mutations', () => {
  for (const { name, tests, mutations } of suites) {
    it(`for ${name} still find what they change`, () => {
      const stale = mutations.flatMap(mutation => {
        try {
          mutate(readFileSync(join(root, mutation.file), 'utf8'), mutation);
          return [];
        } catch (error) {
          return [String(error)];
        }
      });
      expect(stale).to.deep.equal([]);
    });

    it(`for ${name} are noticed by tests that exist, and are told apart by their names`, () => {
      for (const test of tests) expect(existsSync(join(root, test)), test).to.equal(true);
      expect(new Set(mutations.map(mutation => mutation.name)).size).to.equal(mutations.length);
    });
  }
});
