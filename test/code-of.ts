/** The code of the error that a function throws; undefined when it throws none. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return code(error);
  }
  return undefined;
}

/** The code with which a promise is rejected; undefined when it is not. */
export function codeOfRejection(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(() => undefined, code);
}

function code(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : `no code: ${error}`;
}
