import { type ErrorCode, failure, rangeError } from '../errors.ts';

const ofValues: ReadonlySet<string> = new Set<ErrorCode>(['ERR_ARGUMENT', 'ERR_SHAPE', 'ERR_FEED', 'ERR_INDEX']);

/** What the engine, native or in WebAssembly, says went wrong: a RangeError where a value is at fault. */
export function engineError(code: ErrorCode, message: string): Error & { code: ErrorCode } {
  return ofValues.has(code) ? rangeError(code, message) : failure(code, message);
}
