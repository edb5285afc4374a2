import { join } from 'node:path';
import { expect } from 'chai';
import { writeClassifier } from './classifier.ts';
import { tellingRows, temporaryFolder, writeRows } from './folder.ts';
import { jsonLines, type Outcome, recurra } from './recurra.ts';

interface Report {
  readonly loss: number;
  readonly accuracy: number;
  readonly classes: readonly { label: string; precision: number; recall: number; f1: number; support: number }[];
  readonly confusion: readonly (readonly number[])[];
}

describe('recurra evaluate', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const moods = ['bad', 'fair', 'good'];
  let json: Outcome;
  let plain: Outcome;
  let report: Report;

  before(async () => {
    const rows = tellingRows(moods, 30);
    await writeClassifier(join(folder, 'model.safetensors'), rows);
    // What tells bad from the others is labelled wrongly in two rows, and one fair row is missing.
    const changed = rows.map((row, index) => (index < 2 ? { ...row, mood: 'good' } : row)).toSpliced(30, 1);
    writeRows(join(folder, 'rows.csv'), changed);
    const evaluate = (...more: string[]) =>
      recurra(
        folder,
        'evaluate',
        'model.safetensors',
        '--data',
        'rows.csv',
        '--text',
        'body',
        '--label',
        'mood',
        ...more,
      );
    [json, plain] = await Promise.all([evaluate('--backend', 'js', '--json'), evaluate('--backend', 'js')]);
    report = jsonLines(json.stdout)[0] as unknown as Report;
  });

  it('prints with --json one object with these keys', () => {
    expect(json.exitCode, json.stderr).to.equal(0);
    expect(jsonLines(json.stdout)).to.have.length(1);
    expect(Object.keys(report)).to.deep.equal(['loss', 'accuracy', 'classes', 'confusion']);
    for (const scores of report.classes)
      expect(Object.keys(scores)).to.deep.equal(['label', 'precision', 'recall', 'f1', 'support']);
  });

  it('counts right labels in rows and answers in columns, in the order of the classes', () => {
    expect(report.classes.map(({ label }) => label)).to.deep.equal(moods);
    expect(report.confusion).to.deep.equal([
      [28, 0, 0],
      [0, 29, 0],
      [2, 0, 30],
    ]);
  });

  it('gives loss, accuracy and scores that follow from the counts', () => {
    expect(report.accuracy).to.equal(87 / 89);
    expect(report.loss).to.be.within(0.01, 0.5);
    expect(report.classes[0]).to.deep.equal({ label: 'bad', precision: 28 / 30, recall: 1, f1: 56 / 58, support: 28 });
    expect(report.classes[2]).to.deep.equal({ label: 'good', precision: 1, recall: 30 / 32, f1: 60 / 62, support: 32 });
  });

  it('prints a table for people', () => {
    expect(plain.exitCode, plain.stderr).to.equal(0);
    expect(plain.stdout).to.match(/^89 rows: accuracy 0\.978, loss 0\.\d{4}$/m);
    expect(plain.stdout).to.match(/^label +precision +recall +f1 +support$/m);
    expect(plain.stdout).to.match(/^good +1\.000 +0\.938 +0\.968 +32$/m);
    expect(plain.stdout).to.match(/^good +2 +0 +30$/m);
  });
});
