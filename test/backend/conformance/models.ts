import { activate } from '../../../lib/ops/activation.ts';
import { add } from '../../../lib/ops/add.ts';
import { additiveScores } from '../../../lib/ops/additive-scores.ts';
import { argmax } from '../../../lib/ops/argmax.ts';
import { batchMatmul } from '../../../lib/ops/batch-matmul.ts';
import { binaryCrossEntropy } from '../../../lib/ops/binary-cross-entropy.ts';
import { broadcast } from '../../../lib/ops/broadcast.ts';
import { clip } from '../../../lib/ops/clip.ts';
import { concat } from '../../../lib/ops/concat.ts';
import { constant } from '../../../lib/ops/constant.ts';
import { correct } from '../../../lib/ops/correct.ts';
import { ctc } from '../../../lib/ops/ctc.ts';
import { delay } from '../../../lib/ops/delay.ts';
import { divide } from '../../../lib/ops/divide.ts';
import { dropout, dropoutMask, zoneoutMask } from '../../../lib/ops/dropout.ts';
import { exp } from '../../../lib/ops/exp.ts';
import { gather } from '../../../lib/ops/gather.ts';
import { globalNorm } from '../../../lib/ops/global-norm.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { gru } from '../../../lib/ops/gru.ts';
import { linearRecurrence } from '../../../lib/ops/linear-recurrence.ts';
import { log } from '../../../lib/ops/log.ts';
import { lstm } from '../../../lib/ops/lstm.ts';
import { lstmScan } from '../../../lib/ops/lstm-scan.ts';
import { matmul } from '../../../lib/ops/matmul.ts';
import { mean } from '../../../lib/ops/mean.ts';
import { type TableRows, tableRows } from '../../../lib/ops/merge-rows.ts';
import { multiply } from '../../../lib/ops/multiply.ts';
import { padSteps } from '../../../lib/ops/pad-steps.ts';
import { relu } from '../../../lib/ops/relu.ts';
import { reshape } from '../../../lib/ops/reshape.ts';
import { rnn } from '../../../lib/ops/rnn.ts';
import { scale } from '../../../lib/ops/scale.ts';
import { scan } from '../../../lib/ops/scan.ts';
import { scatterAdd } from '../../../lib/ops/scatter-add.ts';
import { sigmoid } from '../../../lib/ops/sigmoid.ts';
import { slice } from '../../../lib/ops/slice.ts';
import { smoothAbs } from '../../../lib/ops/smooth-abs.ts';
import { softmax } from '../../../lib/ops/softmax.ts';
import { softmaxCrossEntropy } from '../../../lib/ops/softmax-cross-entropy.ts';
import { sqrt } from '../../../lib/ops/sqrt.ts';
import { square } from '../../../lib/ops/square.ts';
import { stepAt } from '../../../lib/ops/step-at.ts';
import { subtract } from '../../../lib/ops/subtract.ts';
import { sum } from '../../../lib/ops/sum.ts';
import { tanh } from '../../../lib/ops/tanh.ts';
import { adadelta } from '../../../lib/optimizers/adadelta.ts';
import { adagrad } from '../../../lib/optimizers/adagrad.ts';
import { adam } from '../../../lib/optimizers/adam.ts';
import { adamax } from '../../../lib/optimizers/adamax.ts';
import { nadam } from '../../../lib/optimizers/nadam.ts';
import { type Optimizer, recordUpdate } from '../../../lib/optimizers/optimizer.ts';
import { rmsprop } from '../../../lib/optimizers/rmsprop.ts';
import { sgd } from '../../../lib/optimizers/sgd.ts';
import type { Program, StorageSpec } from '../../../lib/program/program.ts';
import { type Recording, record } from '../../../lib/program/recording.ts';
import { Tensor } from '../../../lib/program/tensor.ts';

/** A model in training: what its programs compute, and what its int32 feeds may hold. */
export interface Model {
  readonly title: string;
  readonly program: Program;
  readonly optimizer: Optimizer;
  /** Values of each int32 feed are drawn below this. */
  readonly below: Readonly<Record<string, number>>;
}

/** Shape of a parameter by name. */
type Shapes = Readonly<Record<string, readonly number[]>>;

interface Forward {
  readonly loss: Tensor;
  readonly results?: Readonly<Record<string, Tensor>>;
}

/**
 * Records loss, gradients, clipping and update of a model whose parameters lie in one storage: those that stand first may be
 * tables with gradients by rows.
 */
