import { add } from '../../../lib/ops/add.ts';
import { globalNorm } from '../../../lib/ops/global-norm.ts';
import { tableRows } from '../../../lib/ops/merge-rows.ts';
import { scatterAdd } from '../../../lib/ops/scatter-add.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardRows, describeEverywhere, ones } from './everywhere.ts';

describeEverywhere('rows of a table on the native backend', everywhere => {
  for (const columns of [1, 5, 16, 100])
    it(`of ${columns} elements are merged as js merges them`, () => {
      for (const rows of [1, 7, 3000]) {
        const program = record(r => {
          const read = (name: string) =>
            scatterAdd(r.feed(name, ['batch', columns]), r.feed(`${name}Ids`, ['batch'], 'int32'), { rows, ignore: 2 });
          const merged = tableRows(add(add(read('a'), read('b')), read('c')))!;
          // Behind the last row there may be anything: rows are seen where they belong.
          const tables = merged.map(({ rows: some, at }, k) => [`table${k}`, scatterAdd(some, at, { rows })] as const);
          const places = merged.map(({ at }, k) => [`at${k}`, at] as const);
          return { ...Object.fromEntries([...tables, ...places]), norm: globalNorm(merged) };
        });
        const below = { aIds: rows, bIds: rows, cIds: Math.ceil(rows / 2) };
        for (const count of awkwardRows) {
          const batch = batchFor(program, new Numbers(count + 1), { lengths: ones(count), below });
          for (let i = 3; i < count; i += 5) (batch.values.aIds as Int32Array)[i] = -1;
          everywhere().compare(program, batch, 1e-5);
        }
      }
    });
});
