import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { tasks } from '../../lib/gym/index.ts';
import { adam, dense, gru, js, lstm, sequential } from '../../lib/index.ts';
import { writeClassifier } from './classifier.ts';
import { tellingRows, temporaryFolder, writeRows } from './folder.ts';
import { jsonLines, recurra } from './recurra.ts';

describe('recurra diagnose', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const ofTask = ['--task', 'adding', '--lag', '6', '--backend', 'js'];
  const columns = ['--text', 'body', '--label', 'mood'];

  before(async () => {
    const rows = tellingRows(['bad', 'good'], 20);
    writeRows(join(folder, 'rows.csv'), rows);
    await writeClassifier(join(folder, 'model.safetensors'), rows);
    const gym = ['--task', 'adding', '--lag', '6', '--units', '3', '--steps', '1', '--batch', '2', '--backend', 'js'];
    const { exitCode, stderr } = await recurra(folder, 'gym', ...gym, '--out', '.');
    expect(exitCode, stderr).to.equal(0);
  });

  it('shows several models side by side, on rows of a task', async () => {
    const models = ['rnn', 'gru', 'lstm'].map(cell => `adding-${cell}.safetensors`);
    const outcome = await recurra(folder, 'diagnose', ...models, ...ofTask, '--rows', '5', '--plot', 'sick.svg');
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    for (const model of models) expect(outcome.stdout).to.match(new RegExp(`^${model}: 5 rows, loss [\\d.e-]+$`, 'm'));
    for (const state of ['rnn h', 'gru h', 'lstm h', 'lstm c'])
      expect(outcome.stdout).to.match(new RegExp(`^${state} +[\\d.e-]+ +5 +[\\d.e-]+ +all steps$`, 'm'));
    for (const gate of ['rnn a', 'gru z', 'lstm f'])
      expect(outcome.stdout).to.match(new RegExp(`^${gate}( +[\\d.]+){2}$`, 'm'));
    const svg = readFileSync(join(folder, 'sick.svg'), 'utf8');
    for (const cell of ['rnn', 'gru', 'lstm']) expect(svg).to.contain(`>adding-${cell}: gradient<`);
  });

  it('has an object for each model', async () => {
    const models = ['adding-lstm.safetensors', 'adding-rnn.safetensors'];
    const outcome = await recurra(folder, 'diagnose', ...models, ...ofTask, '--exploded', '1e-9', '--json');
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    const [lstm, rnn] = jsonLines(outcome.stdout) as {
      model: string;
      rows: number;
      layers: object[];
      trouble: object;
    }[];
    expect([lstm!.model, rnn!.model]).to.deep.equal(models);
    expect(lstm!.rows).to.equal(64);
    const [layer] = lstm!.layers as { gradients: Record<string, number[]> }[];
    expect(layer).to.include({ name: 'lstm', cell: 'lstm', size: 3 });
    expect(layer).to.have.all.keys('name', 'cell', 'size', 'gradients', 'vanishes_beyond', 'gates', 'dead');
    expect(layer!.gradients.c).to.have.length(6);
    expect(rnn!.trouble).to.include({ kind: 'gradient', layer: 'rnn', state: 'h', step: 5, row: 0 });
  });

  it('looks into layers with options, saved ones too', async () => {
    const backend = js();
    const { inputSize, outputs, loss } = tasks.adding;
    const layer = lstm({
      size: 4,
      output: 'sequence',
      projection: 3,
      layerNorm: 'perGate',
      peepholes: true,
      coupled: 'f',
      zoneout: 0.1,
    });
    const model = sequential([layer, gru({ size: 2, clip: 3 }), dense({ size: outputs })], { inputSize, backend });
    model.training = { loss, optimizer: adam() };
    await model.save(join(folder, 'options.safetensors'));
    await backend.close();
    const outcome = await recurra(folder, 'diagnose', 'options.safetensors', ...ofTask, '--json');
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    const [{ layers }] = jsonLines(outcome.stdout) as [{ layers: { gates: object; gradients: object }[] }];
    expect(layers).to.have.length(2);
    expect(layers[0]).to.include({ name: 'lstm', cell: 'lstm', size: 3 });
    expect(layers[0]!.gates).to.have.all.keys('i', 'f', 'g', 'o');
    expect(layers[0]!.gradients).to.have.all.keys('h', 'c');
    expect(layers[1]).to.include({ name: 'gru', size: 2 });
  });

  it('says for people where it explodes', async () => {
    const args = ['diagnose', 'adding-rnn.safetensors', ...ofTask, '--exploded', '1e-9'];
    expect((await recurra(folder, ...args)).stdout).to.match(
      /^rnn: the gradient by the state h explodes: its norm is [\d.]+, first at step 5 of row 0, both counted from 0$/m,
    );
  });

  it('reads texts for a model of texts', async () => {
    const args = ['diagnose', 'model.safetensors', '--data', 'rows.csv', ...columns, '--backend', 'js', '--json'];
    const outcome = await recurra(folder, ...args);
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    expect(jsonLines(outcome.stdout)[0]).to.deep.include({ model: 'model.safetensors', rows: 40 });
  });

  it('refuses models and rows that do not fit', async () => {
    const refused: [string[], RegExp][] = [
      [['model.safetensors'], /say which rows to look at/],
      [['model.safetensors', '--data', 'rows.csv', ...columns, '--task', 'copy'], /--task.*--data/],
      [['model.safetensors', ...ofTask], /the model reads token ids/],
      [['adding-rnn.safetensors', '--data', 'rows.csv', ...columns], /reads no text/],
      [['adding-rnn.safetensors', '--task', 'copy'], /the data has sequences of 10 numbers/],
    ];
    for (const [args, says] of refused) {
      const { exitCode, stderr } = await recurra(folder, 'diagnose', ...args);
      expect({ args, exitCode }).to.deep.equal({ args, exitCode: 2 });
      expect(stderr.trimEnd().split('\n').at(-1)).to.match(says);
    }
  });

  it('teaches in its help', async () => {
    const { exitCode, stdout } = await recurra(folder, 'diagnose', '--help');
    expect(exitCode).to.equal(0);
    for (const word of ['Jacobian', 'forget gate', 'vanishes_beyond', '--task']) expect(stdout).to.contain(word);
    expect(Math.max(...stdout.split('\n').map(line => line.length))).to.be.at.most(120);
  });
});
