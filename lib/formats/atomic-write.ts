import { failure } from '../errors.ts';
import { nodeModule } from '../node.ts';

/**
 * Writes a file as a whole or not at all: into a neighbour that takes its place once everything is on disk.
 * @throws ERR_FILE naming the path and the reason; the old file, if any, is then untouched
 */
export async function atomicWrite(path: string, parts: readonly (string | Uint8Array)[]): Promise<void> {
  const { randomBytes } = nodeModule('node:crypto');
  const { open, rename, rm } = nodeModule('node:fs/promises');
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw failure('ERR_FILE', `cannot write ${path}: ${(error as Error).message}`, error);
  }
}
