import { expect } from 'chai';
import { ctc } from '../../lib/ops/ctc.ts';
import type { Reduction } from '../../lib/ops/reduction.ts';
import { Recording } from '../../lib/program/recording.ts';
import { checkGradients } from './check-gradients.ts';
import { drawn } from './drawn.ts';
import { type Build, evaluate, type Given, integers, reals } from './evaluate.ts';

const classes = 4;
// In the caller's order: frames and labels of each sequence. Class 1 is the blank.
const lengths = [5, 0, 6, 1, 3, 6];
const blank = 1;
const labelled = [[2, 0], [], [3, 3, 0], [2], [], [0, 2, 0, 3]];
const tokens = lengths.reduce((sum, length) => sum + length, 0);
const logits: Given = { ...drawn([tokens, classes], [-2, 2]), shape: ['input.tokens', classes] };

function inputsOf(rows: readonly (readonly number[])[]) {
  return {
    logits,
    labels: integers(['labels'], rows.flat()),
    labelLengths: integers(
      ['batch'],
      rows.map(({ length }) => length),
    ),
  };
}

function settingOf(rows: readonly (readonly number[])[]) {
  return { lengths, sizes: { labels: rows.flat().length } };
}

const build =
  (reduction: Reduction, impossible: 'infinite' | 'zero' = 'infinite'): Build =>
  ({ logits, labels, labelLengths }, recording) => {
    recording.layout('input');
    return { loss: ctc(logits!, labels!, labelLengths!, { reduction, blank, impossible }) };
  };

/** Probabilities [frame][class] of one of the sequences: packed rows are time-major over sequences sorted by length. */
function framesOf(place: number): number[][] {
  const ranks = lengths.map((_, index) => index).sort((a, b) => lengths[b]! - lengths[a]!);
  const frames: number[][] = [];
  let row = 0;
  for (let t = 0; t < Math.max(...lengths); t++)
    for (const index of ranks) {
      if (lengths[index]! <= t) continue;
      const scores = [...logits.values.slice(row * classes, (row + 1) * classes)].map(Math.exp);
      const total = scores.reduce((sum, score) => sum + score, 0);
      if (index === place) frames.push(scores.map(score => score / total));
      row++;
    }
  return frames;
}

/** The probability of all ways to read the frames as these labels: every one of them is tried. */
function probability(frames: readonly (readonly number[])[], labels: readonly number[]): number {
  let total = 0;
  const read = (t: number, path: readonly number[], product: number) => {
    if (t === frames.length) {
      const merged = path.filter((c, i) => c !== path[i - 1] && c !== blank);
      if (merged.length === labels.length && merged.every((c, i) => c === labels[i])) total += product;
      return;
    }
    frames[t]!.forEach((p, c) => {
      read(t + 1, [...path, c], product * p);
    });
  };
  read(0, [], 1);
  return total;
}

