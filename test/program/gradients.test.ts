import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { add } from '../../lib/ops/add.ts';
import { argmax } from '../../lib/ops/argmax.ts';
import { correct } from '../../lib/ops/correct.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { gru } from '../../lib/ops/gru.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import { square } from '../../lib/ops/square.ts';
import { sum } from '../../lib/ops/sum.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import { Recording, record } from '../../lib/program/recording.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { codeOf } from '../code-of.ts';

const backend = js({ precision: 'float64' });
after(() => backend.close());

/** Values of what `build` returns, where feeds are filled from `feeds` as [2]-vectors. */
function evaluate(build: (feed: (name: string) => Tensor) => Record<string, Tensor>, feeds: Record<string, number[]>) {
  const program = record(recording => build(name => recording.feed(name, [2])), { mode: 'train' });
  const values = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, Float64Array.from(value)]));
  const results = backend.load(program, {}).runSync({ sizes: {}, values });
  return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, [...value]]));
}

describe('gradients', () => {
  it('add up where a tensor is used more than once', () => {
    const { dx } = evaluate(
      feed => {
        const x = feed('x');
        const [dx] = gradients(sum(add(multiply(x, x), multiply(x, feed('y')))), [x]);
        return { dx: dx! };
      },
      { x: [3, -2], y: [10, 20] },
    );
    expect(dx).to.deep.equal([2 * 3 + 10, 2 * -2 + 20]);
  });

  it('of tied weights are the sum over both uses', () => {
    const program = record(recording => {
      const W = recording.feed('W', [2, 2]);
      const x = recording.feed('x', [1, 2]);
      const [tied] = gradients(sum(matmul(tanh(matmul(x, W)), W, { transposeB: true })), [W]);
      return { tied: tied! };
    });
    const apart = record(recording => {
      const [A, B] = [recording.feed('A', [2, 2]), recording.feed('B', [2, 2])];
      const x = recording.feed('x', [1, 2]);
      const [a, b] = gradients(sum(matmul(tanh(matmul(x, A)), B, { transposeB: true })), [A, B]);
      return { a: a!, b: b! };
    });
    const [x, W] = [Float64Array.of(0.5, -1), Float64Array.of(0.1, 0.2, -0.3, 0.4)];
    const { tied } = backend.load(program, {}).runSync({ sizes: {}, values: { x, W } });
    const { a, b } = backend.load(apart, {}).runSync({ sizes: {}, values: { x, A: W, B: W } });
    tied!.forEach((value, index) => {
      expect(value).to.be.closeTo(a![index]! + b![index]!, 1e-15);
    });
  });

  it('by what the loss does not depend on are zeros', () => {
    const { dy } = evaluate(
      feed => {
        const [dy] = gradients(sum(square(feed('x'))), [feed('y')]);
        return { dy: dy! };
      },
      { x: [1, 2] },
    );
    expect(dy).to.deep.equal([0, 0]);
  });

  it('start from the gradients that arrive at several outputs', () => {
    const { dx } = evaluate(
      feed => {
        const x = feed('x');
        const [dx] = gradients(
          [
            { of: square(x), gradient: feed('up1') },
            { of: multiply(x, feed('k')), gradient: feed('up2') },
          ],
          [x],
        );
        return { dx: dx! };
      },
      { x: [3, 4], k: [5, 6], up1: [1, 0], up2: [0, 10] },
    );
    expect(dx).to.deep.equal([6, 60]);
  });

  it('by an intermediate tensor stop there', () => {
    const { dy } = evaluate(
      feed => {
        const y = square(feed('x'));
        const [dy] = gradients(sum(square(y)), [y]);
        return { dy: dy! };
      },
      { x: [3, 1] },
    );
    expect(dy).to.deep.equal([18, 2]);
  });

  it('of gradients are gradients again', () => {
    const { second } = evaluate(
      feed => {
        const x = feed('x');
        const [first] = gradients(sum(multiply(x, square(x))), [x]);
        const [second] = gradients(sum(first!), [x]);
        return { second: second! };
      },
      { x: [2, -3] },
    );
    expect(second).to.deep.equal([12, -18]);
  });

  it('share one step among the two biases of a recurrent layer, and both are kept', () => {
    const storage = { name: 'gradients', dtype: 'real', elements: 12 } as const;
    const program = record(
      recording => {
        const { tokens } = recording.layout('input');
        const feed = (name: string, shape: (number | string)[]) => recording.feed(name, shape);
        const [bias, recurrentBias] = [feed('bias', [6]), feed('recurrentBias', [6])];
        const weights = { inputWeight: feed('W', [3, 6]), recurrentWeight: feed('R', [2, 6]), bias, recurrentBias };
        const { hN } = gru(
          { x: feed('x', [tokens, 3]), ...weights },
          { direction: 'forward', reset: 'after', updateGate: 'keep' },
        );
        gradients(sum(hN), [bias, recurrentBias]).forEach((gradient, index) => {
          recording.store(gradient, { storage, offset: 6 * index, shape: [6], name: `g${index}` });
        });
        return {};
      },
      { mode: 'train' },
    );
    expect(program.steps.filter(({ op }) => op === 'gruGradient')).to.have.length(1);
    const places = program.steps.flatMap(({ outputs }) =>
      Object.values(outputs).flatMap(id => program.buffers[id]!.storage?.offset ?? []),
    );
    expect(places).to.have.members([0, 6]);
  });

  it('fail with ERR_NO_GRADIENT where the loss depends on a parameter through an operation without one', () => {
    const recording = new Recording('train');
    const logits = recording.feed('logits', ['rows', 3]);
    const targets = recording.feed('targets', ['rows'], 'int32');
    expect(codeOf(() => gradients(correct(logits, targets), [logits]))).to.equal('ERR_NO_GRADIENT');
  });

  it('pass by an operation without a gradient that no parameter reaches', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', ['rows', 3]);
    argmax(recording.feed('other', ['rows', 3]));
    expect(codeOf(() => gradients(sum(x), [x]))).to.equal(undefined);
  });

  it('fail with ERR_NO_GRADIENT through a recurrent layer that was recorded for inference', () => {
    const recording = new Recording('infer');
    const { tokens } = recording.layout('input');
    const W = recording.feed('W', [3, 6]);
    const { hN } = gru(
      { x: recording.feed('x', [tokens, 3]), inputWeight: W, recurrentWeight: recording.feed('R', [2, 6]) },
      { direction: 'forward', reset: 'after', updateGate: 'keep' },
    );
    expect(codeOf(() => gradients(sum(hN), [W]))).to.equal('ERR_NO_GRADIENT');
  });

  it('need a scalar loss, or gradients that fit the tensors they arrive at', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', [2]);
    expect(codeOf(() => gradients(square(x), [x]))).to.equal('ERR_SHAPE');
    for (const shape of [[3], [1]]) {
      const up = recording.feed(`up ${shape}`, shape); // [1] would be stretched
      expect(codeOf(() => gradients([{ of: square(x), gradient: up }], [x]))).to.equal('ERR_SHAPE');
    }
  });
});
