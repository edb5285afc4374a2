import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { itBindsRuns } from './conformance/bound-runs.ts';
import { itComputesCells } from './conformance/cells.ts';
import { itRecomputes } from './conformance/recomputation.ts';
import { itCloses, itKeepsTheRulesOfARun } from './conformance/rules.ts';
import { itTrainsModels } from './conformance/training.ts';

/** What every backend must do. `open` starts one; it is called when the tests run, not when they are listed. */
export function itBehavesLikeABackend(open: () => Backend): void {
  let backend: Backend;
  let twin: Backend;
  before(() => {
    backend = open();
    twin = js({ precision: 'float64' });
  });
  after(async () => {
    await backend.close();
    await twin.close();
  });
  itComputesCells(
    () => backend,
    () => twin,
  );
  itRecomputes(() => backend);
  itTrainsModels(
    () => backend,
    () => twin,
  );
  describe('in a run', () => itKeepsTheRulesOfARun(() => backend));
  describe('in bound runs', () => itBindsRuns(() => backend));
  describe('when it is closed', () => itCloses(open));
}
