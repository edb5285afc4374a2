/** The code of the error that a function throws; undefined when it throws none. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? `no code: ${error}`;
  }
  return undefined;
}
