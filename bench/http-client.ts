import { fork } from 'node:child_process';
import { Agent, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Traffic {
  readonly port: number;
  readonly requestsPerSecond: number;
  /** How long requests are measured; those of a second before are not. */
  readonly seconds: number;
}

/** Milliseconds from sending a request to the end of its answer. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly requests: number;
}

type Message = { warm: boolean } | { latency: Latency };

/** Sends requests from a process of its own. `warm` resolves when measuring begins, `done` when it has ended. */
export function startClient(traffic: Traffic): { warm: Promise<boolean>; done: Promise<Latency> } {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(traffic)]);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const heard = <T>(pick: (message: Message) => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      child.on('message', (message: Message) => {
        const picked = pick(message);
        if (picked !== undefined) resolve(picked);
      });
      child.once('exit', code => reject(new Error(`the HTTP client ended with exit code ${code} before it was done`)));
    });
  const warm = heard(message => ('warm' in message ? message.warm : undefined));
  const done = heard(message => ('latency' in message ? message.latency : undefined));
  done.catch(() => {}); // whoever waits for `warm` hears of it there
  return { warm, done };
}

/** Sends at a fixed rate, whether or not earlier requests have been answered. */
async function send({ port, requestsPerSecond, seconds }: Traffic): Promise<Latency> {
  const agent = new Agent({ keepAlive: true });
  const total = requestsPerSecond * (1 + seconds);
  const pending: Promise<number>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < total; sent++) {
    const due = start + (sent * 1000) / requestsPerSecond;
    if (due > performance.now()) await setTimeout(due - performance.now());
    if (sent === requestsPerSecond) process.send!({ warm: true } satisfies Message);
    pending.push(request(agent, port));
  }
  const ms = (await Promise.all(pending)).slice(requestsPerSecond).sort((a, b) => a - b);
  agent.destroy();
  const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))]!;
  return { p50: at(0.5), p99: at(0.99), max: ms.at(-1)!, requests: ms.length };
}

function request(agent: Agent, port: number): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get({ agent, port, host: '127.0.0.1' }, response => {
      response.resume().once('end', () => resolve(performance.now() - start));
    }).once('error', reject);
  });
}

const [, file, traffic] = process.argv;
if (file === fileURLToPath(import.meta.url)) {
  process.once('disconnect', () => process.exit()); // its parent is gone
  process.send!({ latency: await send(JSON.parse(traffic!)) } satisfies Message);
  process.disconnect();
}
