import { activation, activationGradient } from './activation.ts';
import { adadelta } from './adadelta.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { adamax } from './adamax.ts';
import { add } from './add.ts';
import { additiveScores, additiveScoresGradient } from './additive-scores.ts';
import { argmax } from './argmax.ts';
import { batchMatmul } from './batch-matmul.ts';
import { binaryCrossEntropy, binaryCrossEntropyGradient } from './binary-cross-entropy.ts';
import { broadcast } from './broadcast.ts';
import { clip, clipGradient } from './clip.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { copy } from './copy.ts';
import { correct } from './correct.ts';
import { ctc, ctcGradient } from './ctc.ts';
import { delay } from './delay.ts';
import { divide } from './divide.ts';
import { dropout, dropped } from './dropout.ts';
import { exp } from './exp.ts';
import { fill } from './fill.ts';
import { gather } from './gather.ts';
import { globalNorm } from './global-norm.ts';
import { gru, gruGradient } from './gru.ts';
import { layerNorm, layerNormGradient } from './layer-norm.ts';
import { linearRecurrence } from './linear-recurrence.ts';
import { log } from './log.ts';
import { lstm, lstmGradient } from './lstm.ts';
import { matmul } from './matmul.ts';
import { mean } from './mean.ts';
import { mergeRows } from './merge-rows.ts';
import { multiply } from './multiply.ts';
import { nadam } from './nadam.ts';
import { pad } from './pad.ts';
import { packSteps, padSteps } from './pad-steps.ts';
import { positive } from './positive.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { rmsprop } from './rmsprop.ts';
import { rnn, rnnGradient } from './rnn.ts';
import { scale } from './scale.ts';
import { scan } from './scan.ts';
import { scatterAdd } from './scatter-add.ts';
import { sgd } from './sgd.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { smoothAbs, smoothAbsGradient } from './smooth-abs.ts';
import { softmax } from './softmax.ts';
import { softmaxCrossEntropy, softmaxCrossEntropyGradient } from './softmax-cross-entropy.ts';
import { sqrt } from './sqrt.ts';
import { square } from './square.ts';
import { stepAt, stepAtGradient } from './step-at.ts';
import { subtract } from './subtract.ts';
import { sum } from './sum.ts';
import { sumTo } from './sum-to.ts';
import { tanh } from './tanh.ts';
import type { Twin } from './twin.ts';

/** Every operation of lib/ops and lib/optimizers, by its name in programs. */
export const twins: ReadonlyMap<string, Twin> = new Map<string, Twin>(
  Object.entries({
    activation,
    activationGradient,
    adadelta,
    adagrad,
    adam,
    adamax,
    add,
    additiveScores,
    additiveScoresGradient,
    argmax,
    batchMatmul,
    binaryCrossEntropy,
    binaryCrossEntropyGradient,
    broadcast,
    clip,
    clipGradient,
    concat,
    constant,
    copy,
    correct,
    ctc,
    ctcGradient,
    delay,
    divide,
    dropout,
    dropped,
    exp,
    fill,
    gather,
    globalNorm,
    gru,
    gruGradient,
    linearRecurrence,
    layerNorm,
    layerNormGradient,
    log,
    lstm,
    lstmGradient,
    matmul,
    mean,
    mergeRows,
    multiply,
    nadam,
    packSteps,
    pad,
    padSteps,
    positive,
    relu,
    reshape,
    rmsprop,
    rnn,
    rnnGradient,
    scale,
    scan,
    scatterAdd,
    sgd,
    sigmoid,
    slice,
    smoothAbs,
    smoothAbsGradient,
    softmax,
    softmaxCrossEntropy,
    softmaxCrossEntropyGradient,
    sqrt,
    square,
    stepAt,
    stepAtGradient,
    subtract,
    sum,
    sumTo,
    tanh,
  }),
);
