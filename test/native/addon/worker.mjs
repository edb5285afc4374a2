// What one worker thread of the lifecycle tests does, in plain JavaScript so that any Node runs it without a loader.
// `job` says what to be in the middle of when the parent ends the thread.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

const packageRoot = fileURLToPath(new URL('../../..', import.meta.url));
const addon = createRequire(import.meta.url)('node-gyp-build')(packageRoot);

/** `count` products of matrices of `size` rows and columns, one after the other. */
function program(count, size) {
  const matrix = (name, role) => ({ name, role, dtype: 'real', shape: [size, size] });
  const buffers = [matrix('x', 'feed'), matrix('y0', 'scratch'), matrix('y1', 'scratch'), matrix('y', 'result')];
  const product = (a, y) => ({
    op: 'matmul',
    attributes: { transposeA: false, transposeB: false },
    inputs: { a, b: 0 },
    outputs: { y },
  });
  const steps = [product(0, 1)];
  for (let i = 0; i < count; i++) steps.push(product(1 + (i % 2), 2 - (i % 2)));
  steps.push(product(1 + (count % 2), 3));
  return { sizes: [], storages: [], buffers, steps, commit: steps.length, checks: [] };
}

/** An engine with a program of `count` products; `run` queues it. */
export function start({ threads = 2, count, size = 256 }) {
  const bytes = size * size * 4;
  const engine = new addon.Engine({ threads, isa: addon.isas[0] });
  const handle = engine.load(program(count, size), []);
  engine.plan(handle, Float64Array.of(-1, 0, bytes, 2 * bytes), 3 * bytes);
  const cancel = new Int32Array(new SharedArrayBuffer(4));
  const run = (done = () => {}) => engine.run(handle, [], [new Float32Array(size * size)], cancel, done);
  const runSync = () => engine.runSync(handle, [], [new Float32Array(size * size)]);
  const shared = () => new Float32Array(new SharedArrayBuffer(bytes));
  const bind = () => {
    const bound = engine.bind(handle, [], [shared()], [shared()]);
    return () => bound(); // V8 looks for an interruption where a function of JavaScript begins
  };
  return { engine, run, runSync, bind };
}

if (!isMainThread) {
  const { job } = workerData;
  if (job === 'answer') {
    start({ count: 2 }).run((error, results) => parentPort.postMessage(error ?? results[0].length));
  } else if (job === 'run') {
    const { run } = start({ count: 10_000 });
    for (let i = 0; i < 3; i++) run();
    parentPort.postMessage('running');
  } else if (job === 'runSync') {
    const { runSync } = start({ count: 10 });
    parentPort.postMessage('running');
    for (;;) runSync();
  } else if (job === 'bound') {
    const bound = start({ count: 10 }).bind();
    parentPort.postMessage('running');
    for (;;) bound();
  } else if (job === 'limits') {
    addon.limits({ threads: 2, isa: addon.isas[0] }, 2 ** 20);
    parentPort.postMessage('measuring');
  } else if (job === 'deliver') {
    const { run } = start({ threads: 1, count: 0 });
    const again = () => run(again);
    for (let i = 0; i < 20; i++) again();
    parentPort.postMessage('running');
  }
}
