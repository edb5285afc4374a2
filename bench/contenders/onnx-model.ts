import type { Workload } from '../workloads.ts';

/** A weight of the model: dimensions and values. */
export interface Initializer {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

const float = 1;
const opset = 14;
const irVersion = 7;

/** An ONNX file of one LSTM, GRU or RNN node: X [T, B, I] → Y [T, 1, B, H], or with a carried state, H0 (and C0) → YH (and YC). */
export function oneLayer(workload: Workload, weights: Readonly<Record<'W' | 'R' | 'B', Initializer>>): Uint8Array {
  const { cell, reset, steps, batch, inputSize, size, task } = workload;
  const carried = task !== 'stream' ? [] : cell === 'lstm' ? ['H', 'C'] : ['H'];
  const inputs = ['X', 'W', 'R', 'B', ...(carried.length > 0 ? ['', ...carried.map(name => `${name}0`)] : [])];
  const outputs = carried.length > 0 ? ['', ...carried.map(name => `Y${name}`)] : ['Y'];
  const state = [1, batch, size];
  const node = message(
    ...inputs.map(name => text(1, name)),
    ...outputs.map(name => text(2, name)),
    text(4, cell.toUpperCase()),
    bytes(5, integerAttribute('hidden_size', size)),
    ...(cell === 'gru' ? [bytes(5, integerAttribute('linear_before_reset', reset === 'after' ? 1 : 0))] : []),
  );
  const graph = message(
    bytes(1, node),
    text(2, 'layer'),
    ...Object.entries(weights).map(([name, { dims, values }]) => bytes(5, tensor(name, dims, values))),
    bytes(11, valueInfo('X', [steps, batch, inputSize])),
    ...carried.map(name => bytes(11, valueInfo(`${name}0`, state))),
    ...outputs
      .filter(name => name !== '')
      .map(name => bytes(12, valueInfo(name, name === 'Y' ? [steps, ...state] : state))),
  );
  return message(integer(1, irVersion), bytes(7, graph), bytes(8, message(integer(2, opset))));
}

function integerAttribute(name: string, value: number): Uint8Array {
  const kind = 2;
  return message(text(1, name), integer(3, value), integer(20, kind));
}

function tensor(name: string, dims: readonly number[], values: Float32Array): Uint8Array {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message(...dims.map(extent => integer(1, extent)), integer(2, float), text(8, name), bytes(9, raw));
}

function valueInfo(name: string, dims: readonly number[]): Uint8Array {
  const shape = message(...dims.map(extent => bytes(1, message(integer(1, extent)))));
  return message(text(1, name), bytes(2, message(bytes(1, message(integer(1, float), bytes(2, shape))))));
}

// Protocol buffers: a field is its number and wire type, then a varint or a length and bytes.

const message = (...fields: readonly Uint8Array[]): Uint8Array => Buffer.concat(fields);

function varint(value: number): number[] {
  const groups: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) groups.push((value % 128) + 128);
  return [...groups, value];
}

const integer = (field: number, value: number) => Uint8Array.from([...varint(field * 8), ...varint(value)]);

const bytes = (field: number, value: Uint8Array) =>
  message(Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length)]), value);

const text = (field: number, value: string) => bytes(field, Buffer.from(value));