function training(
  optimizer: Optimizer,
  shapes: Shapes,
  forward: (recording: Recording, parameter: Readonly<Record<string, Tensor>>) => Forward,
): Program {
  const elements = Object.values(shapes).reduce((total, shape) => total + volume(shape), 0);
  const storage = (name: string): StorageSpec => ({ name, dtype: 'real', elements });
  return record(
    recording => {
      let offset = 0;
      const views = Object.entries(shapes).map(([name, shape]) => {
        const view = { offset, shape, name };
        offset += volume(shape);
        return view;
      });
      const parameters = views.map(view => recording.view('parameter', { ...view, storage: storage('parameters') }));
      const named = Object.fromEntries(views.map(({ name }, index) => [name, parameters[index]!]));
      const { loss, results = {} } = forward(recording, named);
      const kept = gradients(loss, parameters).map(
        (gradient, index) =>
          tableRows(gradient) ??
          recording.store(gradient, {
            ...views[index]!,
            name: `d${views[index]!.name}`,
            storage: storage('gradients'),
          }),
      );
      const norm = globalNorm(kept.flat());
      recording.check(loss);
      recording.check(norm);
      const update = (offset: number, shape: readonly number[], rows?: readonly TableRows[]) => {
        const range = (role: 'parameter' | 'gradient' | 'state', name: string) =>
          recording.view(role, { storage: storage(name), offset, shape, name });
        recordUpdate(recording, optimizer, {
          parameters: range('parameter', 'parameters'),
          gradients: rows ?? range('gradient', 'gradients'),
          states: Object.fromEntries(optimizer.states.map(name => [name, range('state', `optimizer.${name}`)])),
          norm: optimizer.options.clipNorm ? norm : undefined,
        });
      };
      let rest = 0;
      for (const [index, gradient] of kept.entries()) {
        if (gradient instanceof Tensor) continue;
        const { offset, shape } = views[index]!;
        update(offset, shape, gradient);
        rest = offset + volume(shape);
      }
      update(rest, [elements - rest]);
      return { loss, norm, ...results };
    },
    { mode: 'train' },
  );
}

/** Reviews to one label: embedding, LSTM with both dropouts, dense, binary cross-entropy. */
export function classifier({
  size = 17,
  vocabulary = 23,
  embedding = 9,
  optimizer = adam({ clipNorm: 0.5 }),
} = {}): Model {
  const program = training(
    optimizer,
    {
      embedding: [vocabulary, embedding],
      W: [embedding, 4 * size],
      R: [size, 4 * size],
      b: [4 * size],
      dense: [size, 1],
      denseBias: [1],
    },
    (recording, p) => {
      const { tokens, batch } = recording.layout('input');
      const x = gather(p.embedding!, recording.feed('ids', [tokens], 'int32'), { ignore: 0 });
      const { hN } = lstm(
        {
          x: dropout(x, { rate: 0.25, seed: 3, layer: 0 }),
          inputWeight: p.W!,
          recurrentWeight: p.R!,
          bias: p.b,
          maskX: dropoutMask(x, 4 * embedding, { rate: 0.2, seed: 3, layer: 1 }),
          maskH: dropoutMask(x, 4 * size, { rate: 0.2, seed: 3, layer: 2 }),
        },
        { direction: 'forward' },
      );
      const logits = reshape(matmul(hN, p.dense!, { bias: p.denseBias }), [batch]);
      const targets = recording.feed('targets', [batch]);
      return { loss: binaryCrossEntropy(logits, sigmoid(targets)), results: { correct: correct(logits, targets) } };
    },
  );
  const title = `a classifier with ${optimizer.name}: embedding, lstm, dense`;
  return { title, program, optimizer, below: { ids: vocabulary } };
}

