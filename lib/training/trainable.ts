import type { Flow } from '../layers/layer.ts';
import type { Parameters } from '../layers/parameter.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';

/** What training asks of a model. */
export interface Trainable {
  readonly parameters: Parameters;
  readonly input: Flow;
  readonly output: Flow;
  /** Records the model from its input feeds to its outputs before any loss: logits, for classifiers. */
  record(recording: Recording): Tensor;
  /** Writes the model as one file, atomically. */
  save(path: string): Promise<void>;
}
