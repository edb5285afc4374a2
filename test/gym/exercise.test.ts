import { expect } from 'chai';
import { addon } from '../../lib/backend/load.ts';
import type { CellName } from '../../lib/cells.ts';
import { practise, pupil, trials } from '../../lib/gym/exercise.ts';
import { parity } from '../../lib/gym/parity.ts';
import { native } from '../../lib/index.ts';

const options = { lag: 20, units: 32, steps: 800, batch: 32, learningRate: 0.003, seed: 7 };

if (addon)
  describe('an exercise', function () {
    this.timeout(60_000);

    async function learn(cell: CellName, steps = options.steps) {
      const backend = native();
      const model = pupil(parity, cell, { ...options, backend });
      const losses: number[] = [];
      for await (const loss of practise(model, parity, { ...options, steps, backend })) losses.push(loss);
      const measured = await trials(model, parity, [20, 80], { rows: 128, seed: options.seed });
      await backend.close();
      return { losses, measured };
    }

    it('of parity over 20 bits is learned by an lstm, which then does it over 80, and not by a simple rnn', async () => {
      const [lstm, rnn] = [await learn('lstm'), await learn('rnn')];
      for (const { lag, loss, accuracy } of lstm.measured) {
        expect(loss).to.be.below(0.1 * parity.baseline(lag).loss);
        expect(accuracy).to.be.above(0.99);
      }
      for (const { lag, loss, accuracy } of rnn.measured) {
        expect(loss).to.be.above(0.95 * parity.baseline(lag).loss);
        expect(accuracy).to.be.below(0.65);
      }
    });

    it('goes the same way each time, on rows that are never seen twice', async () => {
      const [once, again] = [await learn('gru', 20), await learn('gru', 20)];
      expect(again).to.deep.equal(once);
      expect(new Set(once.losses).size).to.equal(20);
    });
  });
