import { expect } from 'chai';
import { type Mutation, mutate } from './mutation.ts';

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
