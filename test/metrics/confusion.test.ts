import { expect } from 'chai';
import { Confusion } from '../../lib/metrics/confusion.ts';

describe('Confusion', () => {
  const confusion = new Confusion(3);
  for (const [actual, predicted, times] of [
    [0, 0, 3],
    [0, 1, 1],
    [1, 1, 2],
    [1, 0, 2],
    [2, 0, 1],
  ] as const)
    for (let k = 0; k < times; k++) confusion.add(actual, predicted);

  it('counts answers by what was right', () => {
    expect(confusion.counts).to.deep.equal([
      [3, 1, 0],
      [2, 2, 0],
      [1, 0, 0],
    ]);
    expect(confusion.accuracy).to.equal(5 / 9);
  });

  it('gives precision, recall and F1 of each class', () => {
    const [first, second] = confusion.scores;
    expect(first).to.deep.equal({ precision: 3 / 6, recall: 3 / 4, f1: 6 / 10, support: 4 });
    expect(second).to.deep.equal({ precision: 2 / 3, recall: 2 / 4, f1: 4 / 7, support: 4 });
  });

  it('gives 0 where nothing was answered or nothing is there', () => {
    expect(confusion.scores[2]).to.deep.equal({ precision: 0, recall: 0, f1: 0, support: 1 });
    expect(new Confusion(2).scores[0]).to.deep.equal({ precision: 0, recall: 0, f1: 0, support: 0 });
    expect(new Confusion(2).accuracy).to.equal(0);
  });
});
