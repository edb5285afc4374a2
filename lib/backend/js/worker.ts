import { parentPort, workerData } from 'node:worker_threads';
import { Cancelled, Interpreter } from './interpreter.ts';
import { Memory } from './memory.ts';
import type { Request, Response, WorkerData } from './protocol.ts';

// Runs programs one after another, in the order in which they arrive.

const { precision } = workerData as WorkerData;
const memory = new Memory();
const programs = new Map<number, Interpreter>();

parentPort!.on('message', (request: Request) => {
  if (request.kind === 'load') programs.set(request.program, new Interpreter(request, precision, memory));
  else if (request.kind === 'unload') programs.delete(request.program);
  else {
    const response = answer(request);
    const results = 'results' in response ? Object.values(response.results) : [];
    parentPort!.postMessage(
      response,
      results.map(({ buffer }) => buffer as ArrayBuffer),
    );
  }
});

function answer({ run, program, feeds, cancel }: Extract<Request, { kind: 'run' }>): Response {
  try {
    return { run, results: programs.get(program)!.run(feeds, () => Atomics.load(cancel, 0) !== 0) };
  } catch (error) {
    if (error instanceof Cancelled) return { run, cancelled: true };
    return { run, error, code: (error as { code?: string }).code };
  }
}
