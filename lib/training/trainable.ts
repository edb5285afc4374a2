import type { CarriedState, Flow } from '../layers/layer.ts';
import type { Parameters } from '../layers/parameter.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';

/** A stretch of sequences that began before it. */
export interface Stretch {
  /** Of its input; the name under which it is fed. */
  readonly layout: string;
  /** By the names of `carried`: what it starts from, and, once it is recorded, what it ends with. [batch, size] */
  readonly states: Record<string, Tensor>;
}

/** What training asks of a model. */
export interface Trainable {
  readonly parameters: Parameters;
  /** What it reads, by the names that data has for it. */
  readonly inputs: Readonly<Record<string, Flow>>;
  readonly output: Flow;
  /** Records the model from its input feeds to its outputs before any loss: logits, for classifiers. */
  record(recording: Recording, stretch?: Stretch): Tensor;
  /** What each layer gives, by its name; where a model has named layers. */
  readonly layers?: ReadonlyMap<string, Flow>;
  /** As `record`; all that `layers` names. */
  recordLayers?(recording: Recording, stretch?: Stretch): ReadonlyMap<string, Tensor>;
  /** The states that go from one stretch of sequences to the next. @throws ERR_ARGUMENT where a layer needs them in one piece */
  readonly carried?: Readonly<Record<string, CarriedState>>;
  /** Writes the model as one file, atomically. */
  save(path: string): Promise<void>;
}
