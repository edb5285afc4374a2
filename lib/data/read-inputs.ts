import { rangeError, typeError } from '../errors.ts';
import { expectArray, readRealNumbers, readWholeNumbers } from './column.ts';
import type { DatasetInput, InputRows, OneInputRows } from './dataset.ts';
import { mapNamed } from './map-named.ts';

const kinds = ['ids', 'sequences', 'vectors'] as const;

/** @throws ERR_DATA where rows are of different widths, or inputs of different counts */
export function readInputs(rows: InputRows): Record<string, DatasetInput> {
  if (!('inputs' in rows)) return { input: readInput(rows) };
  if (kinds.some(kind => kind in rows))
    throw typeError('ERR_DATA', 'dataset: where there are inputs, each has its ids, sequences or vectors inside');
  const inputs = mapNamed(rows.inputs, (of, name) => readInput(of, `${name}.`));
  const [first, ...others] = Object.entries(inputs);
  if (!first) throw typeError('ERR_DATA', 'dataset: inputs has no input');
  const [name, input] = first;
  for (const [other, of] of others)
    if (rowCount(of) !== rowCount(input))
      throw rangeError(
        'ERR_DATA',
        `dataset: ${name} has ${rowCount(input)} rows, ${other} has ${rowCount(of)}; row i of one goes with row i of the other`,
      );
  return inputs;
}

export function rowCount(input: DatasetInput): number {
  return 'rows' in input ? input.rows.length : input.values.length / input.size;
}

/** @param prefix of what errors call the arrays */
function readInput(arrays: OneInputRows, prefix = ''): DatasetInput {
  const given = kinds.filter(kind => kind in arrays);
  if (given.length !== 1)
    throw typeError(
      'ERR_DATA',
      `dataset: expected one of ${prefix}ids, ${prefix}sequences and ${prefix}vectors, got ${given.join(' and ') || 'none'}`,
    );
  const name = prefix + given[0]!;
  if ('ids' in arrays) {
    expectArray(arrays.ids, name);
    return { kind: 'ids', size: 1, rows: arrays.ids.map((row, at) => readWholeNumbers(row, `${name}[${at}]`)) };
  }
  if ('vectors' in arrays) {
    const { values, width } = readRealNumbers(arrays.vectors, name);
    return { kind: 'vector', size: width, values };
  }
  expectArray(arrays.sequences, name);
  const read = arrays.sequences.map((row, at) => readRealNumbers(row, `${name}[${at}]`));
  const size = arrays.size ?? read.find(({ values }) => values.length > 0)?.width ?? 1;
  if (!Number.isInteger(size) || size < 1)
    throw rangeError('ERR_DATA', `dataset: ${prefix}size must be a whole number of at least 1, got ${size}`);
  read.forEach(({ values, width }, at) => {
    if ((width !== size && width !== 1) || values.length % size !== 0)
      throw rangeError(
        'ERR_DATA',
        `dataset: ${name}[${at}] has ${width === 1 ? `${values.length} numbers` : `${width} numbers a step`}, expected ${size} a step`,
      );
  });
  return { kind: 'sequence', size, rows: read.map(({ values }) => values) };
}
