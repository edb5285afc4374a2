import { rangeError } from '../errors.ts';
import type { Recording } from '../program/recording.ts';
import { elementCount } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** The same finite numbers in every run, row-major: part of the program. */
export function constant(recording: Recording, shape: readonly number[], values: readonly number[]): Tensor {
  if (values.length === 0 || values.length !== elementCount(shape))
    throw rangeError('ERR_SHAPE', `constant: ${values.length} values for the shape [${shape.join(', ')}]`);
  const strange = values.findIndex(value => !Number.isFinite(value));
  if (strange >= 0)
    throw rangeError('ERR_ARGUMENT', `constant: values[${strange}] must be a finite number, got ${values[strange]}`);
  return recording.append({ name: 'constant' }, {}, { values }, { y: { shape } }).y!;
}
