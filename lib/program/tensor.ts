import type { Layout, Recording } from './recording.ts';
import { type DType, describeShape, type Shape } from './shape.ts';

/** A value that a program will compute: symbolic while recording, numbers only when a backend runs the program. */
export class Tensor {
  readonly recording: Recording;
  /** Number of its buffer in the program. */
  readonly buffer: number;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(recording: Recording, buffer: number, shape: Shape, dtype: DType) {
    this.recording = recording;
    this.buffer = buffer;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** The sequence layout of its rows, where the first axis runs over the tokens of a ragged batch. */
  get layout(): Layout | undefined {
    const leading = this.shape[0];
    return typeof leading === 'string' ? this.recording.layoutOf(leading) : undefined;
  }

  toString(): string {
    return `%${this.buffer}${describeShape(this.shape)}`;
  }
}