/** A tag per word: embedding, two directions of GRU side by side, dense, cross-entropy with all its options. */
export function tagger(): Model {
  const [vocabulary, embedding, size, tags] = [19, 5, 8, 6];
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, clipValue: 0.05, weightDecay: 0.01 });
  const cell = { W: [embedding, 3 * size], R: [size, 3 * size], b: [3 * size], bR: [3 * size] };
  const program = training(
    optimizer,
    {
      embedding: [vocabulary, embedding],
      ...prefixed('forward', cell),
      ...prefixed('backward', cell),
      dense: [tags, 2 * size],
      denseBias: [tags],
    },
    (recording, p) => {
      const { tokens } = recording.layout('input');
      const ids = recording.feed('ids', [tokens], 'int32');
      const x = gather(p.embedding!, ids);
      const half = (direction: 'forward' | 'backward', reset: 'after' | 'before') =>
        gru(
          {
            x,
            inputWeight: p[`${direction}.W`]!,
            recurrentWeight: p[`${direction}.R`]!,
            bias: p[`${direction}.b`],
            recurrentBias: p[`${direction}.bR`],
            zoneH: zoneoutMask(x, size, { rate: 0.1, seed: 5, layer: direction === 'forward' ? 0 : 1 }),
          },
          { direction, reset, updateGate: 'keep' },
        ).y;
      const y = concat([half('forward', 'after'), half('backward', 'before')]);
      const logits = matmul(y, p.dense!, { bias: p.denseBias, transposeB: true });
      const targets = recording.feed('targets', [tokens], 'int32');
      const weights = sigmoid(recording.feed('classWeights', [tags]));
      const { loss, total } = softmaxCrossEntropy(logits, targets, { weights, smoothing: 0.1, ignore: 0 });
      return {
        loss,
        results: {
          total,
          correct: correct(logits, targets, { ignore: 0 }),
          best: argmax(logits),
          ids,
          table: p.embedding!,
        },
      };
    },
  );
  const below = { ids: vocabulary, targets: tags };
  return { title: 'a tagger: embedding, gru in both directions, dense', program, optimizer, below };
}

/** A number per series: ReLU recurrence over given features, its first and last steps, rounded absolute error. */
export function regression(): Model {
  const [features, size] = [3, 15];
  const optimizer = rmsprop({ centered: true, momentum: 0.5, epsilon: 1e-3, maximize: false });
  const program = training(
    optimizer,
    { W: [features, size], R: [size, size], b: [size], dense: [2 * size, 1], denseBias: [1] },
    (recording, p) => {
      const { tokens, batch } = recording.layout('input');
      const x = recording.feed('x', [tokens, features]);
      const { y } = rnn(
        { x, inputWeight: p.W!, recurrentWeight: scale(p.R!, 0.2), bias: p.b },
        { direction: 'forward', activation: 'relu' },
      );
      const ends = concat([stepAt(y, 0), stepAt(y, -1)]);
      const outputs = matmul(relu(ends), p.dense!, { bias: p.denseBias });
      const targets = multiply(recording.feed('targets', [batch, 1]), constant(recording, [1], [0.5]));
      return { loss: mean(smoothAbs(subtract(outputs, targets), { beta: 0.5 })) };
    },
  );
  return {
    title: 'a regression: rnn, its first and last steps, rounded absolute error',
    program,
    optimizer,
    below: {},
  };
}

/** Rows gated, normalised and pooled by hand: the operations that models seldom use, in one composition. */
export function composition(): Model {
  const [width, classes] = [7, 4];
  const optimizer = adagrad({ learningRate: 0.05, learningRateDecay: 0.1, initialAccumulator: 0.1 });
  const program = training(
    optimizer,
    { keys: [width, width], gain: [width], query: [width, classes] },
    (recording, p) => {
      const { tokens } = recording.layout('input');
      const x = recording.feed('x', [tokens, width]);
      const scores = softmax(tanh(matmul(x, p.keys!)));
      const centred = subtract(x, mean(x, { axis: -1, keep: true }));
      const deviation = sqrt(scale(mean(square(centred), { axis: -1, keep: true }), 1, 1e-3));
      const normal = multiply(divide(centred, deviation), p.gain!);
      const weighted = add(multiply(scores, normal), exp(scale(normal, -0.5)));
      const inner = slice(weighted, { axis: -1, start: 1, stop: -1 });
      const energy = log(scale(sum(square(inner), { axis: -1 }), 1, 1));
      const perClass = scatterAdd(matmul(weighted, p.query!), recording.feed('groups', [tokens], 'int32'), { rows: 5 });
      const again = gather(perClass, recording.feed('again', [tokens], 'int32'));
      const spread = multiply(again, reshape(energy, [tokens, 1]));
      const gram = matmul(spread, weighted, { transposeA: true });
      return { loss: add(mean(energy), scale(mean(square(gram)), 0.1)), results: { gram } };
    },
  );
  return { title: 'a composition of everything else', program, optimizer, below: { groups: 5, again: 5 } };
}

