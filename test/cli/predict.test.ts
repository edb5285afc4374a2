import { join } from 'node:path';
import { expect } from 'chai';
import { writeClassifier } from './classifier.ts';
import { type Row, tellingRows, temporaryFolder, writeRows } from './folder.ts';
import { jsonLines, outcome, recurra, start } from './recurra.ts';

describe('recurra predict', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const rows: Row[] = tellingRows(['bad', 'good'], 40);
  // Labels the shuffled rows of more than one group that is predicted at once.
  const many = Array.from({ length: 3000 }, (_, index) => rows[(index * 37) % rows.length]!);
  const predict = (...more: string[]) => recurra(folder, 'predict', 'model.safetensors', '--backend', 'js', ...more);

  before(async () => {
    await writeClassifier(join(folder, 'model.safetensors'), rows);
    writeRows(join(folder, 'many.jsonl.gz'), many);
  });

  it('labels one text', async () => {
    const { exitCode, stdout, stderr } = await predict('--text', 'word1 tells-good word2');
    expect(exitCode, stderr).to.equal(0);
    expect(stdout).to.match(/^good\t(0\.[5-9]\d\d|1\.000)\n$/);
    expect(stderr).to.equal('');
  });

  it('labels it alike in fewer bits', async () => {
    for (const numbers of ['bfloat16', 'int8']) {
      const { exitCode, stdout, stderr } = await predict('--text', 'word1 tells-good word2', '--quantize', numbers);
      expect(exitCode, stderr).to.equal(0);
      expect(stdout).to.match(/^good\t/);
    }
  });

  it('prints with --json label and probabilities of a row a line, in the order of the file', async () => {
    const { exitCode, stdout, stderr } = await predict('--data', 'many.jsonl.gz', '--text-column', 'body', '--json');
    expect(exitCode, stderr).to.equal(0);
    const lines = jsonLines(stdout);
    expect(lines.map(({ label }) => label)).to.deep.equal(many.map(({ mood }) => mood));
    for (const line of lines) {
      expect(Object.keys(line)).to.deep.equal(['label', 'probabilities']);
      const { bad, good, ...others } = line.probabilities as Record<string, number>;
      expect(others).to.deep.equal({});
      expect(bad! + good!).to.be.closeTo(1, 1e-6);
      expect(line.label).to.equal(good! > bad! ? 'good' : 'bad');
    }
  });

  it('ends without a word when the reader of its output goes away', async () => {
    const child = start(folder, [
      'predict',
      'model.safetensors',
      '--data',
      'many.jsonl.gz',
      '--text-column',
      'body',
      '--json',
    ]);
    child.stdout.once('data', () => child.stdout.destroy());
    const { exitCode, stderr } = await outcome(child);
    expect(stderr).to.equal('');
    expect(exitCode).to.equal(141);
  });
});
