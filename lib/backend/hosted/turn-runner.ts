import type { Feeds, Results } from '../backend.ts';
import type { LoadedProgram } from './loaded-program.ts';
import type { Runner } from './runner.ts';

/** Runs programs on the calling thread, each in a turn of the event loop of its own: in a browser. */
export class TurnRunner implements Runner {
  readonly #pending = new Set<{ readonly program: LoadedProgram }>();
  #last: Promise<unknown> = Promise.resolve();

  get pending(): LoadedProgram[] {
    return Array.from(this.#pending, ({ program }) => program);
  }

  run(program: LoadedProgram, { sizes, values }: Feeds, signal: AbortSignal | undefined): Promise<Results> {
    const copies = Object.fromEntries(Object.entries(values).map(([name, array]) => [name, array.slice()]));
    const waiting = { program };
    this.#pending.add(waiting);
    const work = () => {
      signal?.throwIfAborted();
      return program.here.run({ sizes, values: copies });
    };
    const running = this.#last
      .then(nextTurn)
      .then(work)
      .finally(() => this.#pending.delete(waiting));
    this.#last = running.catch(() => undefined);
    return running;
  }

  async close(): Promise<void> {
    await this.#last;
  }
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0));
}
