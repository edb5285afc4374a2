import type { Backend } from '../backend/backend.ts';
import type { CellName } from '../cells.ts';
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

export interface ClassifierOptions {
  readonly cell: CellName;
  readonly size: number;
  readonly embedding: number;
  readonly layers: number;
  readonly bidirectional?: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly seed: number;
  readonly backend: Backend;
}

const layerOf = { rnn, gru, lstm } as const;

/** Words → vectors → recurrent layers, of which all but the last give every step → one logit for two labels, else one each. */
export function textClassifier({ vocabulary, labels }: Encoder, options: ClassifierOptions): Model {
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
export function classifierLoss({ labels }: Encoder): Loss {
  return labels.length === 2 ? binaryCrossEntropy() : crossEntropy();
}
