/** Networks: what they are made of, how they are trained, asked and saved. @module recurra */
export type { Backend, Executable, Feeds, Results, Storage } from './backend/backend.ts';
export { defaultBackend } from './backend/index.ts';
export { js } from './backend/js-backend.ts';
export { native } from './backend/native-backend.ts';
export { wasm } from './backend/wasm-backend.ts';
export { type CellName, cells } from './cells.ts';
export { type Batch, type BatchOptions, batches } from './data/batches.ts';
export { Dataset, dataset, holdOut } from './data/dataset.ts';
export { readCsv, readTsv } from './data/readers/read-csv.ts';
export { readJsonLines } from './data/readers/read-json-lines.ts';
export { encodeRows, type TextClassification, textClassification } from './data/text-classification.ts';
export type { WindowSize } from './data/windows.ts';
export { diagnosisChart, type Named as NamedDiagnosis } from './diagnosis/chart.ts';
export { type Diagnosis, type DiagnosisOptions, diagnose } from './diagnosis/diagnose.ts';
export { type DatedDiagnosis, diagnosis } from './diagnosis/diagnosis.ts';
export { type ErrorCode, errorCodes } from './errors.ts';
export { bidirectional } from './layers/bidirectional.ts';
export { dense } from './layers/dense.ts';
export { dropout } from './layers/dropout.ts';
export { embedding } from './layers/embedding.ts';
export { gru } from './layers/gru.ts';
export { indRnn } from './layers/ind-rnn.ts';
export { glorotUniform, orthogonal, uniform } from './layers/initializers.ts';
export { layerNormalization } from './layers/layer-normalization.ts';
export { lstm } from './layers/lstm.ts';
export { minGru } from './layers/min-gru.ts';
export { minLstm } from './layers/min-lstm.ts';
export { penalty } from './layers/penalty.ts';
export { qrnn } from './layers/qrnn.ts';
export {
  type CellDefinition,
  type CellFactory,
  type CellOptions,
  type CellSizes,
  type ParameterSpec,
  recurrentCell,
} from './layers/recurrent-cell.ts';
export { rgLru } from './layers/rg-lru.ts';
export { rnn } from './layers/rnn.ts';
export { highway, residual } from './layers/skip.ts';
export { sru } from './layers/sru.ts';
export { binaryCrossEntropy } from './losses/binary-cross-entropy.ts';
export { crossEntropy } from './losses/cross-entropy.ts';
export { type Head, heads } from './losses/heads.ts';
export { huber } from './losses/huber.ts';
export type { Loss } from './losses/loss.ts';
export { meanAbsoluteError } from './losses/mean-absolute-error.ts';
export { meanSquaredError } from './losses/mean-squared-error.ts';
export { smoothL1 } from './losses/smooth-l1.ts';
export { graph } from './models/graph.ts';
export { type LoadOptions, load } from './models/load.ts';
export { type InferenceOptions, Model, type Prediction } from './models/model.ts';
export { sequential } from './models/sequential.ts';
export type { OnnxNode, OnnxTensor } from './onnx/node.ts';
export { onnxRecurrent } from './onnx/recurrent.ts';
export { adadelta } from './optimizers/adadelta.ts';
export { adagrad } from './optimizers/adagrad.ts';
export { adam, adamw } from './optimizers/adam.ts';
export { adamax } from './optimizers/adamax.ts';
export { evolutionStrategy } from './optimizers/evolution-strategy.ts';
export { geneticAlgorithm } from './optimizers/genetic-algorithm.ts';
export { lbfgs } from './optimizers/lbfgs.ts';
export { nadam } from './optimizers/nadam.ts';
export type { Optimizer } from './optimizers/optimizer.ts';
export { rmsprop } from './optimizers/rmsprop.ts';
export { cosineDecay } from './optimizers/schedules/cosine-decay.ts';
export { cosineRestarts } from './optimizers/schedules/cosine-restarts.ts';
export { exponentialDecay } from './optimizers/schedules/exponential-decay.ts';
export { milestones } from './optimizers/schedules/milestones.ts';
export { oneCycle } from './optimizers/schedules/one-cycle.ts';
export { plateau } from './optimizers/schedules/plateau.ts';
export { ramp } from './optimizers/schedules/ramp.ts';
export type { LearningRate, Schedule } from './optimizers/schedules/schedule.ts';
export { stepDecay } from './optimizers/schedules/step-decay.ts';
export { warmUp } from './optimizers/schedules/warm-up.ts';
export { sgd } from './optimizers/sgd.ts';
export { characterTokenizer } from './text/character-tokenizer.ts';
export { Encoder } from './text/encoder.ts';
export { padSequences, truncate } from './text/pad.ts';
export { Tokenizer } from './text/tokenizer.ts';
export { wordTokenizer, wordTokenizerFromIndex } from './text/word-tokenizer.ts';
export { bestCheckpoint } from './training/callbacks/best-checkpoint.ts';
export type { Callback, FitContext } from './training/callbacks/callback.ts';
export { earlyStopping } from './training/callbacks/early-stopping.ts';
export { learningRateSchedule } from './training/callbacks/learning-rate-schedule.ts';
export type { FitOptions } from './training/fit.ts';
export type { EpochRecord, History } from './training/history.ts';
export { type TrainStep, train } from './training/train.ts';
