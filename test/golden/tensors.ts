import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { failure } from '../../lib/errors.ts';

/** An array of a case. Whatever its type in the file, its values are exact as float64. */
export interface Stored {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

const readers: Readonly<Record<string, { bytes: number; read: (view: DataView, at: number) => number }>> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  I64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
};

/** Reads a safetensors file, on purpose without the library's own reader. @throws ERR_FILE, ERR_FORMAT */
export function readTensors(path: string): Map<string, Stored> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw failure('ERR_FILE', `${path} cannot be read`, cause);
  }
  const fail = (why: string) => failure('ERR_FORMAT', `${basename(path)}: ${why}`);
  const headerBytes = bytes.length < 8 ? Number.NaN : Number(bytes.readBigUInt64LE(0));
  if (!(8 + headerBytes <= bytes.length))
    throw fail(`ends after ${bytes.length} bytes, within its header; expected a safetensors file`);
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes));
  } catch (cause) {
    throw failure('ERR_FORMAT', `${basename(path)}: its header is not JSON`, cause);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + 8 + headerBytes, bytes.length - 8 - headerBytes);
  const tensors = new Map<string, Stored>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets } = entry;
    const reader = readers[dtype];
    if (!reader) throw fail(`${name} has dtype ${dtype}, expected one of ${Object.keys(readers).join(', ')}`);
    const [start, stop] = data_offsets;
    const count = shape.reduce((product, extent) => product * extent, 1);
    if (stop - start !== count * reader.bytes)
      throw fail(`${name} has ${stop - start} bytes, expected ${count * reader.bytes} for ${dtype} [${shape}]`);
    if (stop > view.byteLength)
      throw fail(`ends ${stop - view.byteLength} bytes before the end of ${name}; the file is truncated`);
    const values = Float64Array.from({ length: count }, (_, index) => reader.read(view, start + index * reader.bytes));
    tensors.set(name, { shape, values });
  }
  return tensors;
}
