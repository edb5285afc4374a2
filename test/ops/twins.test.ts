import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { twins } from '../../lib/backend/js/twins.ts';
import { adagrad } from '../../lib/optimizers/adagrad.ts';
import { adam, adamw } from '../../lib/optimizers/adam.ts';
import { rmsprop } from '../../lib/optimizers/rmsprop.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';

/** Names of the operations that lib/ops and the recording define, read from their sources. */
function recordedNames(): Set<string> {
  const folder = new URL('../../lib/ops/', import.meta.url);
  const sources = readdirSync(folder).map(name => readFileSync(new URL(name, folder), 'utf8'));
  const names = sources.flatMap(source =>
    [...source.matchAll(/\boperation<[^(]*\(\s*'(\w+)'/g)].map(([, name]) => name!),
  );
  for (const cell of ['rnn', 'gru', 'lstm']) names.push(cell, `${cell}Gradient`);
  for (const { name } of [sgd(), adam(), adamw(), rmsprop(), adagrad()]) names.push(name);
  return new Set([...names, 'fill', 'constant', 'copy']);
}

describe('the js backend', () => {
  it('has a twin for every operation, and none for anything else', () => {
    expect([...twins.keys()]).to.have.members([...recordedNames()]);
  });
});
