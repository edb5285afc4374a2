import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { failure } from '../../errors.ts';

/** Character encoding of a file. 'latin1' is ISO 8859-1. */
export type Encoding = 'utf8' | 'latin1';

/**
 * The text of a file, piece by piece; gzip is known by its first bytes, a byte-order mark is dropped.
 * @throws ERR_FILE where the file cannot be read, ERR_FORMAT where its gzip is broken, ERR_DATA where it is not UTF-8
 */
export async function* readText(path: string, encoding: Encoding = 'utf8'): AsyncGenerator<string, void, undefined> {
  if (encoding === 'latin1') {
    for await (const bytes of readBytes(path)) yield bytes.toString('latin1');
    return;
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of readBytes(path)) yield decoder.decode(bytes, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (codeOf(error) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw failure('ERR_DATA', `${path}: is not UTF-8 text; if it is Latin-1, say encoding: 'latin1'`, error);
  }
}

async function* readBytes(path: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const bytes of await openBytes(path)) yield bytes as Buffer;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'Z_BUF_ERROR') throw failure('ERR_FORMAT', `${path}: the gzip file ends too early`, error);
    if (code?.startsWith('Z_')) throw failure('ERR_FORMAT', `${path}: the gzip file is corrupted`, error);
    throw failure('ERR_FILE', `${path}: ${reasons[code ?? ''] ?? (error as Error).message}`, error);
  }
}

async function openBytes(path: string): Promise<Readable> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(2), position: 0 });
    const stream = file.createReadStream({ start: 0 });
    if (bytesRead < 2 || buffer[0] !== 0x1f || buffer[1] !== 0x8b) return stream;
    return pipeline(stream, createGunzip(), () => {}); // an error destroys both streams and reaches their reader
  } catch (error) {
    await file.close();
    throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read',
};

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
