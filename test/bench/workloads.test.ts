import { expect } from 'chai';
import { operationsOf, tokensOf, workload, workloadNames } from '../../bench/workloads.ts';

describe('bench: workloads', () => {
  it('has one for each name that it lists', () => {
    for (const name of workloadNames) expect(workload(name)?.name).to.equal(name);
    expect(new Set(workloadNames).size).to.equal(workloadNames.length);
  });

  it('has none for other names', () => {
    for (const name of ['', 'W1', 'W1-CNN', 'W2-4', 'W4-LSTM-16', 'constructor'])
      expect(workload(name)).to.equal(undefined);
  });

  it('takes batch and length from a name', () => {
    expect(workload('W2-4x8')).to.deep.include({ batch: 4, steps: 8, lengths: [8, 8, 8, 8], clipNorm: 5 });
  });

  it('counts real tokens, longest sequence first', () => {
    const { lengths } = workload('W6-packed')!;
    expect([lengths[0], lengths.at(-1)]).to.deep.equal([100, 10]);
    expect([...lengths].sort((a, b) => b - a)).to.deep.equal(lengths);
    expect(tokensOf(workload('W6-packed')!)).to.equal(3520);
    expect(tokensOf(workload('W6-padded')!)).to.equal(6400);
  });

  it('counts three times the forward operations where it trains', () => {
    const forward = 2 * 64 * 128 * (4 * 256 * (128 + 256) + 4 * 256 * (256 + 256) + 256 * 65);
    expect(operationsOf(workload('W2')!)).to.equal(3 * forward);
    expect(operationsOf(workload('W5-GRU-1x128x256x256')!)).to.equal(2 * 128 * 3 * 256 * 512);
  });
});
