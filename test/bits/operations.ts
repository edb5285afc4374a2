import { type ActivationName, activationFunctions } from '../../lib/activations.ts';
import { activate } from '../../lib/ops/activation.ts';
import { add } from '../../lib/ops/add.ts';
import { binaryCrossEntropy } from '../../lib/ops/binary-cross-entropy.ts';
import { correct } from '../../lib/ops/correct.ts';
import { divide } from '../../lib/ops/divide.ts';
import { dropout } from '../../lib/ops/dropout.ts';
import { exp } from '../../lib/ops/exp.ts';
import { globalNorm } from '../../lib/ops/global-norm.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { layerNorm } from '../../lib/ops/layer-norm.ts';
import { log } from '../../lib/ops/log.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { mean } from '../../lib/ops/mean.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import { scale } from '../../lib/ops/scale.ts';
import { scatterAdd } from '../../lib/ops/scatter-add.ts';
import { sigmoid } from '../../lib/ops/sigmoid.ts';
import { softmax } from '../../lib/ops/softmax.ts';
import { softmaxCrossEntropy } from '../../lib/ops/softmax-cross-entropy.ts';
import { sqrt } from '../../lib/ops/sqrt.ts';
import { square } from '../../lib/ops/square.ts';
import { sum } from '../../lib/ops/sum.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import { record } from '../../lib/program/recording.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { type BatchOptions, batchFor } from '../backend/conformance/trial.ts';
import { ones } from '../native/ops/everywhere.ts';
import type { Case } from './case.ts';

type Build = Parameters<typeof record>[0];

/** A program over as many rows as each batch has. */
function rows(name: string, counts: readonly number[], build: Build, options: BatchOptions = {}): Case {
  const program = record(build, { mode: 'train' });
  const numbers = new Numbers(29);
  return {
    name,
    program,
    batches: counts.map(count => batchFor(program, numbers, { ...options, lengths: ones(count) })),
  };
}

/** y and the gradients of its operands, from a gradient fed as dy. */
const product = ([m, k, n]: readonly [number, number, number], transposeB: boolean): Case => {
  const program = record(r => {
    const a = r.feed('a', [m, k]);
    const b = r.feed('b', transposeB ? [n, k] : [k, n]);
    const bias = r.feed('bias', [n]);
    const y = matmul(a, b, { bias, transposeB });
    const [da, db, dBias] = gradients([{ of: y, gradient: r.feed('dy', [m, n]) }], [a, b, bias]);
    return { y, da: da!, db: db!, dBias: dBias! };
  });
  const name = `matmul ${m}×${k} · ${k}×${n}${transposeB ? ', transposed' : ''}`;
  return { name, program, batches: [batchFor(program, new Numbers(29))] };
};

/** One row and one column, broken tiles and vectors, several blocks of columns and of depth. */
const products = [
  [1, 1, 1],
  [1, 8, 33],
  [7, 64, 65],
  [15, 33, 17],
  [70, 31, 300],
  [40, 769, 70],
  [13, 1100, 19],
  [300, 20, 9],
] as const;

function softmaxCase(classes: number, smoothing: number, ignore: number | undefined): Case {
  const given = { weights: new Numbers(3).reals(classes).map(value => Math.fround(Math.abs(value) + 0.1)) };
  return rows(
    `softmax cross-entropy of ${classes} classes, smoothing ${smoothing}, ignoring ${ignore ?? 'nothing'}`,
    [1, 9, 150],
    r => {
      const logits = r.feed('logits', ['batch', classes]);
      const targets = r.feed('targets', ['batch'], 'int32');
      const weights = r.feed('weights', [classes]);
      const { loss, total } = softmaxCrossEntropy(logits, targets, { reduction: 'none', weights, smoothing, ignore });
      const upstream = { of: loss, gradient: r.feed('dLoss', loss.shape) };
      return {
        loss,
        total,
        gradient: gradients([upstream], [logits])[0]!,
        right: correct(logits, targets, { ignore }),
      };
    },
    { given, below: { targets: classes }, largest: name => (name === 'logits' ? 10 : 1) },
  );
}

const binaryCase = (columns: number): Case =>
  rows(
    `binary cross-entropy of ${columns}`,
    [1, 17, 4003],
    r => {
      const logits = r.feed('logits', ['batch', columns]);
      const targets = sigmoid(r.feed('targets', ['batch', columns]));
      const positiveWeight = r.feed('positiveWeight', [columns]);
      const loss = binaryCrossEntropy(logits, targets, { reduction: 'mean', positiveWeight });
      return { loss, gradient: gradients(loss, [logits])[0]!, right: correct(logits, targets) };
    },
    { largest: name => (name === 'logits' ? 15 : 1) },
  );

