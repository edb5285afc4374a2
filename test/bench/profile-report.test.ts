import { expect } from 'chai';
import { type Profile, profileChart, profileLines, profileTable } from '../../bench/profile-report.ts';
import type { BufferSpec, Step } from '../../lib/program/program.ts';

describe('bench: a profile', () => {
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
  const profile: Profile = {
    ...{ workload: 'W', threads: 2, program: { buffers, steps }, feeds: { sizes: { rows: 1000 }, values: {} } },
    ...{ runs: 2, wallMs: 4, seconds: [0.001, 0.002] },
  };
  const limits = { peak: 40, bandwidth: 1.6 };
  const common = { workload: 'W', threads: 2 };

  it('is a line per operation, longest first, and one for what is outside', () => {
    expect(profileLines(profile, limits).map(line => JSON.parse(line))).to.deep.equal([
      {
        ...{ ...common, step: 1, op: 'matmul', shape: [1000, 50], ms: 1, share: 0.5 },
        ...{ gflops: 10, share_of_peak: 0.25 },
      },
      {
        ...{ ...common, step: 0, op: 'tanh', shape: [1000, 50], ms: 0.5, share: 0.25 },
        ...{ gbs: 0.8, share_of_bandwidth: 0.5 },
      },
      { ...common, op: 'outside', ms: 0.5, share: 0.25 },
    ]);
  });

  it('is a table of the same', () => {
    const lines = profileTable(profile, limits).split('\n');
    expect(lines[0]).to.equal('W, 2 threads: 2.000 ms a step (mean of 2)');
    const cells = lines.slice(2).map(line => line.trim().split(/ {2,}/));
    expect(cells).to.deep.equal([
      ['1', 'matmul', '[1000,50]', '1.000', '50.0', '10.0', '25.0'],
      ['0', 'tanh', '[1000,50]', '0.500', '25.0', '0.8', '50.0'],
      ['outside', '0.500', '25.0'],
    ]);
    const column = (line: string, text: string) => line.indexOf(text) + text.length;
    expect(column(lines[2]!, '10.0')).to.equal(column(lines[1]!, 'GF/s'));
    expect(column(lines[3]!, '0.8')).to.equal(column(lines[1]!, 'GB/s'));
  });

  it('is a picture of the same', () => {
    const svg = profileChart([profile], () => limits);
    for (const text of ['1 matmul [1000,50]', '25.0 %', '0 tanh [1000,50]', '50.0 %', 'outside the operations'])
      expect(svg).to.contain(`>${text}<`);
  });

  it('sums in the picture what comes after the longest fifteen', () => {
    const many = {
      ...profile,
      program: { buffers, steps: new Array<Step>(18).fill(steps[0]!) },
      seconds: new Array<number>(18).fill(1e-4),
    };
    const svg = profileChart([many], () => limits);
    expect(svg.match(/>\d+ tanh /g)).to.have.length(15);
    expect(svg).to.contain('>3 more operations<');
  });

  it('has no rate where the clock saw no time', () => {
    const [, tanh] = profileLines({ ...profile, seconds: [0, 0.002] }, limits).map(line => JSON.parse(line));
    expect(tanh).to.include({ ms: 0, gbs: 0, share_of_bandwidth: 0 });
  });
});
