import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeClassifier } from './classifier.ts';
import { tellingRows, temporaryFolder, writeRows } from './folder.ts';
import { type Outcome, recurra } from './recurra.ts';

const columns = ['--text', 'body', '--label', 'mood'];
const train = (data: string, ...more: string[]) => ['train', data, ...columns, '--out', 'out.safetensors', ...more];
const evaluate = (model: string, data: string) => ['evaluate', model, '--data', data, ...columns];

/** What is refused, and what its line must say. */
const refused: Readonly<Record<string, { args: readonly string[]; says: RegExp }>> = {
  'an unknown command': { args: ['trian'], says: /unknown command 'trian'.*train/ },
  'an unknown flag': { args: train('rows.csv', '--epoch', '3'), says: /unknown option '--epoch'.*--epochs/ },
  'a missing flag': { args: ['train', 'rows.csv', '--text', 'body'], says: /--label/ },
  'a second file': { args: train('rows.csv', 'other.csv'), says: /too many arguments/ },
  'a count of 0': { args: train('rows.csv', '--epochs', '0'), says: /--epochs.*'0'.*at least 1/ },
  'a count that is no number': { args: train('rows.csv', '--size', 'abc'), says: /--size.*'abc'.*whole number/ },
  'a count with a fraction': { args: train('rows.csv', '--batch', '1.5'), says: /--batch.*'1\.5'.*whole number/ },
  'a rate above 1': { args: train('rows.csv', '--dropout', '1.5'), says: /--dropout.*'1\.5'.*below 1/ },
  'a validation split of 0': { args: train('rows.csv', '--validation-split', '0'), says: /--validation-split/ },
  'a learning rate below 0': { args: train('rows.csv', '--learning-rate', '-1'), says: /--learning-rate.*above 0/ },
  'an unknown schedule': { args: train('rows.csv', '--schedule', 'tides'), says: /--schedule.*constant, linear/ },
  'a warm-up as long as the training': {
    args: train('rows.csv', '--epochs', '2', '--batch', '16', '--warm-up', '4'),
    says: /--warm-up must be less than the 4 updates/,
  },
  'an unknown cell': { args: train('rows.csv', '--cell', 'lstn'), says: /--cell.*rnn, gru, lstm/ },
  'an unknown backend': { args: train('rows.csv', '--backend', 'cuda'), says: /--backend.*native, wasm, js/ },
  'a file that is not there': { args: train('none.csv'), says: /none\.csv.*no such file/ },
  'a file of another kind': { args: train('rows.txt'), says: /rows\.txt.*\.csv, \.tsv or \.jsonl/ },
  'an empty file': { args: train('empty.csv'), says: /empty\.csv.*empty/ },
  'a file with a header alone': { args: train('header.csv'), says: /no rows/ },
  'a missing column': { args: train('rows.csv', '--text', 'bdoy'), says: /no column bdoy.*body, mood/ },
  'labels that are all the same': { args: train('one-label.csv'), says: /label good.*at least two/ },
  'a folder for the model that is not there': {
    args: train('rows.csv', '--out', 'no/out.safetensors'),
    says: /no folder/,
  },
  'a model in place of its data': { args: train('rows.csv', '--out', 'rows.csv'), says: /both rows\.csv/ },
  'a model that is not there': { args: evaluate('none.safetensors', 'rows.csv'), says: /none\.safetensors/ },
  'a model that is no model': { args: evaluate('rows.csv', 'rows.csv'), says: /rows\.csv is not a safetensors file/ },
  'a model that ends early': { args: evaluate('short.safetensors', 'rows.csv'), says: /short\.safetensors/ },
  'a label that the model does not know': {
    args: evaluate('model.safetensors', 'fair.csv'),
    says: /label fair.*bad, good/,
  },
  'lengths that go down': { args: ['bench', '--length', '10-5'], says: /--length.*'10-5'.*10-100/ },
  'a length of 0': { args: ['bench', '--length', '0'], says: /--length.*'0'.*at least 1/ },
  'more words than memory holds': {
    args: ['bench', '--batch', '100000', '--length', '1-1000'],
    says: /--batch 100000 of --length 1000.*16,777,216/,
  },
  'a model to measure that is not there': { args: ['bench', 'none.safetensors'], says: /none\.safetensors/ },
  'a model to measure and flags of another': {
    args: ['bench', 'model.safetensors', '--bidirectional'],
    says: /--bidirectional.*model\.safetensors/,
  },
  'a folder for the profile that is not there': { args: ['bench', '--plot', 'no/profile.svg'], says: /no folder/ },
  'a profile in place of its model': {
    args: ['bench', 'model.safetensors', '--plot', 'model.safetensors'],
    says: /both model\.safetensors/,
  },
  'nothing to predict': { args: ['predict', 'model.safetensors'], says: /--text.*--data/ },
  'two things to predict': {
    args: ['predict', 'model.safetensors', '--text', 'x', '--data', 'rows.csv', '--text-column', 'body'],
    says: /--text.*cannot be used with.*--/,
  },
  'data to predict without its column': {
    args: ['predict', 'model.safetensors', '--data', 'rows.csv'],
    says: /--text-column/,
  },
};

const runsAtOnce = 3;

describe('recurra refuses', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const outcomes = new Map<string, Outcome>();
  let given: string[];

  before(async () => {
    const rows = tellingRows(['bad', 'good'], 20);
    writeRows(join(folder, 'rows.csv'), rows);
    writeRows(join(folder, 'rows.txt'), rows);
    writeRows(join(folder, 'one-label.csv'), rows.slice(20));
    writeRows(join(folder, 'fair.csv'), [...rows, { body: 'fair enough', mood: 'fair' }]);
    writeRows(join(folder, 'header.csv'), []);
    writeFileSync(join(folder, 'empty.csv'), '');
    await writeClassifier(join(folder, 'model.safetensors'), rows);
    writeFileSync(join(folder, 'short.safetensors'), readFileSync(join(folder, 'model.safetensors')).subarray(0, 900));
    given = readdirSync(folder);

    const waiting = Object.entries(refused);
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        outcomes.set(next[0], await recurra(folder, ...next[1].args));
    };
    await Promise.all(Array.from({ length: runsAtOnce }, work));
  });

  for (const [what, { says }] of Object.entries(refused))
    it(`${what}, with one line and exit code 2`, () => {
      const { exitCode, stdout, stderr } = outcomes.get(what)!;
      expect(stderr).to.match(/^recurra: .+\n$/); // . is no line break: one line
      expect(stderr).to.match(says);
      expect(stdout).to.equal('');
      expect(exitCode).to.equal(2);
    });

  it('without writing anything', () => {
    expect(readdirSync(folder)).to.deep.equal(given);
  });
});
