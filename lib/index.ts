/** Networks: what they are made of, how they are trained, asked and saved. @module recurra */

export type { Activation, ActivationName } from './activations.ts';
export type {
  Backend,
  BoundRun,
  Executable,
  Feeds,
  Limits,
  NumberArray,
  Results,
  RunOptions,
  Storage,
} from './backend/backend.ts';
export { defaultBackend } from './backend/index.ts';
export { type JsOptions, js } from './backend/js-backend.ts';
export { type NativeOptions, native } from './backend/native-backend.ts';
export { wasm } from './backend/wasm-backend.ts';
export { type CellName, cells } from './cells.ts';
export { type Batch, type BatchInput, type BatchOptions, type BatchTargets, batches } from './data/batches.ts';
export {
  Dataset,
  type DatasetInput,
  type DatasetTargets,
  dataset,
  holdOut,
  type InputRows,
  type OneInputRows,
} from './data/dataset.ts';
export type { Columns, LabelledText } from './data/readers/columns.ts';
export { type CsvOptions, readCsv, readTsv } from './data/readers/read-csv.ts';
export { type JsonLinesOptions, readJsonLines } from './data/readers/read-json-lines.ts';
export {
  encodeRows,
  type TextClassification,
  type TextClassificationOptions,
  textClassification,
} from './data/text-classification.ts';
export type { WindowSize } from './data/windows.ts';
export { diagnosisChart, type Named as NamedDiagnosis } from './diagnosis/chart.ts';
export { type Diagnosis, type DiagnosisOptions, diagnose } from './diagnosis/diagnose.ts';
export { type DatedDiagnosis, diagnosis } from './diagnosis/diagnosis.ts';
export { type LayerTrace, type RowTrace, type Steps, type TraceOptions, trace } from './diagnosis/trace.ts';
export { type TraceChoice, traceChart } from './diagnosis/trace-chart.ts';
export { type UnrolledOptions, unrolled } from './diagrams/unrolled.ts';
export { type ErrorCode, errorCodes } from './errors.ts';
export { type CellWeights, cellWeights, type GateWeights } from './formats/cell-weights.ts';
export { type BahdanauGruOptions, bahdanauGru } from './layers/bahdanau-gru.ts';
export { type BidirectionalOptions, bidirectional } from './layers/bidirectional.ts';
export type { DecoderOptions } from './layers/decoder-weights.ts';
export { type DenseOptions, dense } from './layers/dense.ts';
export { type DropoutOptions, dropout } from './layers/dropout.ts';
export { type EmbeddingOptions, embedding } from './layers/embedding.ts';
export { type GruOptions, gru } from './layers/gru.ts';
export { indRnn } from './layers/ind-rnn.ts';
export { glorotUniform, type Initializer, orthogonal, uniform } from './layers/initializers.ts';
export type { InputGateOptions } from './layers/input-gates.ts';
export type { Flow, LayerDescription } from './layers/layer.ts';
export { type LayerNormalizationOptions, layerNormalization } from './layers/layer-normalization.ts';
export { type LstmOptions, lstm } from './layers/lstm.ts';
export { type LuongLstmOptions, luongLstm } from './layers/luong-lstm.ts';
export { minGru } from './layers/min-gru.ts';
export { minLstm } from './layers/min-lstm.ts';
export type { Parameter, Parameters } from './layers/parameter.ts';
export { type PenaltyOptions, penalty } from './layers/penalty.ts';
export { type QrnnOptions, qrnn } from './layers/qrnn.ts';
export type { RecurrentOptions } from './layers/recurrent.ts';
export {
  type CellDefinition,
  type CellDescription,
  type CellFactory,
  type CellOptions,
  type CellSizes,
  type ParameterSpec,
  recurrentCell,
} from './layers/recurrent-cell.ts';
export { rgLru } from './layers/rg-lru.ts';
export { type RnnOptions, rnn } from './layers/rnn.ts';
export { type HighwayOptions, highway, residual } from './layers/skip.ts';
export { sru } from './layers/sru.ts';
export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from './losses/binary-cross-entropy.ts';
export { type CrossEntropyOptions, crossEntropy } from './losses/cross-entropy.ts';
export { type Head, heads } from './losses/heads.ts';
export { type HuberOptions, huber } from './losses/huber.ts';
export type { Loss, LossOptions } from './losses/loss.ts';
export { meanAbsoluteError } from './losses/mean-absolute-error.ts';
export { meanSquaredError } from './losses/mean-squared-error.ts';
export { type SmoothL1Options, smoothL1 } from './losses/smooth-l1.ts';
export { type GraphInput, type GraphNode, type GraphOptions, graph } from './models/graph.ts';
export { type LoadOptions, load } from './models/load.ts';
export {
  type EvaluateOptions,
  type GenerateOptions,
  type InferenceOptions,
  Model,
  type ModelOptions,
  type Prediction,
  type PredictOptions,
  type TrainingSetup,
} from './models/model.ts';
export type { Notation } from './models/notation.ts';
export { sequential } from './models/sequential.ts';
export type { SummaryOptions } from './models/summary.ts';
export type { OnnxNode, OnnxTensor } from './onnx/node.ts';
export { onnxRecurrent } from './onnx/recurrent.ts';
export type { Reduction } from './ops/reduction.ts';
export { type AdadeltaOptions, adadelta } from './optimizers/adadelta.ts';
export { type AdagradOptions, adagrad } from './optimizers/adagrad.ts';
export { type AdamOptions, adam, adamw } from './optimizers/adam.ts';
export { type AdamaxOptions, adamax } from './optimizers/adamax.ts';
export { evolutionStrategy } from './optimizers/evolution-strategy.ts';
export { geneticAlgorithm } from './optimizers/genetic-algorithm.ts';
export { type LbfgsOptions, lbfgs } from './optimizers/lbfgs.ts';
export { type NadamOptions, nadam } from './optimizers/nadam.ts';
export type { Optimizer } from './optimizers/optimizer.ts';
export { type RmspropOptions, rmsprop } from './optimizers/rmsprop.ts';
export { type CosineDecayOptions, cosineDecay } from './optimizers/schedules/cosine-decay.ts';
export { type CosineRestartsOptions, cosineRestarts } from './optimizers/schedules/cosine-restarts.ts';
export { type ExponentialDecayOptions, exponentialDecay } from './optimizers/schedules/exponential-decay.ts';
export { type MilestonesOptions, milestones } from './optimizers/schedules/milestones.ts';
export { type OneCycleOptions, oneCycle } from './optimizers/schedules/one-cycle.ts';
export { type PlateauOptions, plateau } from './optimizers/schedules/plateau.ts';
export { type RampOptions, ramp } from './optimizers/schedules/ramp.ts';
export type { Figure, LearningRate, Schedule } from './optimizers/schedules/schedule.ts';
export { type StepDecayOptions, stepDecay } from './optimizers/schedules/step-decay.ts';
export { type WarmUpOptions, warmUp } from './optimizers/schedules/warm-up.ts';
export { type SgdOptions, sgd } from './optimizers/sgd.ts';
export type { Quantization } from './program/recording.ts';
export type { Random } from './random/random.ts';
export { type CharacterTokenizerOptions, characterTokenizer } from './text/character-tokenizer.ts';
export { Encoder, type EncoderData, type EncoderOptions } from './text/encoder.ts';
export { type PadOptions, padSequences, type Side, truncate } from './text/pad.ts';
export { Tokenizer, type TokenizerData } from './text/tokenizer.ts';
export { type WordTokenizerOptions, wordTokenizer, wordTokenizerFromIndex } from './text/word-tokenizer.ts';
export { bestCheckpoint } from './training/callbacks/best-checkpoint.ts';
export type { Callback, FitContext } from './training/callbacks/callback.ts';
export { type EarlyStoppingOptions, earlyStopping } from './training/callbacks/early-stopping.ts';
export { learningRateSchedule } from './training/callbacks/learning-rate-schedule.ts';
export type { Evaluation } from './training/evaluator.ts';
export type { FitOptions } from './training/fit.ts';
export type { EpochRecord, History } from './training/history.ts';
export { type TrainOptions, type TrainStep, train } from './training/train.ts';
