import type { Recording } from '../program/recording.ts';
import type { Shape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** Every element of a new tensor is `value`. */
export function fill(recording: Recording, shape: Shape, value: number): Tensor {
  return recording.append({ name: 'fill' }, {}, { value }, { y: { shape } }).y!;
}
