import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSafetensors } from '../../lib/formats/safetensors.ts';
import { tellingRows, temporaryFolder, writeRows } from './folder.ts';
import { jsonLines, type Outcome, recurra } from './recurra.ts';

const columns = ['--text', 'body', '--label', 'mood'];
const small = ['--backend', 'js', '--size', '5', '--embedding', '4', '--batch', '8', '--learning-rate', '0.02'];

describe('recurra train', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const rows = tellingRows(['bad', 'good'], 40);
  const epochs = 3;
  const scheduled = ['--schedule', 'cosine', '--warm-up', '3'];
  const train = (data: string, out: string, ...more: string[]) =>
    recurra(folder, 'train', data, ...columns, '--out', out, ...small, ...more);

  const outcomes: Record<string, Outcome> = {};
  before(async () => {
    for (const data of ['rows.csv', 'rows.tsv.gz', 'rows.jsonl']) writeRows(join(folder, data), rows);
    const json = (data: string) => train(data, `${data}.safetensors`, '--epochs', `${epochs}`, '--json');
    const [csv, tsv, jsonl, other, plain] = await Promise.all([
      json('rows.csv'),
      json('rows.tsv.gz'),
      json('rows.jsonl'),
      train('rows.csv', 'other.safetensors', '--epochs', '1', '--seed', '8', '--json'),
      train('rows.csv', 'plain.safetensors', '--epochs', '2', '--plot', 'curves.svg', ...scheduled),
    ]);
    Object.assign(outcomes, { csv, tsv, jsonl, other, plain });
  });

  it('ends with 0', () => {
    for (const { exitCode, stderr } of Object.values(outcomes)) expect(exitCode, stderr).to.equal(0);
  });

  it('prints with --json an object per epoch and a summary, and nothing else on stdout', () => {
    const lines = jsonLines(outcomes.csv!.stdout);
    expect(lines).to.have.length(epochs + 1);
    for (const [index, line] of lines.slice(0, epochs).entries()) {
      expect(Object.keys(line)).to.deep.equal([
        'epoch',
        'loss',
        'accuracy',
        'val_loss',
        'val_accuracy',
        'tokens_per_s',
        'seconds',
      ]);
      expect(line.epoch).to.equal(index + 1);
      for (const value of Object.values(line)) expect(value).to.be.a('number').above(0);
    }
    const summary = lines.at(-1)!;
    expect(Object.keys(summary)).to.deep.equal([
      'summary',
      'model',
      'accuracy',
      'val_accuracy',
      'baseline',
      'parameters',
      'seconds',
    ]);
    expect(summary).to.include({ summary: true, model: 'rows.csv.safetensors' });
    expect(summary.accuracy).to.equal(lines.at(-2)!.accuracy);
    expect(summary.val_accuracy).to.equal(lines.at(-2)!.val_accuracy);
  });

  it('learns, from rows sorted by label, more than how often each label occurs', () => {
    const summary = jsonLines(outcomes.csv!.stdout).at(-1)!;
    expect(summary.baseline).to.be.within(0.5, 0.75);
    expect(summary.val_accuracy).to.be.above(0.9);
  });

  it('counts the parameters of the file that it writes', async () => {
    const { tensors } = await readSafetensors(join(folder, 'rows.csv.safetensors'));
    const numbers = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(jsonLines(outcomes.csv!.stdout).at(-1)!.parameters).to.equal(numbers);
    expect(numbers).to.equal(2500 * 4 + (4 + 5 + 1) * 4 * 5 + 5 + 1);
  });

  it('gives the same epochs for the same rows and seed, from CSV, gzipped TSV and JSON Lines', () => {
    const figures = ({ stdout }: Outcome) =>
      jsonLines(stdout)
        .slice(0, -1)
        .map(({ loss, accuracy, val_loss, val_accuracy }) => [loss, accuracy, val_loss, val_accuracy]);
    const expected = figures(outcomes.csv!);
    expect(figures(outcomes.tsv!)).to.deep.equal(expected);
    expect(figures(outcomes.jsonl!)).to.deep.equal(expected);
    expect(figures(outcomes.other!)[0]).to.not.deep.equal(expected[0]);
  });

  it('keeps notices on stderr', () => {
    expect(outcomes.csv!.stderr).to.match(/JavaScript backend, 1 thread/);
    expect(outcomes.csv!.stderr).to.match(/64 rows to learn from, 16 to validate; .*labels bad, good/);
  });

  it('prints plain lines where stdout and stderr are no terminal', () => {
    const { stdout, stderr } = outcomes.plain!;
    expect(stdout).to.match(/^epoch +loss +accuracy/);
    expect(stdout).to.match(/^ +1\/2 .*\n +2\/2 /m);
    expect(stdout).to.match(/^validation accuracy 0\.\d+, against 0\.\d+ for always/m);
    expect(stdout + stderr).to.not.include('\u001b');
  });

  it('draws the curves where --plot says', () => {
    expect(readFileSync(join(folder, 'curves.svg'), 'utf8')).to.match(/^<svg .*<\/svg>\s*$/s);
  });

  it('keeps the schedule with the optimizer in the file', async () => {
    const { metadata } = await readSafetensors(join(folder, 'plain.safetensors'));
    expect(JSON.parse(metadata.get('recurra')!).training.optimizer.schedule).to.deep.include({
      schedule: 'warmUp',
      rate: 0.02,
      steps: 3,
      to: { schedule: 'cosineDecay', rate: 0.02, steps: 2 * 8 - 3, minimum: 0 },
    });
  });

  it('stacks cells of each kind in both directions, with one output per label where there are more than two', async () => {
    writeRows(join(folder, 'three.csv'), tellingRows(['bad', 'fair', 'good'], 10));
    const deep = ['--layers', '2', '--bidirectional', '--epochs', '1', '--truncate', 'back', '--max-words', '20'];
    const runs = await Promise.all(
      ['rnn', 'gru'].map(cell => train('three.csv', `${cell}.safetensors`, '--cell', cell, ...deep)),
    );
    for (const { exitCode, stderr } of runs) expect(exitCode, stderr).to.equal(0);
    const { tensors } = await readSafetensors(join(folder, 'gru.safetensors'));
    const shapes = [...tensors.values()].map(({ shape }) => shape);
    expect(shapes).to.deep.include([20, 4]); // embedding
    expect(shapes.filter(shape => shape[0] === 4 && shape[1] === 15)).to.have.length(2); // first layer, each direction
    expect(shapes.filter(shape => shape[0] === 10 && shape[1] === 15)).to.have.length(2); // second layer reads both
    expect(shapes).to.deep.include([10, 3]); // dense
  });

  it('leaves no file behind that was not asked for', () => {
    const written = readdirSync(folder).filter(name => !/^(rows|three)\.[a-z.]+$/.test(name) || name.endsWith('.tmp'));
    expect(written.sort()).to.deep.equal([
      'curves.svg',
      'gru.safetensors',
      'other.safetensors',
      'plain.safetensors',
      'rnn.safetensors',
    ]);
  });
});
