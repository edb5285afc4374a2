import { expect } from 'chai';
import { breakdown, type Profile } from '../../lib/profile/profile.ts';
import { profileChart, profileRecords, profileRows } from '../../lib/profile/report.ts';
import type { BufferSpec, Step } from '../../lib/program/program.ts';

const buffer = (name: string, ...shape: (number | string)[]): BufferSpec => ({
  name,
  role: 'scratch',
  dtype: 'real',
  shape,
});
const plain = { transposeA: false, transposeB: false };
const buffers = [buffer('a', 'rows', 100), buffer('b', 100, 50), buffer('y', 'rows', 50), buffer('z', 'rows', 50)];
const steps: Step[] = [
  { op: 'tanh', attributes: {}, inputs: { x: 2 }, outputs: { y: 3 } },
  { op: 'matmul', attributes: plain, inputs: { a: 0, b: 1 }, outputs: { y: 2 } },
];
// Two runs of 2 ms: products of 10⁷ flops in 1 ms, 4·10⁵ bytes in 0.5 ms, and 0.5 ms beside them.
const made: Profile = {
  ...{ program: { buffers, steps }, feeds: { sizes: { rows: 1000 }, values: {} } },
  ...{ runs: 2, medianMs: 2, minMs: 2, totalMs: 4, seconds: [0.001, 0.002] },
};
const limits = { peak: 40, bandwidth: 1.6 };

describe('the report of a profile', () => {
  it('has a record per operation, longest first, and one for what is outside', () => {
    expect(profileRecords(breakdown(made, limits))).to.deep.equal([
      { step: 1, op: 'matmul', shape: [1000, 50], ms: 1, share: 0.5, gflops: 10, share_of_peak: 0.25 },
      { step: 0, op: 'tanh', shape: [1000, 50], ms: 0.5, share: 0.25, gbs: 0.8, share_of_bandwidth: 0.5 },
      { op: 'outside', ms: 0.5, share: 0.25 },
    ]);
  });

  it('has a row of the same cells, under titles', () => {
    expect(profileRows(breakdown(made, limits))).to.deep.equal([
      ['operation, first output', 'ms', '% of step', 'GF/s', '% of peak', 'GB/s', '% of bandwidth'],
      ['1 matmul [1000,50]', '1.000', '50.0', '10.0', '25.0', '', ''],
      ['0 tanh [1000,50]', '0.500', '25.0', '', '', '0.8', '50.0'],
      ['outside the operations', '0.500', '25.0', '', '', '', ''],
    ]);
  });

  it('leaves shares out where no limits are known', () => {
    expect(profileRows(breakdown(made, undefined))).to.deep.equal([
      ['operation, first output', 'ms', '% of step', 'GF/s', 'GB/s'],
      ['1 matmul [1000,50]', '1.000', '50.0', '10.0', ''],
      ['0 tanh [1000,50]', '0.500', '25.0', '', '0.8'],
      ['outside the operations', '0.500', '25.0', '', ''],
    ]);
    for (const record of profileRecords(breakdown(made, undefined)))
      expect(record).not.to.have.any.keys('share_of_peak', 'share_of_bandwidth');
    expect(profileChart({ title: 'T', breakdown: breakdown(made, undefined) })).to.contain('>10.0 GF/s<');
  });

  it('has a picture of the same', () => {
    const svg = profileChart({ title: 'A title', breakdown: breakdown(made, limits) });
    for (const text of ['A title', '1 matmul [1000,50]', '25 %', '0 tanh [1000,50]', '50 %', 'outside the operations'])
      expect(svg).to.contain(`>${text}<`);
  });

  it('sums in the picture what comes after the longest fifteen, and what takes next to nothing', () => {
    const pictured = (seconds: readonly number[]) => {
      const program = { buffers, steps: seconds.map(() => steps[0]!) };
      const svg = profileChart({ title: 'T', breakdown: breakdown({ ...made, program, seconds }, limits) });
      return [svg.match(/>\d+ tanh /g)?.length, />(\d+) more operations</.exec(svg)?.[1]];
    };
    expect(pictured(new Array(18).fill(1e-4))).to.deep.equal([15, '3']);
    expect(pictured([1e-3, 1e-6, 1e-3, 1e-6])).to.deep.equal([2, '2']);
    expect(pictured([1e-3])).to.deep.equal([1, undefined]);
  });

  it('has no rate where the clock saw no time', () => {
    const [, tanh] = profileRecords(breakdown({ ...made, seconds: [0, 0.002] }, limits));
    expect(tanh).to.include({ ms: 0, gbs: 0, share_of_bandwidth: 0 });
  });
});
