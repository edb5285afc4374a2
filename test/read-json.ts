import { readFileSync } from 'node:fs';
import { failure } from '../lib/errors.ts';

/** @param expected what the file should be, for the error where there is none */
export function readJson(path: string, expected: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw failure('ERR_FILE', `${path} cannot be read; expected ${expected}`, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failure('ERR_FORMAT', `${path}: is not JSON`, cause);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
