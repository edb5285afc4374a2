import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { taskNames } from '../../lib/gym/index.ts';
import { load } from '../../lib/models/load.ts';
import { temporaryFolder } from './folder.ts';
import { jsonLines, recurra } from './recurra.ts';

const tiny = ['--lag', '10', '--units', '4', '--steps', '3', '--batch', '4', '--backend', 'js'];

describe('recurra gym', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();

  it('tries all cells on a task: a table, pictures, models', async () => {
    const outcome = await recurra(folder, 'gym', ...tiny, '--out', '.', '--plot', 'gym.svg');
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    expect(outcome.stdout).to.match(/^agreement: loss at a lag of +10 +20 +40$/m);
    for (const name of ['rnn', 'gru', 'lstm', 'baseline'])
      expect(outcome.stdout.match(new RegExp(`^${name}( +[\\d.]+){3}$`, 'gm')), name).to.have.length(2);
    expect(outcome.stdout).to.match(/^baseline( +0\.333){3}$/m);
    expect(outcome.stdout).to.match(/^3 updates of 4 rows each, at lags from 10 to 10, 4 units$/m);
    const svg = readFileSync(join(folder, 'gym.svg'), 'utf8');
    for (const title of ['learning, lag 10', 'loss beyond lag 10', 'accuracy beyond lag 10'])
      expect(svg).to.contain(`>agreement: ${title}<`);
    const backend = js();
    for (const cell of ['rnn', 'gru', 'lstm']) {
      const model = await load(join(folder, `agreement-${cell}.safetensors`), { backend });
      expect(model.network.description.nodes[0]).to.nested.include({ 'layer.type': cell, 'layer.size': 4 });
    }
    await backend.close();
  });

  for (const task of taskNames)
    it(`has an object for a cell at ${task}`, async () => {
      const outcome = await recurra(folder, 'gym', ...tiny, '--task', task, '--cell', 'gru', '--json');
      expect(outcome.exitCode, outcome.stderr).to.equal(0);
      const [report, ...more] = jsonLines(outcome.stdout);
      expect(more).to.deep.equal([]);
      expect(report).to.deep.include({ task, cell: 'gru', lag: 10, units: 4, steps: 3, batch: 4, seed: 7 });
      const { losses, trials } = report as { losses: number[]; trials: Record<string, number>[] };
      expect(losses).to.have.length(3);
      expect(trials.map(({ lag }) => lag)).to.deep.equal(task === 'agreement' ? [10, 20, 40] : [5, 10, 20, 40]);
      expect(report).to.nested.include({ 'before.rows': 64, 'after.layers[0].cell': 'gru' });
      for (const trial of trials)
        expect(trial).to.include.all.keys(
          'lag',
          'loss',
          'baseline_loss',
          ...(task === 'adding' ? [] : ['accuracy', 'baseline_accuracy']),
        );
    });

  it('refuses a lag that the task does not have, and folders that do not exist, before it learns', async () => {
    const short = await recurra(folder, 'gym', ...tiny, '--lag', '9');
    expect(short).to.include({ exitCode: 2, stdout: '' });
    expect(short.stderr).to.equal('recurra: --lag of agreement must be at least 10, got 9\n');
    const nowhere = await recurra(folder, 'gym', ...tiny, '--out', 'nowhere');
    expect(nowhere).to.include({ exitCode: 2, stdout: '' });
    expect(existsSync(join(folder, 'nowhere'))).to.equal(false);
  });

  it('teaches in its help', async () => {
    const { exitCode, stdout } = await recurra(folder, 'gym', '--help');
    expect(exitCode).to.equal(0);
    for (const word of [...taskNames, '0.0204', '0.167', '5e-5']) expect(stdout).to.contain(word);
    expect(Math.max(...stdout.split('\n').map(line => line.length))).to.be.at.most(120);
  });
});
