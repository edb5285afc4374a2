import { failure, rangeError } from '../errors.ts';
import { nodeModule } from '../node.ts';
import { elementCount } from '../program/shape.ts';
import { atomicWrite } from './atomic-write.ts';

// safetensors: 8 bytes header length (little-endian), a JSON header {name: {dtype, shape, data_offsets}}, the data.
// https://github.com/huggingface/safetensors#format

const dtypes = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;

type DTypeName = keyof typeof dtypes;
export type TensorData = Float64Array | Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** The free-text `__metadata__` section. */
  readonly metadata: ReadonlyMap<string, string>;
}

const alignment = 64;
const largestHeader = 100_000_000;

/** Writes tensors and metadata as one file, atomically; each tensor's data starts at a multiple of its element size. */
export async function writeSafetensors(path: string, { tensors, metadata }: TensorFile): Promise<void> {
  const header: Record<string, unknown> = {};
  if (metadata.size > 0) header.__metadata__ = Object.fromEntries(metadata);
  const parts: Uint8Array[] = [];
  let offset = 0;
  // Wide elements first, so that no padding is needed between tensors.
  const ordered = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  for (const [name, { shape, data }] of ordered) {
    if (elementCount(shape) !== data.length)
      throw rangeError('ERR_SHAPE', `safetensors: ${name} has ${data.length} elements for shape [${shape.join(', ')}]`);
    header[name] = { dtype: nameOf(data), shape, data_offsets: [offset, offset + data.byteLength] };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Math.ceil((text.length + 8) / alignment) * alignment - 8;
  const start = Buffer.alloc(8 + length, ' ');
  start.writeBigUInt64LE(BigInt(length));
  text.copy(start, 8);
  await atomicWrite(path, [start, ...parts]);
}

/** Reads a whole file. @throws ERR_FILE where it cannot be read, ERR_FORMAT where it is truncated, corrupted or another kind */
export async function readSafetensors(path: string): Promise<TensorFile> {
  let bytes: Buffer;
  try {
    bytes = await nodeModule('node:fs/promises').readFile(path);
  } catch (error) {
    throw failure('ERR_FILE', `cannot read ${path}: ${(error as Error).message}`, error);
  }
  return decodeSafetensors(bytes, path);
}

/** @param name what errors call the file */
export function decodeSafetensors(bytes: Uint8Array, name: string): TensorFile {
  const fail = (why: string, cause?: unknown) => failure('ERR_FORMAT', `safetensors: ${name} ${why}`, cause);
  if (bytes.length < 8) throw fail(`has ${bytes.length} bytes; not a safetensors file`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > largestHeader) throw fail(`is not a safetensors file (its header would have ${length} bytes)`);
  if (8 + length > bytes.length)
    throw fail(`ends after ${bytes.length} bytes, but its header alone claims ${8 + length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw fail('is not a safetensors file (its header is not JSON)', error);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw fail('has a header that is not an object');

  const tensors = new Map<string, NamedTensor>();
  const metadata = new Map<string, string>();
  const data = bytes.subarray(8 + length);
  for (const [key, entry] of Object.entries(header)) {
    if (key === '__metadata__') {
      if (typeof entry !== 'object' || entry === null) throw fail('has metadata that is not an object');
      for (const [name, value] of Object.entries(entry)) metadata.set(name, String(value));
      continue;
    }
    tensors.set(key, tensor(key, entry, data, fail));
  }
  return { tensors, metadata };
}

function tensor(name: string, entry: unknown, data: Uint8Array, fail: (why: string) => Error): NamedTensor {
  const { dtype, shape, data_offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypes, dtype))
    throw fail(`has tensor ${name} of dtype ${String(dtype)}, which is not supported`);
  if (!isWholeNumbers(shape) || !isWholeNumbers(data_offsets) || data_offsets.length !== 2)
    throw fail(`has a malformed entry for tensor ${name}`);
  const [begin, end] = data_offsets as [number, number];
  const kind = dtypes[dtype as DTypeName];
  const expected = elementCount(shape) * kind.BYTES_PER_ELEMENT;
  if (end - begin !== expected)
    throw fail(`gives tensor ${name} ${end - begin} bytes, but its shape needs ${expected}`);
  if (end > data.length)
    throw fail(`is truncated: tensor ${name} ends at byte ${end} of the data, which has ${data.length}`);
  return { shape, data: new kind(new Uint8Array(data.subarray(begin, end)).buffer) };
}

function isWholeNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(item => Number.isSafeInteger(item) && item >= 0);
}

function nameOf(data: TensorData): DTypeName {
  const entry = Object.entries(dtypes).find(([, kind]) => data instanceof kind);
  return entry![0] as DTypeName;
}
