import { failure, rangeError } from '../errors.ts';
import { BahdanauGru, type BahdanauGruOptions } from './bahdanau-gru.ts';
import { Bidirectional, type bidirectional } from './bidirectional.ts';
import { Dense, type DenseOptions } from './dense.ts';
import { Dropout, type DropoutOptions } from './dropout.ts';
import { Embedding, type EmbeddingOptions } from './embedding.ts';
import { Gru, type GruOptions } from './gru.ts';
import { IndRnn } from './ind-rnn.ts';
import type { InputGateOptions } from './input-gates.ts';
import type { Layer, LayerContext, LayerDescription } from './layer.ts';
import { LayerNormalization, type LayerNormalizationOptions } from './layer-normalization.ts';
import { Lstm, type LstmOptions } from './lstm.ts';
import { LuongLstm, type LuongLstmOptions } from './luong-lstm.ts';
import { MinGru } from './min-gru.ts';
import { MinLstm } from './min-lstm.ts';
import { Penalty, type PenaltyOptions } from './penalty.ts';
import { Qrnn, type QrnnOptions } from './qrnn.ts';
import { type CellDescription, RecurrentCell } from './recurrent-cell.ts';
import { RgLru } from './rg-lru.ts';
import { Rnn, type RnnOptions } from './rnn.ts';
import { type HighwayOptions, Skip } from './skip.ts';
import { Sru } from './sru.ts';

/** How each description becomes a layer. A new layer is its file and its line here. */
const builders = {
  embedding: (options: EmbeddingOptions, context: LayerContext) => new Embedding(options, context),
  rnn: (options: RnnOptions, context: LayerContext) => new Rnn(options, context),
  gru: (options: GruOptions, context: LayerContext) => new Gru(options, context),
  lstm: (options: LstmOptions, context: LayerContext) => new Lstm(options, context),
  minGru: (options: InputGateOptions, context: LayerContext) => new MinGru(options, context),
  minLstm: (options: InputGateOptions, context: LayerContext) => new MinLstm(options, context),
  indRnn: (options: InputGateOptions, context: LayerContext) => new IndRnn(options, context),
  sru: (options: InputGateOptions, context: LayerContext) => new Sru(options, context),
  qrnn: (options: QrnnOptions, context: LayerContext) => new Qrnn(options, context),
  rgLru: (options: InputGateOptions, context: LayerContext) => new RgLru(options, context),
  bidirectional: (options: ReturnType<typeof bidirectional>, context: LayerContext) =>
    new Bidirectional(options, context, buildLayer),
  cell: (options: CellDescription, context: LayerContext) => new RecurrentCell(options, context),
  bahdanauGru: (options: BahdanauGruOptions, context: LayerContext) => new BahdanauGru(options, context),
  luongLstm: (options: LuongLstmOptions, context: LayerContext) => new LuongLstm(options, context),
  dense: (options: DenseOptions, context: LayerContext) => new Dense(options, context),
  dropout: (options: DropoutOptions, context: LayerContext) => new Dropout(options, context),
  residual: ({ layer }: { readonly layer: LayerDescription }, context: LayerContext) =>
    new Skip(layer, undefined, context, buildLayer),
  highway: ({ layer, gateBias = -1 }: HighwayOptions & { readonly layer: LayerDescription }, context: LayerContext) =>
    new Skip(layer, gateBias, context, buildLayer),
  penalty: (options: PenaltyOptions, context: LayerContext) => new Penalty(options, context),
  layerNormalization: (options: LayerNormalizationOptions, context: LayerContext) =>
    new LayerNormalization(options, context),
} as const;

/**
 * Builds the layer that a description asks for.
 * @throws ERR_FORMAT for a type that does not exist; ERR_MEMORY where its weights cannot be allocated
 */
export function buildLayer(description: LayerDescription, context: LayerContext): Layer {
  const { type, ...options } = description;
  if (!Object.hasOwn(builders, type))
    throw rangeError(
      'ERR_FORMAT',
      `${context.name}: there is no layer of type ${type}; there are ${Object.keys(builders).join(', ')}`,
    );
  const build = builders[type as keyof typeof builders] as (options: object, context: LayerContext) => Layer;
  try {
    return build(options, context);
  } catch (error) {
    // The only error without a code is a typed array that cannot be had.
    if (!(error instanceof RangeError) || 'code' in error) throw error;
    throw failure('ERR_MEMORY', `${context.name}: its weights do not fit into memory (${error.message})`, error);
  }
}
