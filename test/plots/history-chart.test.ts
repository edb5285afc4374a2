import { expect } from 'chai';
import { historyChart } from '../../lib/plots/history-chart.ts';

const width = (svg: string) => Number(/width="(\d+)"/.exec(svg)![1]);

describe('historyChart', () => {
  const epochs = [
    { epoch: 1, loss: 0.7, accuracy: 0.5, valLoss: 0.6, valAccuracy: 0.6 },
    { epoch: 2, loss: 0.5, accuracy: 0.7, valLoss: 0.5, valAccuracy: 0.7 },
  ];

  it('shows loss and accuracy side by side, training solid and validation dashed', () => {
    const svg = historyChart(epochs);
    expect(svg.match(/<path/g)).to.have.length(4);
    expect(svg.match(/<path[^>]*stroke-dasharray/g)).to.have.length(2);
    expect(svg).to.contain('>Loss<').and.to.contain('>Accuracy<').and.to.contain('>epoch<');
  });

  it('shows the loss alone where nothing else was measured', () => {
    const svg = historyChart(epochs.map(({ epoch, loss }) => ({ epoch, loss })));
    expect(svg.match(/<path/g)).to.have.length(1);
    expect(svg).not.to.contain('validation').and.not.to.contain('Accuracy');
    expect(width(svg)).to.equal(width(historyChart(epochs)) / 2);
  });

  it('shows a single epoch as dots, and no epoch as an empty chart', () => {
    expect(historyChart(epochs.slice(0, 1)).match(/<circle/g)).to.have.length(4);
    expect(historyChart([])).to.contain('no data');
  });
});