/** Sums of numbers of all magnitudes that cancel: what is left is rounding, and so tells of the order of the additions. */
function cancelling(count: number): Case {
  const program = record(r => {
    const x = r.feed('x', [2 * count, 3]);
    return { all: sum(x), columns: sum(x, { axis: 0 }), norm: globalNorm([x]) };
  });
  const half = new Numbers(37).reals(3 * count).map((value, i) => value * 2 ** ((i * 7) % 61));
  const x = Float64Array.from({ length: 6 * count }, (_, i) =>
    i < half.length ? half[i]! : -half[6 * count - 1 - i]!,
  );
  return { name: 'sums that cancel', program, batches: [batchFor(program, new Numbers(29), { given: { x } })] };
}

const counts = [1, 7, 17, 40_003];

/** Operations that are no layer: products, losses, functions, sums, dropout. */
export function operationCases(): Case[] {
  return [
    ...products.flatMap(shape => [product(shape, false), product(shape, true)]),
    softmaxCase(2, 0, undefined),
    softmaxCase(17, 0.1, 0),
    softmaxCase(600, 1, -100),
    binaryCase(1),
    binaryCase(12),
    rows(
      'functions',
      counts,
      r => {
        const x = r.feed('x', ['batch']);
        const above = scale(square(x), 1, 0.25);
        return {
          exp: exp(x),
          sigmoid: sigmoid(x),
          tanh: tanh(x),
          log: log(above),
          sqrt: sqrt(above),
          ratio: divide(x, above),
        };
      },
      { largest: () => 12 },
    ),
    rows(
      'activations that a program names',
      counts,
      r => {
        const x = r.feed('x', ['batch']);
        const dy = r.feed('dy', ['batch']);
        return Object.fromEntries(
          (Object.keys(activationFunctions) as ActivationName[]).flatMap(name => {
            const y = activate(x, { name, alpha: 0.3, beta: 0.7 });
            return [
              [name, y],
              [`d${name}`, gradients([{ of: y, gradient: dy }], [x])[0]!],
            ];
          }),
        );
      },
      { largest: () => 5 },
    ),
    rows('softmax of rows', [1, 9, 900], r => ({ y: softmax(r.feed('x', ['batch', 61])) }), { largest: () => 12 }),
    rows('layer normalization', [1, 9, 900], r => {
      const [x, gain, shift] = [r.feed('x', ['batch', 61]), r.feed('gain', [61]), r.feed('shift', [61])];
      const y = layerNorm(x, { gain, shift });
      const [dx, dGain, dShift] = gradients([{ of: y, gradient: r.feed('dy', y.shape) }], [x, gain, shift]);
      return { y, dx: dx!, dGain: dGain!, dShift: dShift! };
    }),
    rows('sums', [1, 9, 4003], r => {
      const x = r.feed('x', ['batch', 17]);
      return {
        all: sum(x),
        columns: mean(x, { axis: 0 }),
        rows: sum(x, { axis: 1 }),
        norm: globalNorm([x, r.feed('z', ['batch'])]),
      };
    }),
    cancelling(20_001),
    rows('stretched operands', [1, 301], r => {
      const x = r.feed('x', ['batch', 400]);
      const [row, column] = [r.feed('row', [400]), r.feed('column', ['batch', 1])];
      const y = multiply(add(x, row), column);
      const [dx, dRow, dColumn] = gradients([{ of: y, gradient: r.feed('dy', y.shape) }], [x, row, column]);
      return { y, dx: dx!, dRow: dRow!, dColumn: dColumn! };
    }),
    rows(
      'rows added up by id',
      [1, 900],
      r => ({ y: scatterAdd(r.feed('x', ['batch', 70]), r.feed('ids', ['batch'], 'int32'), { rows: 40 }) }),
      { below: { ids: 40 } },
    ),
    rows(
      'dropout',
      [1, 700],
      r => ({ y: dropout(r.feed('x', ['batch', 65]), { rate: 0.3, seed: 0xfffffffe, layer: 5 }) }),
      {
        given: { clock: Int32Array.of(2 ** 31 - 1, 12_345) },
      },
    ),
  ];
}
