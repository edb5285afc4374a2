import { expect } from 'chai';
import type { ContenderName } from '../../bench/contenders.ts';
import type { Result } from '../../bench/contest.ts';
import { jsonLines, raggedEfficiency, table } from '../../bench/report.ts';
import { workload } from '../../bench/workloads.ts';

describe('bench: what is reported', () => {
  const timed = (contender: ContenderName, msMedian: number): Result => ({
    contender,
    threads: 2,
    settings: '',
    outcome: { kind: 'timed', msMedian, msMin: msMedian / 2, rounds: 5, steps: 10, agreement: 1.24e-7 },
  });
  // 3·2·(2·50)·4·100·(100 + 100) operations: 48 million.
  const layer = workload('W4-LSTM-2x50x100x100')!;
  const held = { workload: layer, threads: 2, results: [timed('native', 1), timed('torch', 3)] };
  const peaks = new Map([[2, 96]]);
  const parsed = (lines: readonly string[]) => lines.map(line => JSON.parse(line));

  it('is a time per contender', () => {
    const common = { workload: layer.name, threads: 2 };
    expect(parsed(jsonLines(held))).to.deep.equal([
      { contender: 'native', ...common, ms_median: 1, ms_min: 0.5, tokens_per_s: 100_000 },
      { contender: 'torch', ...common, ms_median: 3, ms_min: 1.5, tokens_per_s: 33_333.3 },
    ]);
  });

  it('is with a peak also the share of it, the ratio to native and the agreement', () => {
    const [native, torch] = parsed(jsonLines(held, peaks));
    expect(native).to.include({ share_of_peak: 0.5, ratio: 1, agreement: 1.2e-7 });
    expect(torch).to.include({ share_of_peak: 0.1667, ratio: 3, ms_min: 1.5 });
    expect(table(held, peaks)).to.match(/× native +% of peak +apart/);
  });

  it('is set against js in a table without native', () => {
    const lines = table({ ...held, results: [timed('js', 2), timed('tfjs', 7)] }).split('\n');
    expect(lines[1]).to.match(/× js/);
    expect(lines[3]).to.match(/^ +tfjs .* 3\.50 /);
  });

  it('has no ratio where native has no time', () => {
    const [torch] = parsed(jsonLines({ ...held, results: [timed('torch', 3)] }, peaks));
    expect(torch).to.include({ ratio: null });
  });

  it('says how much of the padding native saves', () => {
    const ragged = { ...layer, name: 'ragged', lengths: [50, 30] }; // 80 tokens, 100 with padding
    const results = [timed('native', 1), timed('native-padded', 1.2)];
    expect(raggedEfficiency(ragged, results)).to.be.closeTo(1.2 / (100 / 80), 1e-12);
    expect(raggedEfficiency(ragged, held.results)).to.equal(undefined);
    const [native, padded] = parsed(jsonLines({ workload: ragged, threads: 2, results }, peaks));
    expect([native.ragged_efficiency, padded.ragged_efficiency]).to.deep.equal([0.96, undefined]);
    expect(table({ workload: ragged, threads: 2, results }, peaks)).to.contain('ragged efficiency 96.0 %');
  });
});
