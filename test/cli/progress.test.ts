import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { type EpochProgress, progressBar, progressLine } from '../../lib/cli/progress.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Terminal, wipeLine } from './terminal.ts';

const halfway: EpochProgress = {
  epoch: 2,
  epochs: 10,
  step: 50,
  steps: 100,
  loss: 0.65432,
  accuracy: 0.61,
  tokens: 100_000,
  seconds: 80,
};

describe('progressLine', () => {
  it('shows a bar, loss, accuracy, tokens per second and the time left', () => {
    expect(progressLine(halfway, 100)).to.equal(
      ` 2/10  ${'━'.repeat(15)}${'─'.repeat(15)}  50 %  loss 0.6543  accuracy 0.610  1,250 tokens/s  1:20 left`,
    );
  });

  it('shortens the bar, then leaves it out, then cuts the line, so as never to be wider than the terminal', () => {
    for (let width = 100; width > 0; width--)
      expect(progressLine(halfway, width).length, `at ${width}`).to.be.at.most(width);
    expect(progressLine(halfway, 80)).to.match(/^ 2\/10 {2}━+─+ {2}50 % .* left$/);
    expect(progressLine(halfway, 70)).to.match(/^ 2\/10 {2}50 % .* left$/);
  });

  it('tells what is known at the start, and that it validates at the end', () => {
    const start = { ...halfway, step: 0, loss: undefined, accuracy: undefined, tokens: 0, seconds: 0 };
    expect(progressLine(start, 60)).to.equal(` 2/10  ${'─'.repeat(30)}   0 %`);
    expect(progressLine({ ...halfway, step: 100 }, 100)).to.match(/━ 100 % .* tokens\/s {2}validating$/);
  });

  it('writes hours and minutes where they are needed', () => {
    expect(progressLine({ ...halfway, seconds: 3723 }, 100)).to.match(/ 1:02:03 left$/);
    expect(progressLine({ ...halfway, seconds: 7 }, 100)).to.match(/ 0:07 left$/);
  });
});

describe('progressBar', () => {
  async function fitOn(terminal: Terminal): Promise<string> {
    const backend = js();
    const model = sequential([dense({ size: 1 })], { inputSize: 2, backend });
    const vectors = Array.from({ length: 40 }, (_, row) => [row, 1]);
    await model.fit(dataset({ vectors, classes: vectors.map(([row]) => row! % 2) }), {
      loss: binaryCrossEntropy(),
      optimizer: sgd({ learningRate: 0.01 }),
      epochs: 2,
      batchSize: 4,
      callbacks: [progressBar(terminal)],
    });
    await backend.close();
    return terminal.written;
  }

  it('draws every epoch on a terminal and wipes the line in the end', async () => {
    const written = await fitOn(new Terminal(true));
    expect(written).to.match(/1\/2 {2}.*100 %.*2\/2 {2}.*100 %/);
    expect(written.endsWith(wipeLine)).to.equal(true);
    expect(written).to.not.include('\n');
  });

  it('writes nothing where there is no terminal', async () => {
    expect(await fitOn(new Terminal(false))).to.equal('');
  });
});
