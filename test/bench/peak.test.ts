import { expect } from 'chai';
import { highest, shareOfPeak } from '../../bench/peak.ts';
import { operationsOf, workload } from '../../bench/workloads.ts';

describe('bench: the share of the FMA peak', () => {
  it('is of the best instruction set in the best reading', () => {
    expect(highest({ avx512: 260.5, avx2: 135 }, { avx512: 258, avx2: 271 })).to.equal(271);
  });

  it('is one where a step takes as long as its operations at the peak', () => {
    const layer = workload('W4-LSTM-16x128x256x256')!;
    const peak = 100;
    const ms = operationsOf(layer) / ((peak * 1e9) / 1e3);
    expect(shareOfPeak(layer, ms, peak)).to.be.closeTo(1, 1e-12);
    expect(shareOfPeak(layer, 4 * ms, peak)).to.be.closeTo(0.25, 1e-12);
  });
});
