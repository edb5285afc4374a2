import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { suites } from './index.ts';
import { type Mutation, mutate } from './mutation.ts';

const root = resolve(import.meta.dirname, '../..');

describe('mutate', () => {
  const mutation: Mutation = { name: 'a gate', file: 'any.ts', find: 'f * c + i', replace: 'f * c - i' };

  it('replaces the text whatever white space is in it', () => {
    expect(mutate('c = f *\n    c + i * g;', mutation)).to.equal('c = f * c - i * g;');
  });

  it('refuses text that is not there, or there more than once', () => {
    expect(() => mutate('c = i * g;', mutation)).to.throw(/a gate: found 0 times in any\.ts/);
    expect(() => mutate('f * c + i, f * c + i', mutation)).to.throw(/found 2 times/);
  });

  it('finds the text of every mutation once', () => {
    for (const { mutations } of suites)
      for (const mutation of mutations) mutate(readFileSync(join(root, mutation.file), 'utf8'), mutation);
  });
});