/** How alike two texts are: words from one table, read by a layer and by a scan; only the rows that occur are updated. */
export function comparison(): Model {
  const [vocabulary, size, embedding] = [31, 5, 17];
  const optimizer = adagrad({ learningRate: 0.05, initialAccumulator: 0.1, clipNorm: 0.1 });
  const cell = { W: [embedding, 3 * size], R: [size, 3 * size], b: [3 * size] };
  const program = training(
    optimizer,
    { embedding: [vocabulary, embedding], ...cell, dense: [embedding, size], carry: [size, size] },
    (recording, p) => {
      const { tokens: left } = recording.layout('left');
      const { tokens: right } = recording.layout('right');
      const table = p.embedding!;
      const { hN } = gru(
        {
          x: { table, ids: recording.feed('leftIds', [left], 'int32'), ignore: 3 },
          inputWeight: p.W!,
          recurrentWeight: p.R!,
          bias: p.b,
        },
        { direction: 'backward', reset: 'after', updateGate: 'keep' },
      );
      const words = gather(table, recording.feed('rightIds', [right], 'int32'), { ignore: 3 });
      const start = recording.feed('start', ['batch', size]);
      const { states } = scan({ sequences: { words }, states: { h: start } }, step => {
        const next = tanh(add(matmul(step.words, p.dense!), matmul(step.h, p.carry!)));
        return { states: { h: next }, outputs: {} };
      });
      const difference = subtract(hN, states.h);
      return { loss: mean(square(difference)) };
    },
  );
  const below = { leftIds: vocabulary, rightIds: vocabulary };
  return { title: 'a comparison: two texts read from one table', program, optimizer, below };
}

/** A spelling per sequence: one label for each sequence, aligned with its frames. */
export function speller(): Model {
  const [features, size, classes] = [3, 9, 4];
  const optimizer = sgd({ learningRate: 0.05, momentum: 0.5 });
  const program = training(
    optimizer,
    { W: [features, 4 * size], R: [size, 4 * size], b: [4 * size], dense: [size, classes] },
    (recording, p) => {
      const { tokens, batch } = recording.layout('input');
      const x = recording.feed('x', [tokens, features]);
      const { y } = lstm(
        { x, inputWeight: p.W!, recurrentWeight: scale(p.R!, 0.2), bias: p.b },
        { direction: 'forward' },
      );
      const labels = recording.feed('labels', [batch], 'int32');
      const ones = argmax(broadcast(constant(recording, [2], [0, 1]), [batch, 2]));
      const options = { blank: classes - 1, impossible: 'zero' } as const;
      return { loss: ctc(matmul(y, p.dense!), labels, ones, options) };
    },
  );
  const below = { labels: classes - 1 };
  return { title: 'a speller: lstm, connectionist temporal classification', program, optimizer, below };
}

/** Steps of a few queries looking up rows by two scores, with what is padded left out. */
export function lookup(): Model {
  const [width, queries, steps, size] = [5, 3, 7, 6];
  const optimizer = adam({ learningRate: 0.02, amsgrad: true });
  const program = training(
    optimizer,
    { query: [width, size], key: [width, size], v: [size], output: [width, 1] },
    (recording, p) => {
      const query = recording.feed('x', ['batch', queries, width]);
      const memory = recording.feed('memory', ['batch', steps, width]);
      const lengths = recording.feed('lengths', ['batch'], 'int32');
      const [q, k] = [matmul(query, p.query!), matmul(memory, p.key!)];
      const scores = add(additiveScores(q, k, p.v!, { lengths }), batchMatmul(q, k, { transposeB: true }));
      const weights = softmax(scores, { lengths });
      const context = batchMatmul(weights, memory);
      const outputs = matmul(context, p.output!);
      return { loss: mean(square(subtract(outputs, recording.feed('targets', outputs.shape)))), results: { weights } };
    },
  );
  const title = 'a lookup: attention of two scores at once';
  return { title, program, optimizer, below: { lengths: steps + 1 } };
}

