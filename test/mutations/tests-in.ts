import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The test files of a folder, from the root of the project. */
export function testsIn(folder: string, name = /./): string[] {
  const path = join(root, folder);
  const files = existsSync(path) ? readdirSync(path) : [];
  return files.filter(file => file.endsWith('.test.ts') && name.test(file)).map(file => `${folder}/${file}`);
}

/** What watches over operations of the native backend, those that notice soonest first. */
export const nativeOperationTests: readonly string[] = [
  'test/golden/golden.test.ts',
  'test/backend/native.test.ts',
  ...testsIn('test/native/ops'),
  ...testsIn('test/native/engine'),
];
