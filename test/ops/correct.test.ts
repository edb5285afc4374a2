import { expect } from 'chai';
import { correct } from '../../lib/ops/correct.ts';
import { Recording } from '../../lib/program/recording.ts';
import { evaluate, integers, reals } from './evaluate.ts';

describe('correct', () => {
  it('counts the rows whose largest logit is the target', () => {
    const inputs = {
      logits: reals([4, 3], [1, 3, 2, 5, 5, 5, 0, 1, 2, 9, 8, 7]),
      targets: integers([4], [1, 0, 0, 2]),
    };
    expect(evaluate(inputs, ({ logits, targets }) => ({ n: correct(logits!, targets!) })).n).to.deep.equal([2]);
  });

  it('leaves out rows whose target is ignored', () => {
    const inputs = { logits: reals([3, 2], [1, 0, 1, 0, 0, 1]), targets: integers([3], [0, 0, 1]) };
    const { n } = evaluate(inputs, ({ logits, targets }) => ({ n: correct(logits!, targets!, { ignore: 0 }) }));
    expect(n).to.deep.equal([1]);
  });

  it('counts real targets on the right side of ½', () => {
    const inputs = { logits: reals([5], [2, -2, 0, 3, -1]), targets: reals([5], [1, 0, 0, 0, 0.8]) };
    expect(evaluate(inputs, ({ logits, targets }) => ({ n: correct(logits!, targets!) })).n).to.deep.equal([3]);
  });

  it('refuses targets that do not fit the logits', () => {
    const recording = new Recording('infer');
    const logits = recording.feed('x', ['rows', 3]);
    expect(() => correct(logits, recording.feed('t', ['columns'], 'int32')))
      .to.throw(RangeError, 'correct: targets have shape [columns], expected [rows]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => correct(logits, recording.feed('y', ['rows']))).to.throw(RangeError, 'expected [rows, 3]');
    expect(() => correct(recording.feed('v', ['rows']), recording.feed('u', ['rows'], 'int32'))).to.throw(
      RangeError,
      'correct: logits have shape [rows], expected [rows, classes]',
    );
  });
});
