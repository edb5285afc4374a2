import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { suites } from './index.ts';
import { type Mutation, mutate } from './mutation.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the mutations', () => {
  for (const { name, tests, mutations } of suites) {
    it(`for ${name} still find what they change`, () => {
      for (const mutation of mutations) mutate(readFileSync(join(root, mutation.file), 'utf8'), mutation);
    });

    it(`for ${name} are noticed by tests that exist, and are told apart by their names`, () => {
      for (const test of tests) expect(existsSync(join(root, test)), test).to.equal(true);
      expect(new Set(mutations.map(mutation => mutation.name)).size).to.equal(mutations.length);
    });
  }
});

describe('mutate', () => {
  const mutation: Mutation = { name: 'a gate', file: 'any.ts', find: 'f * c + i', replace: 'f * c - i' };

  it('replaces the text whatever white space is in it', () => {
    expect(mutate('c = f *\n    c + i * g;', mutation)).to.equal('c = f * c - i * g;');
  });

  it('refuses text that is not there, or there more than once', () => {
    expect(() => mutate('c = i * g;', mutation)).to.throw(/a gate: found 0 times in any\.ts/);
    expect(() => mutate('f * c + i, f * c + i', mutation)).to.throw(/found 2 times/);
  });
});
