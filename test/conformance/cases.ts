import { failure } from '../../lib/errors.ts';
import type { OnnxNode, OnnxTensor } from '../../lib/onnx/node.ts';
import { isRecord, readJson } from '../read-json.ts';

/** A node, what goes in and what must come out; or, where it must fail, a node that has to be refused. */
export interface ConformanceCase {
  readonly id: string;
  readonly node: OnnxNode;
  readonly inputs: Readonly<Record<string, OnnxTensor>>;
  /** Those that are compared. */
  readonly outputs: Readonly<Record<string, OnnxTensor>>;
  readonly mustFail: boolean;
}

export interface ConformanceFile {
  /** A number passes where it deviates by at most atol + rtol·|expected|. */
  readonly tolerance: { readonly atol: number; readonly rtol: number };
  readonly cases: readonly ConformanceCase[];
}

const schema = 'onnx-rnn-cases/1';

/** Element types by ONNX's own names, where they are others. */
const aliases: Readonly<Record<string, string>> = { float: 'float32', double: 'float64' };

/**
 * Reads a file of cases. What is wrong with a node or its tensors is the operator's to find; here, only that a case is one.
 * @throws ERR_FILE, ERR_FORMAT
 */
export function readConformance(path: string): ConformanceFile {
  const file = readJson(path, 'a file of cases');
  const fail = (why: string) => failure('ERR_FORMAT', `${path}: ${why}`);
  if (!isRecord(file) || file.schema !== schema) throw fail(`is not a file of cases (schema "${schema}")`);
  const { tolerance, cases } = file;
  const isBound = (value: unknown): value is number => typeof value === 'number' && value >= 0;
  if (!isRecord(tolerance) || !isBound(tolerance.atol) || !isBound(tolerance.rtol))
    throw fail('has no tolerance {atol, rtol} of numbers of at least 0');
  if (!Array.isArray(cases) || cases.length === 0) throw fail('has no cases');
  return {
    tolerance: { atol: tolerance.atol, rtol: tolerance.rtol },
    cases: cases.map((entry: unknown, index): ConformanceCase => {
      if (!isRecord(entry) || typeof entry.id !== 'string') throw fail(`case ${index} has no id`);
      const { id, op_type: opType, attributes = {}, inputs, outputs = {}, must_fail: mustFail = false } = entry;
      if (typeof opType !== 'string') throw fail(`${id} has no op_type`);
      if (!isRecord(attributes)) throw fail(`${id}: its attributes are not an object`);
      if (typeof mustFail !== 'boolean')
        throw fail(`${id}: must_fail is ${JSON.stringify(mustFail)}, expected true or false`);
      const tensors = (what: string, given: unknown) => {
        if (!isRecord(given)) throw fail(`${id} has no ${what}`);
        return Object.fromEntries(
          Object.entries(given).map(([name, tensor]) => {
            if (!isTensor(tensor)) throw fail(`${id}: ${name} is not a tensor {shape, dtype, data} of numbers`);
            return [name, { ...tensor, dtype: (aliases[tensor.dtype] ?? tensor.dtype) as OnnxTensor['dtype'] }];
          }),
        );
      };
      const expected = tensors('outputs', outputs);
      if (!mustFail && Object.keys(expected).length === 0) throw fail(`${id} expects nothing`);
      const node = { opType, attributes: attributes as OnnxNode['attributes'] };
      return { id, node, inputs: tensors('inputs', inputs), outputs: expected, mustFail };
    }),
  };
}

function isTensor(value: unknown): value is { shape: number[]; dtype: string; data: number[] } {
  const numbers = (list: unknown) => Array.isArray(list) && list.every(one => typeof one === 'number');
  return isRecord(value) && numbers(value.shape) && typeof value.dtype === 'string' && numbers(value.data);
}
