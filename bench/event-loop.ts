import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Backend, batches, train } from '../lib/index.ts';
import { openBackend, parse, positive } from './command.ts';
import { trainingTask } from './contenders/recurra-training.ts';
import { startClient } from './http-client.ts';
import { machine } from './machine.ts';
import { workload } from './workloads.ts';

const requestsPerSecond = 200;

const help = `npm run bench -- event-loop [--json] [--backend native|js] [--seconds 10]

How well a process serves while it trains. An HTTP server answers ${requestsPerSecond} requests a second, which another process
sends, first alone and then while W2 trains flat out in the server's process. W2 on js is cut to 4 sequences of 32 steps, as a
full step takes seconds there. A phase lasts --seconds.

Two lines: training false, training true. With --json they are JSON:

  p50_ms p99_ms max_ms  between two turns of a timer that is due every millisecond (perf_hooks.monitorEventLoopDelay,
                        resolution 1 ms): 1 ms is an idle event loop
  http_p99_ms           from sending a request to its answer, as the client sees it
  tokens_per_s          false: training alone, measured before in a phase of its own without any server;
                        true: training beside the server`;

interface Observation {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  readonly http_p99_ms: number;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parse({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      backend: { type: 'string', default: 'native' },
      seconds: { type: 'string', default: '10' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const seconds = positive('seconds', values.seconds);
  const backend = openBackend(values.backend);
  (values.json ? console.error : console.log)(machine(backend));

  const server = createServer((_, response) => response.end('{"answer":42}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const training = new Training(backend);
    const alone = await training.during(() => sleep(seconds));
    const idle = await observe(port, seconds);
    let busy: Observation | undefined;
    const beside = await training.during(async () => {
      busy = await observe(port, seconds);
    });
    for (const line of [
      { training: false, ...idle, tokens_per_s: Math.round(alone) },
      { training: true, ...busy!, tokens_per_s: Math.round(beside) },
    ])
      console.log(values.json ? JSON.stringify(line) : describe(line));
    if (!values.json)
      console.log(`training beside the server: ${((100 * beside) / alone).toFixed(1)} % of training alone`);
  } finally {
    server.close();
    server.closeAllConnections();
    await backend.close();
  }
  return 0;
}

/** W2, trained for as long as something else lasts. */
class Training {
  private readonly task;

  constructor(backend: Backend) {
    const full = backend.name === 'native';
    this.task = trainingTask(workload(full ? 'W2' : 'W2-4x32')!, backend);
  }

  /** Tokens per second over the whole steps that lie within `meanwhile`, of which there are at least two. */
  async during(meanwhile: () => Promise<void>): Promise<number> {
    const { model, loss, optimizer, data } = this.task;
    const steps = train(model, epochs(data), { loss, optimizer });
    for (let warmUp = 0; warmUp < 2; warmUp++) await steps.next();
    let over = false;
    const other = meanwhile().finally(() => {
      over = true;
    });
    const start = performance.now();
    let tokens = 0;
    let count = 0;
    while (!over || count < 2) {
      tokens += (await steps.next()).value!.tokens;
      count++;
    }
    const ms = performance.now() - start;
    await other;
    return (tokens * 1000) / ms;
  }
}

/** Batches without end, each packed anew, as in training on real data. */
function* epochs(data: Parameters<typeof batches>[0]) {
  for (;;) yield* batches(data, { batchSize: data.length });
}

async function observe(port: number, seconds: number): Promise<Observation> {
  const client = startClient({ port, seconds, requestsPerSecond });
  await client.warm;
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const { p99 } = await client.done;
  delays.disable();
  const ms = (nanoseconds: number) => Number((nanoseconds / 1e6).toFixed(3));
  return {
    p50_ms: ms(delays.percentile(50)),
    p99_ms: ms(delays.percentile(99)),
    max_ms: ms(delays.max),
    http_p99_ms: Number(p99.toFixed(3)),
  };
}

function describe(line: Observation & { readonly training: boolean; readonly tokens_per_s: number }): string {
  const { training, p50_ms, p99_ms, max_ms, http_p99_ms, tokens_per_s } = line;
  return (
    `${training ? 'server beside training' : 'server alone          '}  event loop p50 ${p50_ms} ms, p99 ${p99_ms} ms, ` +
    `max ${max_ms} ms · http p99 ${http_p99_ms} ms · ${training ? '' : 'training alone '}${tokens_per_s.toLocaleString('en')} tokens/s`
  );
}

const sleep = (seconds: number) => new Promise<void>(resolve => setTimeout(resolve, seconds * 1000));
