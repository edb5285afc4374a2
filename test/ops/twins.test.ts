import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { twins } from '../../lib/backend/js/twins.ts';
import { adadelta } from '../../lib/optimizers/adadelta.ts';
import { adagrad } from '../../lib/optimizers/adagrad.ts';
import { adam, adamw } from '../../lib/optimizers/adam.ts';
import { adamax } from '../../lib/optimizers/adamax.ts';
import { nadam } from '../../lib/optimizers/nadam.ts';
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
  const optimizers = [sgd, adam, adamw, adamax, nadam, rmsprop, adagrad, adadelta];
  for (const optimizer of optimizers) names.push(optimizer().name);
  return new Set([...names, 'fill', 'constant', 'copy', 'dropped', 'scan']);
}

describe('the js backend', () => {
  it('has a twin for every operation, and none for anything else', () => {
    expect([...twins.keys()]).to.have.members([...recordedNames()]);
  });
});
