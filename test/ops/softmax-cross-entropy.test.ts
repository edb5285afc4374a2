import { expect } from 'chai';
import type { Reduction } from '../../lib/ops/reduction.ts';
import { softmaxCrossEntropy } from '../../lib/ops/softmax-cross-entropy.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { evaluate, integers, reals } from './evaluate.ts';

const [rows, classes] = [6, 4];
const logits = drawn([rows, classes], [-3, 3]);
const targets = integers([rows], [2, 0, 3, 3, 1, 0]);
const weights = reals([classes], [0.5, 2, 1, 0.25]);

interface Options {
  readonly weighted: boolean;
  readonly smoothing: number;
  readonly ignore?: number | undefined;
}

/** As the docstring has it, from probabilities. */
function reference({ weighted, smoothing, ignore }: Options): { losses: number[]; total: number } {
  const w = weighted ? weights.values : [1, 1, 1, 1];
  const losses = Array.from(targets.values, (target, i) => {
    const exps = Array.from({ length: classes }, (_, c) => Math.exp(logits.values[i * classes + c]!));
    const sum = exps.reduce((total, value) => total + value, 0);
    const logP = exps.map(value => Math.log(value / sum));
    const smooth = logP.reduce((total, value, c) => total + w[c]! * value, 0);
    return target === ignore ? 0 : -(1 - smoothing) * w[target]! * logP[target]! - (smoothing / classes) * smooth;
  });
  const counted = [...targets.values].filter(target => target !== ignore);
  return { losses, total: counted.reduce((total, target) => total + w[target]!, 0) };
}

describe('softmaxCrossEntropy', () => {
  for (const weighted of [false, true])
    for (const smoothing of [0, 0.1, 1])
      for (const ignore of [undefined, 3]) {
        const options = { weighted, smoothing, ignore };
        const build =
          (reduction: Reduction) =>
          ({ logits, targets, weights }: Parameters<Parameters<typeof evaluate>[1]>[0]) =>
            softmaxCrossEntropy(logits!, targets!, {
              weights: weighted ? weights : undefined,
              reduction,
              smoothing,
              ignore,
            });

        it(`is the weighted mean, the sum or each row's loss with ${JSON.stringify(options)}`, () => {
          const { losses, total } = reference(options);
          const sum = losses.reduce((all, loss) => all + loss, 0);
          for (const [reduction, expected] of [
            ['none', losses],
            ['sum', [sum]],
            ['mean', [sum / total]],
          ] as const) {
            const found = evaluate({ logits, targets, weights }, inputs => ({ ...build(reduction)(inputs) }));
            expect(found.total![0]).to.be.closeTo(total, 1e-15);
            expected.forEach((loss, i) => {
              expect(found.loss![i], reduction).to.be.closeTo(loss, 1e-14);
            });
          }
        });

        it(`has the gradient of finite differences with ${JSON.stringify(options)}`, () => {
          for (const reduction of ['mean', 'sum', 'none'] as const)
            checkGradients({
              inputs: { logits, targets, weights },
              by: ['logits'],
              arriving: ['loss'],
              build: inputs => ({ loss: build(reduction)(inputs).loss }),
            });
        });
      }

  it('of a single class, and of scores far apart, does not overflow', () => {
    const { loss } = evaluate(
      { logits: reals([2, 2], [1000, 0, 1000, 0]), targets: integers([2], [0, 1]) },
      ({ logits, targets }) => ({
        loss: softmaxCrossEntropy(logits!, targets!, { reduction: 'none' }).loss,
      }),
    );
    expect(loss).to.deep.equal([0, 1000]);
    const single = evaluate({ logits: reals([1, 1], [3]), targets: integers([1], [0]) }, ({ logits, targets }) => ({
      loss: softmaxCrossEntropy(logits!, targets!).loss,
    }));
    expect(single.loss).to.deep.equal([0]);
  });

  it('means 0, with gradient 0, where every target is ignored and where there are no rows', () => {
    const all = { logits: drawn([2, 3]), targets: integers([2], [-1, -1]) };
    const build: Parameters<typeof evaluate>[1] = ({ logits, targets }) => ({
      loss: softmaxCrossEntropy(logits!, targets!, { ignore: -1 }).loss,
    });
    expect(evaluate(all, build).loss).to.deep.equal([0]);
    checkGradients({ inputs: all, build });
    const weightless: Parameters<typeof evaluate>[1] = ({ logits, targets, weights }) => ({
      loss: softmaxCrossEntropy(logits!, targets!, { weights }).loss,
    });
    const unweighted = { logits: drawn([1, 2]), targets: integers([1], [0]), weights: reals([2], [0, 1]) };
    checkGradients({ inputs: unweighted, by: ['logits'], build: weightless });
    const none = { logits: reals(['rows', 3], []), targets: integers(['rows'], []) };
    expect(evaluate(none, build, { sizes: { rows: 0 } }).loss).to.deep.equal([0]);
  });

  for (const wrong of [-1, 3])
    it(`fails the run on target ${wrong}, naming it and the limit`, () => {
      const inputs = { logits: drawn([2, 3]), targets: integers([2], [0, wrong]) };
      const run = () =>
        evaluate(inputs, ({ logits, targets }) => ({ loss: softmaxCrossEntropy(logits!, targets!).loss }));
      expect(run)
        .to.throw(RangeError, `softmaxCrossEntropy: targets[1] is ${wrong}, expected 0…2`)
        .with.property('code', 'ERR_INDEX');
    });

  it('refuses shapes and options that do not fit', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', ['rows', 3]);
    const t = recording.feed('t', ['rows'], 'int32');
    expect(() => softmaxCrossEntropy(x, recording.feed('u', ['columns'], 'int32')))
      .to.throw(RangeError, 'softmaxCrossEntropy: targets have shape [columns], expected [rows]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => softmaxCrossEntropy(recording.feed('v', ['rows', 2, 3]), t)).to.throw(
      RangeError,
      'logits have shape [rows, 2, 3]',
    );
    expect(() => softmaxCrossEntropy(x, t, { weights: recording.feed('w', [4]) })).to.throw(
      RangeError,
      'weights have shape [4]',
    );
    expect(() => softmaxCrossEntropy(x, recording.feed('r', ['rows']))).to.throw(TypeError, 'targets must be int32');
    expect(() => softmaxCrossEntropy(x, t, { smoothing: 1.5 })).to.throw(
      RangeError,
      'smoothing must be in [0, 1], got 1.5',
    );
  });
});