describe('ctc', () => {
  const expected = labelled.map((labels, place) => -Math.log(probability(framesOf(place), labels)));

  it('is the probability of every way to read the frames as the labels', () => {
    const { loss } = evaluate(inputsOf(labelled), build('none'), settingOf(labelled));
    expected.forEach((value, place) => {
      expect(loss![place], `sequence ${place}`).to.be.closeTo(value, 1e-12);
    });
  });

  it('adds up, or takes the mean per label and then over sequences', () => {
    const of = (reduction: Reduction) => evaluate(inputsOf(labelled), build(reduction), settingOf(labelled)).loss![0]!;
    expect(of('sum')).to.be.closeTo(
      expected.reduce((sum, l) => sum + l, 0),
      1e-11,
    );
    const perLabel = expected.map((l, place) => l / Math.max(1, labelled[place]!.length));
    expect(of('mean')).to.be.closeTo(perLabel.reduce((sum, l) => sum + l, 0) / lengths.length, 1e-12);
  });

  for (const reduction of ['none', 'sum', 'mean'] as const)
    it(`has the gradient of finite differences, ${reduction}`, () => {
      checkGradients({ inputs: inputsOf(labelled), build: build(reduction), ...settingOf(labelled) });
    });

  describe('of labels that the frames are too few for', () => {
    const impossible = [[2, 0], [3], [3, 3, 3, 3], [2], [0, 0, 2], [0, 2, 0, 3]];

    it('is infinite, or 0 on demand, for no other sequence', () => {
      const { loss } = evaluate(inputsOf(impossible), build('none'), settingOf(impossible));
      expect(loss!.map(Number.isFinite)).to.deep.equal([true, false, false, true, false, true]);
      const zero = evaluate(inputsOf(impossible), build('none', 'zero'), settingOf(impossible));
      expect(zero.loss).to.deep.equal(loss!.map(value => (Number.isFinite(value) ? value : 0)));
    });

    it('lets no gradient through', () => {
      checkGradients({ inputs: inputsOf(impossible), build: build('mean', 'zero'), ...settingOf(impossible) });
    });
  });

  it('of classes that cannot be is infinite, and of logits far apart exact', () => {
    const one = (values: readonly number[], labels: readonly number[]) =>
      evaluate(
        {
          logits: reals(['input.tokens', 3], values),
          labels: integers(['labels'], labels),
          labelLengths: integers(['batch'], [labels.length]),
        },
        ({ logits, labels, labelLengths }, recording) => {
          recording.layout('input');
          return { loss: ctc(logits!, labels!, labelLengths!) };
        },
        { lengths: [values.length / 3], sizes: { labels: labels.length } },
      ).loss![0];
    const never = Number.NEGATIVE_INFINITY;
    expect(one([0, never, 0, 0, never, 0], [1])).to.equal(Number.POSITIVE_INFINITY);
    expect(one([2000, 0, 0, 2000, 0, 0], [2])).to.be.closeTo(2000 - Math.log(2), 1e-9);
  });

  it('fails the run where labels are none', () => {
    const run = (rows: readonly (readonly number[])[], labelLengths?: readonly number[]) => () =>
      evaluate(
        { ...inputsOf(rows), ...(labelLengths ? { labelLengths: integers(['batch'], labelLengths) } : {}) },
        build('mean'),
        settingOf(rows),
      );
    const fails: [() => unknown, string][] = [
      [run([[2, 4], [], [], [], [], []]), 'ctc: labels[1] is 4, expected 0…3'],
      [run([[2, 1], [], [], [], [], []]), 'ctc: labels[1] is 1, the blank'],
      [run([[2, 0], [], [], [], [], []], [3, 0, 0, 0, 0, 0]), 'ctc: labelLengths[0] is 3, expected 0…2'],
      [run([[2, 0], [], [], [], [], []], [1, 0, 0, 0, 0, 0]), 'ctc: labelLengths sum up to 1, expected 2'],
    ];
    for (const [attempt, message] of fails)
      expect(attempt).to.throw(RangeError, message).with.property('code', 'ERR_INDEX');
  });

  it('refuses shapes and options that do not fit', () => {
    const recording = new Recording('train');
    const { tokens } = recording.layout('input');
    const x = recording.feed('x', [tokens, 3]);
    const labels = recording.feed('labels', ['labels'], 'int32');
    const each = recording.feed('each', ['batch'], 'int32');
    expect(() => ctc(recording.feed('y', ['rows', 3]), labels, each))
      .to.throw(RangeError, 'ctc: logits have shape [rows, 3], expected a sequence [tokens, classes]')
      .with.property('code', 'ERR_SHAPE');
    expect(() => ctc(x, recording.feed('real', ['labels']), each)).to.throw(
      TypeError,
      'ctc: labels must be int32, got real',
    );
    expect(() => ctc(x, recording.feed('padded', ['batch', 4], 'int32'), each)).to.throw(
      RangeError,
      'expected one axis',
    );
    expect(() => ctc(x, labels, recording.feed('three', [3], 'int32'))).to.throw(RangeError, 'expected [batch]');
    expect(() => ctc(x, labels, each, { blank: 3 })).to.throw(RangeError, 'blank must be one of the 3 classes, got 3');
  });
});