/** A number per series: units that decay at rates of their own, over each input and the one before it. */
export function decay(): Model {
  const [features, size] = [3, 9];
  const optimizer = adam({ learningRate: 0.02 });
  const program = training(
    optimizer,
    { W: [2 * features, 2 * size], rate: [size], dense: [size, 1] },
    (recording, p) => {
      const { tokens, batch } = recording.layout('input');
      const x = recording.feed('x', [tokens, features]);
      const before = recording.feed('before', [batch, features]);
      const gates = matmul(concat([x, delay(x, { before }).y]), p.W!);
      const open = sigmoid(slice(gates, { axis: -1, start: 0, stop: size }));
      const a = exp(scale(multiply(open, activate(p.rate!, 'softplus')), -1));
      const b = slice(gates, { axis: -1, start: size });
      const h = recording.feed('h', [batch, size]);
      const { hN } = linearRecurrence({ a, b, h }, { direction: 'backward' });
      return { loss: mean(square(subtract(matmul(hN, p.dense!), recording.feed('targets', [batch, 1])))) };
    },
  );
  return { title: 'a decay: a delay and a linear recurrence', program, optimizer, below: {} };
}

/** Symbols from sequences: a GRU over the source, and a decoder that attends to all of it before each of its steps. */
export function translator(): Model {
  const [features, size, units, symbols] = [3, 6, 5, 4];
  const optimizer = adam({ learningRate: 0.02 });
  const program = training(
    optimizer,
    {
      W: [features, 3 * size],
      R: [size, 3 * size],
      b: [3 * size],
      query: [size, units],
      key: [size, units],
      v: [units],
      carry: [2 * size, size],
      dense: [size, symbols],
    },
    (recording, p) => {
      const source = recording.feed('source', [recording.layout('source').tokens, features]);
      const { y, hN } = gru(
        { x: source, inputWeight: p.W!, recurrentWeight: p.R!, bias: p.b },
        { direction: 'forward', reset: 'after', updateGate: 'keep' },
      );
      const { block, lengths } = padSteps(y);
      const { tokens } = recording.layout('target');
      const { outputs } = scan(
        {
          sequences: { x: recording.feed('target', [tokens, size]) },
          states: { h: hN },
          constants: { keys: matmul(block, p.key!), values: block, lengths },
        },
        ({ x, h, keys, values, lengths }) => {
          const query = reshape(matmul(h, p.query!), ['rows', 1, units]);
          const weights = softmax(additiveScores(query, keys, p.v!, { lengths }), { lengths });
          const context = reshape(batchMatmul(weights, values), ['rows', size]);
          const next = tanh(add(matmul(concat([h, context]), p.carry!), x));
          return { states: { h: next }, outputs: { next } };
        },
      );
      const targets = recording.feed('symbols', [tokens], 'int32');
      return { loss: softmaxCrossEntropy(matmul(outputs.next, p.dense!), targets).loss };
    },
  );
  const title = 'a translator: gru, a scan that attends to what it read';
  return { title, program, optimizer, below: { symbols } };
}

/** A number per series: an lstm that only a scan can be, its gates normalized, its state clipped and projected. */
export function projection(): Model {
  const [features, size, width] = [3, 9, 4];
  const optimizer = adam({ learningRate: 0.02 });
  const columns = 4 * size;
  const program = training(
    optimizer,
    {
      W: [features, columns],
      R: [width, columns],
      projection: [size, width],
      inputGain: [columns],
      recurrentGain: [columns],
      shift: [size],
      dense: [width, 1],
    },
    (recording, p) => {
      const { tokens, batch } = recording.layout('input');
      const { hN } = lstmScan(
        {
          x: recording.feed('x', [tokens, features]),
          inputWeight: p.W!,
          recurrentWeight: p.R!,
          projection: p.projection,
          inputNorm: { gain: p.inputGain },
          recurrentNorm: { gain: p.recurrentGain },
          cellNorm: { shift: p.shift },
        },
        { direction: 'forward', layerNorm: 'joint', cellClip: 0.6, activations: { c: 'softsign' } },
      );
      const targets = recording.feed('targets', [batch, 1]);
      const bounded = activate(clip(hN, { low: -0.4, high: 0.3 }), 'elu');
      return { loss: mean(square(subtract(matmul(bounded, p.dense!), targets))) };
    },
  );
  return { title: 'a projection: an lstm as a scan, normalized and clipped', program, optimizer, below: {} };
}

export const models: readonly (() => Model)[] = [
  classifier,
  ...[adadelta(), adamax(), nadam()].map(optimizer => () => classifier({ optimizer, size: 5, embedding: 4 })),
  tagger,
  regression,
  composition,
  comparison,
  lookup,
  speller,
  decay,
  translator,
  projection,
];

function prefixed(prefix: string, shapes: Shapes): Shapes {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}.${name}`, shape]));
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
