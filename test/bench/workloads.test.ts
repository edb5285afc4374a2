import { expect } from 'chai';
import { kernelRows } from '../../bench/kernels.ts';
import { isRagged, operationsOf, tokensOf, workload, workloadNames } from '../../bench/workloads.ts';

describe('bench: workloads', () => {
  it('has one for each name that it lists', () => {
    for (const name of workloadNames) expect(workload(name)?.name).to.equal(name);
    expect(new Set(workloadNames).size).to.equal(workloadNames.length);
    for (const name of kernelRows) expect(workload(name)?.name).to.equal(name);
    expect(new Set(kernelRows).size).to.equal(kernelRows.length);
  });

  it('has none for other names', () => {
    const malformed = ['', 'W1', 'W1-CNN', 'W2-4', 'W4-LSTM-16', 'W4-LSTMb-1x2x3x4', 'constructor'];
    const lengthsWhereNone = ['W4-LSTM-1x2x3x4-uniform', 'W5-LSTM-1x2x3x4-uniform', 'W4R-LSTM-1x2x3x4'];
    for (const name of [...malformed, ...lengthsWhereNone]) expect(workload(name), name).to.equal(undefined);
  });

  it('takes batch and length from a name', () => {
    expect(workload('W2-4x8')).to.deep.include({ batch: 4, steps: 8, lengths: [8, 8, 8, 8], clipNorm: 5 });
  });

  it('knows a gru by where its reset is', () => {
    expect(workload('W4-GRUb-2x3x4x5')).to.deep.include({ cell: 'gru', reset: 'before', inputSize: 4, size: 5 });
    expect(workload('W4-GRU-2x3x4x5')).to.deep.include({ cell: 'gru', reset: 'after' });
  });

  it('has ragged layers, whose longest sequence takes all steps', () => {
    for (const lengths of ['uniform', 'lognormal']) {
      const ragged = workload(`W4R-LSTM-64x128x256x256-${lengths}`)!;
      expect(ragged).to.deep.include({ task: 'layer', batch: 64, steps: 128 });
      expect(ragged.lengths[0]).to.equal(128);
      expect(isRagged(ragged)).to.equal(true);
    }
    expect(isRagged(workload('W4-LSTM-64x128x256x256')!)).to.equal(false);
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

  it('leaves the gradient of the input out where nobody wants it', () => {
    const [tokens, gates, input, size] = [2 * 3, 4, 5, 7];
    expect(operationsOf(workload('W4-LSTM-2x3x5x7')!)).to.equal(3 * 2 * tokens * gates * size * (input + size));
    expect(operationsOf(workload('W4F-LSTM-2x3x5x7')!)).to.equal(2 * tokens * gates * size * (2 * input + 3 * size));
  });
});
