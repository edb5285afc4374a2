import { type Command, Option } from 'commander';
import type { Backend } from '../backend/backend.ts';
import { type CellName, cellNames } from '../cells.ts';
import { bidirectional } from '../layers/bidirectional.ts';
import { dense } from '../layers/dense.ts';
import { embedding } from '../layers/embedding.ts';
import { gru } from '../layers/gru.ts';
import { lstm } from '../layers/lstm.ts';
import { rnn } from '../layers/rnn.ts';
import { binaryCrossEntropy } from '../losses/binary-cross-entropy.ts';
import { crossEntropy } from '../losses/cross-entropy.ts';
import type { Loss } from '../losses/loss.ts';
import type { Model } from '../models/model.ts';
import { sequential } from '../models/sequential.ts';
import type { Encoder } from '../text/encoder.ts';
import { count, rate } from './options.ts';

export interface ClassifierFlags {
  readonly cell: CellName;
  readonly size: number;
  readonly embedding: number;
  readonly layers: number;
  readonly bidirectional?: true;
  readonly dropout: number;
  readonly recurrentDropout: number;
}

export interface ClassifierOptions extends ClassifierFlags {
  readonly seed: number;
  readonly backend: Backend;
}

/** The flags of `textClassifier`, in a group of their own. */
export function addClassifierFlags(command: Command): Command {
  return command
    .optionsGroup('Model:')
    .addOption(new Option('--cell <name>', 'kind of recurrent layer').choices(cellNames).default('lstm'))
    .option('--size <n>', 'units of a recurrent layer', count, 64)
    .option('--embedding <n>', 'numbers that stand for a word', count, 128)
    .option('--layers <n>', 'recurrent layers, one upon the other', count, 1)
    .option('--bidirectional', 'let each layer read texts from both ends')
    .option('--dropout <x>', "share of a layer's inputs to drop while training", rate, 0.2)
    .option('--recurrent-dropout <x>', "share of a layer's state to drop while training", rate, 0.2);
}

type Reads = Pick<Encoder, 'vocabulary' | 'labels'>;

const layerOf = { rnn, gru, lstm } as const;

/** Words → vectors → recurrent layers, of which all but the last give every step → one logit for two labels, else one each. */
export function textClassifier({ vocabulary, labels }: Reads, options: ClassifierOptions): Model {
  const { cell, size, layers, dropout, recurrentDropout, seed, backend } = options;
  const recurrent = Array.from({ length: layers }, (_, index) => {
    const output = index < layers - 1 ? 'sequence' : 'last';
    const layer = layerOf[cell]({ size, output, dropout, recurrentDropout });
    return options.bidirectional ? bidirectional(layer) : layer;
  });
  const outputs = labels.length === 2 ? 1 : labels.length;
  return sequential([embedding({ vocabulary, size: options.embedding }), ...recurrent, dense({ size: outputs })], {
    seed,
    backend,
  });
}

/** What fits the outputs of `textClassifier`. */
export function classifierLoss({ labels }: Pick<Reads, 'labels'>): Loss {
  return labels.length === 2 ? binaryCrossEntropy() : crossEntropy();
}
