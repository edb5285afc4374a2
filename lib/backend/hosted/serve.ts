import { parentPort, workerData } from 'node:worker_threads';
import type { Request, Response, WorkerData } from './protocol.ts';
import { Cancelled, type Loaded, type Runnable } from './runnable.ts';

/** In the Worker of a backend: runs programs one after another, in the order in which they arrive. */
export function serve<Given>(host: (given: Given) => (loaded: Loaded) => Runnable): void {
  const open = host((workerData as WorkerData<Given>).given);
  const programs = new Map<number, () => Runnable>();
  parentPort!.on('message', (request: Request) => {
    if (request.kind === 'load')
      programs.set(
        request.program,
        openedWhenAskedFor(() => open(request)),
      );
    else if (request.kind === 'unload') programs.delete(request.program);
    else {
      const response = answer(programs.get(request.program)!, request);
      const results = 'results' in response ? Object.values(response.results) : [];
      parentPort!.postMessage(
        response,
        results.map(({ buffer }) => buffer as ArrayBuffer),
      );
    }
  });
}

/** What opening throws rejects the run that asks, and the next one asks again. */
function openedWhenAskedFor(open: () => Runnable): () => Runnable {
  let program: Runnable | undefined;
  return () => (program ??= open());
}

function answer(program: () => Runnable, { run, feeds, cancel }: Extract<Request, { kind: 'run' }>): Response {
  try {
    return { run, results: program().run(feeds, () => Atomics.load(cancel, 0) !== 0) };
  } catch (error) {
    if (error instanceof Cancelled) return { run, cancelled: true };
    return { run, error, code: (error as { code?: string }).code };
  }
}
