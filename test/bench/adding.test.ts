import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { addingProblem, formula, model } from '../../bench/adding.ts';
import { addon } from '../../lib/backend/load.ts';
import { adam, js, meanSquaredError } from '../../lib/index.ts';
import { memoryOf } from '../../lib/program/memory.ts';
import { trainerOf } from '../../lib/training/train.ts';

describe('the adding problem', () => {
  it('marks a step in each half, and its target is 0.5 plus a quarter of their sum', () => {
    const { input, targets } = addingProblem(20, 30);
    if (input.kind !== 'sequence' || targets?.per !== 'sequence') expect.fail('sequences with a target each');
    input.rows.forEach((row, index) => {
      const marks = Array.from({ length: 30 }, (_, t) => row[2 * t + 1]!);
      expect([marks[0], marks[29]]).to.deep.equal([-1, -1]);
      const marked = marks.flatMap((mark, t) => (mark === 1 ? [t] : []));
      expect(marked).to.have.length(2);
      expect(marked[0]).to.be.below(15);
      const sum = marked.reduce((total, t) => total + row[2 * t]!, 0);
      expect(targets.values[index]).to.be.closeTo(0.5 + sum / 4, 1e-6);
    });
  });

  if (addon)
    it('trains over 5,000 steps in less than two thirds of the memory that its gates alone would take', function () {
      this.timeout(120_000);
      const path = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));
      const command = ['--import', 'tsx', path, 'adding', '--updates', '1', '--only', 'recomputed'];
      const { stdout } = spawnSync(process.execPath, command, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const { formula_mb, rss_mb } = JSON.parse(stdout) as { formula_mb: number; rss_mb: number };
      const backend = js();
      const kept = trainerOf(model(128, false, backend), { loss: meanSquaredError(), optimizer: adam() }).program;
      expect(formula(memoryOf(kept), 64, 5000) / 2 ** 20).to.be.above(900);
      expect(formula_mb).to.be.below(200);
      expect(rss_mb).to.be.within(formula_mb, 600);
    });
});
