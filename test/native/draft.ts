import { expect } from 'chai';
import { errorCodes } from '../../lib/errors.ts';
import type { ProgramData } from '../../lib/program/program.ts';
import { codeOf } from '../code-of.ts';

/** A program to be spoilt. */
export type Draft = {
  -readonly [K in keyof ProgramData]: Mutable<ProgramData[K]>;
};
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** Walks down by taking each number modulo the keys there are, and writes what it ends at. */
export function put(target: object, path: readonly number[], value: unknown): void {
  const [first = 0, ...rest] = path;
  const keys = Object.keys(target);
  if (keys.length === 0) return;
  const key = keys[first % keys.length] as keyof typeof target;
  const inner: unknown = target[key];
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) put(inner, rest, value);
  else Object.assign(target, { [key]: value });
}

/** Either nothing is thrown or an error with one of the project's codes. */
export function expectCode(run: () => void): void {
  const code = codeOf(run);
  if (code !== undefined) expect(Object.keys(errorCodes)).to.include(code);
}
