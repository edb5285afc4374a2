import { rangeError, typeError } from '../errors.ts';
import { expectArray, readRealNumbers, readWholeNumbers } from './column.ts';
import type { DatasetInput, DatasetTargets, TargetRows } from './dataset.ts';
import type { RealArray } from './ragged.ts';
import { rowCount } from './read-inputs.ts';

type Inputs = Readonly<Record<string, DatasetInput>>;

/** What is read of a row: numbers, and how many of them stand together. */
interface Numbers {
  readonly values: Int32Array | RealArray;
  readonly width: number;
}

/** @throws ERR_DATA where there are other numbers of targets than rows or, per token, than steps of an input */
export function readTargets(arrays: TargetRows, inputs: Inputs): DatasetTargets | undefined {
  const { classes, targets, weights, per = 'sequence' } = arrays;
  const given = classes ?? targets;
  if (given === undefined) {
    if (weights !== undefined)
      throw typeError('ERR_DATA', 'dataset: weights need the classes or targets that they are of');
    return undefined;
  }
  if (classes !== undefined && targets !== undefined)
    throw typeError('ERR_DATA', 'dataset: expected classes or targets, got both');
  const name = classes === undefined ? 'targets' : 'classes';
  const read = (values: unknown, name: string): Numbers =>
    classes === undefined
      ? readRealNumbers(values as ArrayLike<number> | readonly ArrayLike<number>[], name)
      : { values: readWholeNumbers(values as ArrayLike<number>, name), width: 1 };

  const length = rowCount(Object.values(inputs)[0]!);
  if (per === 'sequence') {
    const { values } = read(given, name);
    const size = length === 0 ? 1 : values.length / length;
    if (!Number.isInteger(size) || size < 1 || (classes !== undefined && size !== 1))
      throw rangeError('ERR_DATA', `dataset: ${values.length} ${name} for ${length} rows`);
    if (weights === undefined) return { per, size, values };
    return { per, size, values, weights: readWeights(weights, 'weights', length) };
  }
  if (Object.values(inputs).every(({ kind }) => kind === 'vector'))
    throw rangeError('ERR_DATA', "dataset: vectors have no steps; per: 'token' needs ids or sequences");
  if (given.length !== length) throw rangeError('ERR_DATA', `dataset: ${given.length} ${name} for ${length} rows`);
  const rows = Array.from({ length }, (_, at) => read(given[at], `${name}[${at}]`));
  const found = { per, ...alongAnInput(name, rows, inputs) };
  if (weights === undefined) return found;
  expectArray(weights, 'weights');
  if (weights.length !== length) throw rangeError('ERR_DATA', `dataset: ${weights.length} weights for ${length} rows`);
  const each = found.rows.map((row, at) => readWeights(weights[at], `weights[${at}]`, row.length / found.size));
  return { ...found, weights: each };
}

function readWeights(given: unknown, name: string, length: number): RealArray {
  const { values, width } = readRealNumbers(given as ArrayLike<number>, name);
  if (values.length !== length || (width !== 1 && length > 0))
    throw rangeError(
      'ERR_DATA',
      `dataset: ${name} has ${values.length} numbers, expected ${length}, one for each target`,
    );
  const strange = values.findIndex((weight: number) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (strange >= 0)
    throw rangeError('ERR_DATA', `dataset: ${name}[${strange}] must be a number of at least 0, got ${values[strange]}`);
  return values;
}

/** Targets of each step of one input or another; which one, the model that is trained on them says. */
function alongAnInput(name: string, rows: readonly Numbers[], inputs: Inputs) {
  const wide = name === 'targets';
  const fits = Object.entries(inputs).flatMap(([input, of]) =>
    of.kind === 'vector'
      ? []
      : [
          {
            input,
            ...fit(
              rows,
              of.rows.map(row => row.length / of.size),
              wide,
            ),
          },
        ],
  );
  const fitting = fits.filter(({ misfit }) => misfit < 0);
  // Four numbers may be one for each of four steps, or two for each of two: as they are given is what is meant.
  const width = Math.max(1, ...rows.map(row => row.width));
  const found = fitting.find(({ size }) => size === width) ?? fitting[0];
  if (found) return { size: found.size, rows: rows.map(({ values }) => values) };
  if (fits.length > 1)
    throw rangeError(
      'ERR_DATA',
      `dataset: the lengths of ${name} are those of no input; expected as many in each row as it has steps in one of ${fits.map(({ input }) => input).join(', ')}`,
    );
  const { misfit, steps, size } = fits[0]!;
  throw rangeError(
    'ERR_DATA',
    `dataset: ${name}[${misfit}] has ${rows[misfit]!.values.length} numbers for ${steps[misfit]} steps; expected ${Math.ceil(size)} a step`,
  );
}

/** How many numbers a step has, and the first row that does not have as many for each. @param wide whether they may be several */
function fit(rows: readonly Numbers[], steps: readonly number[], wide: boolean) {
  const first = wide ? steps.findIndex(length => length > 0) : -1;
  const size = first < 0 ? 1 : rows[first]!.values.length / steps[first]!;
  const misfit = rows.findIndex(({ values }, at) => values.length !== steps[at]! * size || !Number.isInteger(size));
  return { size, steps, misfit };
}
