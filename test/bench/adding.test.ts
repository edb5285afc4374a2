import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { formula, model } from '../../bench/adding.ts';
import { addon } from '../../lib/backend/load.ts';
import { adam, js, meanSquaredError } from '../../lib/index.ts';
import { memoryOf } from '../../lib/program/memory.ts';
import { trainerOf } from '../../lib/training/train.ts';

describe('the adding problem', () => {
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
