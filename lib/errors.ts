/** Every error that recurra throws carries one of these codes; docs/errors.md explains each. */
export const errorCodes = {
  ERR_ARGUMENT: 'an argument of the wrong kind or outside its range',
  ERR_SHAPE: 'tensors whose shapes do not fit the operation',
  ERR_FEED: 'a run was given too few, too many or unfitting feeds',
  ERR_INDEX: 'an integer input (token id, class, offset) lies outside its range',
  ERR_NO_GRADIENT: 'a gradient was asked for where none is defined',
  ERR_BUSY: 'the parameters are being written by a run that is still going',
  ERR_NON_FINITE: 'the loss or the gradient became infinite or NaN; nothing was written',
  ERR_CANCELLED: 'the run was cancelled; nothing was written',
  ERR_CLOSED: 'the backend was closed',
  ERR_MEMORY: 'memory for the run could not be allocated',
  ERR_BACKEND: 'the backend is not available or does not know an operation',
  ERR_FILE: 'a file could not be read or written',
  ERR_FORMAT: 'a file is truncated, corrupted or of another kind',
  ERR_DATA: 'data that cannot be used: empty, a missing column, a single class',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The wrong kind of thing. */
export function typeError(code: ErrorCode, message: string, cause?: unknown): TypeError & { code: ErrorCode } {
  return Object.assign(new TypeError(message, cause === undefined ? undefined : { cause }), { code });
}

/** The right kind of thing with a value or size that cannot be. */
export function rangeError(code: ErrorCode, message: string, cause?: unknown): RangeError & { code: ErrorCode } {
  return Object.assign(new RangeError(message, cause === undefined ? undefined : { cause }), { code });
}

/** Something outside the caller's arguments went wrong: a file, the machine, a run. */
export function failure(code: ErrorCode, message: string, cause?: unknown): Error & { code: ErrorCode } {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code });
}
