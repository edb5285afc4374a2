import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure, rangeError } from '../errors.ts';

/**
 * Finds out before the work, not after it, that a file cannot be written.
 * @throws ERR_FILE where its folder does not exist or is not writable, or the path is a folder
 */
export async function expectWritable(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw failure(
      'ERR_FILE',
      `cannot write ${path}: ${code === 'ENOENT' ? `there is no folder ${folder}` : (error as Error).message}`,
      error,
    );
  }
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) throw failure('ERR_FILE', `cannot write ${path}: it is a folder`);
}

/** @throws ERR_ARGUMENT where two of these paths are one file */
export function expectDifferentFiles(paths: Readonly<Record<string, string | undefined>>): void {
  const names = new Map<string, string>();
  for (const [name, path] of Object.entries(paths)) {
    if (path === undefined) continue;
    const other = names.get(resolve(path));
    if (other) throw rangeError('ERR_ARGUMENT', `${other} and ${name} are both ${path}; give them different files`);
    names.set(resolve(path), name);
  }
}
