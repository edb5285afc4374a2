/** What the signal of an interrupted command is aborted with. */
export class Interrupted extends Error {
  /** 128 and the number of the system's signal, as shells count. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('interrupted');
    this.exitCode = exitCode;
  }
}

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const)
    process.once(name, () => controller.abort(new Interrupted(128 + number)));
  return controller.signal;
}
