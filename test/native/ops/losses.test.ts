import { expect } from 'chai';
import { binaryCrossEntropy } from '../../../lib/ops/binary-cross-entropy.ts';
import { correct } from '../../../lib/ops/correct.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { smoothAbs } from '../../../lib/ops/smooth-abs.ts';
import { softmaxCrossEntropy } from '../../../lib/ops/softmax-cross-entropy.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardCounts, awkwardRows, describeEverywhere, ones } from './everywhere.ts';

const reductions = ['mean', 'sum', 'none'] as const;
const tolerance = 2e-6;

describeEverywhere('losses of the native backend', everywhere => {
  for (const reduction of reductions) {
    it(`softmaxCrossEntropy, ${reduction}, and its gradient agree with js and have the same bits everywhere`, () => {
      for (const classes of [1, 2, 7, 16, 17, 600])
        for (const weighted of [false, true])
          for (const { smoothing, ignore } of [
            { smoothing: 0, ignore: undefined },
            { smoothing: 0.1, ignore: 0 },
            { smoothing: 1, ignore: -100 },
          ]) {
            const program = record(r => {
              const logits = r.feed('logits', ['batch', classes]);
              const targets = r.feed('targets', ['batch'], 'int32');
              const weights = weighted ? r.feed('weights', [classes]) : undefined;
              const { loss, total } = softmaxCrossEntropy(logits, targets, { reduction, weights, smoothing, ignore });
              const upstream = { of: loss, gradient: r.feed('dLoss', loss.shape) };
              return {
                loss,
                total,
                gradient: gradients([upstream], [logits])[0]!,
                right: correct(logits, targets, { ignore }),
              };
            });
            for (const count of [0, 1, 9, 150]) {
              const targets = new Numbers(2).integers(count, classes);
              if (ignore === -100) for (let i = 0; i < count; i += 3) targets[i] = ignore;
              const weights = new Numbers(3).reals(classes).map(value => Math.fround(Math.abs(value) + 0.1));
              everywhere().compare(
                program,
                batchFor(program, new Numbers(4), {
                  lengths: ones(count),
                  given: { targets, weights },
                  largest: name => (name === 'logits' ? 10 : 1),
                }),
                tolerance,
              );
            }
          }
    });

    it(`binaryCrossEntropy, ${reduction}, and its gradient agree with js and have the same bits everywhere`, () => {
      for (const weighted of [false, true])
        for (const columns of [1, 12]) {
          const program = record(r => {
            const logits = r.feed('logits', ['batch', columns]);
            const targets = r.feed('targets', ['batch', columns]);
            const loss = binaryCrossEntropy(logits, targets, {
              reduction,
              positiveWeight: weighted ? r.feed('positiveWeight', [columns]) : undefined,
              weights: weighted ? r.feed('weights', ['batch', columns]) : undefined,
            });
            const upstream = { of: loss, gradient: r.feed('dLoss', loss.shape) };
            return { loss, gradient: gradients([upstream], [logits])[0]!, right: correct(logits, targets) };
          });
          for (const count of awkwardRows) {
            const targets = new Numbers(2)
              .reals(count * columns)
              .map(value => (Math.abs(value) < 0.2 ? Math.abs(value) : value > 0 ? 1 : 0));
            everywhere().compare(
              program,
              batchFor(program, new Numbers(5), {
                lengths: ones(count),
                given: { targets },
                largest: name => (name === 'logits' ? 15 : 1),
              }),
              tolerance,
            );
          }
        }
    });
  }

  for (const beta of [0, 0.75])
    it(`smoothAbs with beta ${beta} and its gradient agree with js and have the same bits everywhere`, () => {
      const program = record(r => {
        const x = r.feed('x', ['batch']);
        const y = smoothAbs(x, { beta });
        return { y, dx: gradients([{ of: y, gradient: r.feed('dy', ['batch']) }], [x])[0]! };
      });
      for (const count of awkwardCounts) {
        const x = new Numbers(6).reals(count, 2);
        for (let i = 0; i < count; i += 5) x[i] = 0;
        const batch = batchFor(program, new Numbers(7), { lengths: ones(count), given: { x } });
        everywhere().compare(program, batch, tolerance);
      }
    });

  it('smoothAbs and its gradient hand NaN on', () => {
    const program = record(r => {
      const x = r.feed('x', [3]);
      const y = smoothAbs(x, { beta: 1 });
      return { y, dx: gradients([{ of: y, gradient: r.feed('dy', [3]) }], [x])[0]! };
    });
    for (const backend of everywhere().natives) {
      const { y, dx } = backend.load(program, {}).runSync({
        sizes: {},
        values: { x: Float32Array.of(Number.NaN, 3, Number.NEGATIVE_INFINITY), dy: Float32Array.of(1, Number.NaN, 2) },
      });
      expect([...y!]).to.deep.equal([Number.NaN, 2.5, Number.POSITIVE_INFINITY]);
      expect([...dx!]).to.deep.equal([Number.NaN, Number.NaN, -2]);
    }
  });

  it('softmaxCrossEntropy keeps its digits where logits are large and where the loss is tiny', () => {
    const program = record(r => {
      const logits = r.feed('logits', [4, 3]);
      const { loss } = softmaxCrossEntropy(logits, r.feed('targets', [4], 'int32'), { reduction: 'none' });
      const upstream = { of: loss, gradient: r.feed('dLoss', [4]) };
      return { loss, gradient: gradients([upstream], [logits])[0]! };
    });
    const logits = Float32Array.of(30_000, 30_001, 29_999, -3e38, 0, 3e38, 25, 0, 1, -1000, -1001, -1000);
    const targets = Int32Array.of(0, 2, 0, 1);
    const exact = (row: number) => {
      const x = [...logits.subarray(row * 3, row * 3 + 3)];
      const largest = Math.max(...x);
      const others = x.filter((_, i) => i !== x.indexOf(largest)).reduce((sum, v) => sum + Math.exp(v - largest), 0);
      return Math.log1p(others) - (x[targets[row]!]! - largest);
    };
    for (const backend of everywhere().natives) {
      const { loss, gradient } = backend
        .load(program, {})
        .runSync({ sizes: {}, values: { logits, targets, dLoss: new Float32Array(4).fill(1) } });
      for (let row = 0; row < 4; row++) {
        expect(loss![row]! / Math.max(exact(row), 1e-30)).to.be.closeTo(exact(row) === 0 ? 0 : 1, 1e-5);
        const slopes = gradient!.subarray(row * 3, row * 3 + 3);
        expect(slopes[0]! + slopes[1]! + slopes[2]!).to.be.closeTo(0, 3e-7);
      }
    }
  });

  it('binaryCrossEntropy keeps its digits where logits are large and where the loss is tiny', () => {
    const program = record(r => ({
      loss: binaryCrossEntropy(r.feed('logits', [5]), r.feed('targets', [5]), { reduction: 'none' }),
    }));
    const logits = Float32Array.of(1e30, -1e30, 40, -40, 0);
    const targets = Float32Array.of(0, 1, 1, 0, 1);
    const expected = [Math.fround(1e30), Math.fround(1e30), Math.exp(-40), Math.exp(-40), Math.LN2];
    for (const backend of everywhere().natives) {
      const { loss } = backend.load(program, {}).runSync({ sizes: {}, values: { logits, targets } });
      for (const [i, value] of expected.entries()) expect(loss![i]! / value).to.be.closeTo(1, 1e-6);
    }
  });

  it('the mean over no target that counts is 0, and so is its gradient', () => {
    const program = record(r => {
      const logits = r.feed('logits', [2, 3]);
      const { loss } = softmaxCrossEntropy(logits, r.feed('targets', [2], 'int32'), { ignore: 1 });
      return { loss, gradient: gradients(loss, [logits])[0]! };
    });
    for (const backend of everywhere().natives) {
      const { loss, gradient } = backend.load(program, {}).runSync({
        sizes: {},
        values: { logits: new Float32Array(6).fill(Number.NaN), targets: Int32Array.of(1, 1) },
      });
      expect([...loss!, ...gradient!]).to.deep.equal(new Array(7).fill(0));
    }
  });
});
