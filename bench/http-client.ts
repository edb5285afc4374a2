import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
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

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const endOfHead = '\r\n\r\n';

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

/**
 * Sends at a fixed rate, whether or not earlier requests have been answered, on one connection that stays: on a small machine a
 * client that costs much measures itself. The answers come in the order of the requests, each with one header block.
 */
async function send({ port, requestsPerSecond, seconds }: Traffic): Promise<Latency> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  const total = requestsPerSecond * (1 + seconds);
  const sent: number[] = [];
  const ms: number[] = [];
  let received = '';
  const answered = new Promise<void>((resolve, reject) => {
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      const parts = (received + chunk).split(endOfHead);
      received = parts.pop()!;
      for (const _ of parts) ms.push(performance.now() - sent[ms.length]!);
      if (ms.length === total) resolve();
    });
    socket.once('error', reject).once('close', () => reject(new Error('the server closed the connection')));
  });
  const start = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(total, Math.ceil(((performance.now() - start) * requestsPerSecond) / 1000));
    while (sent.length < due) {
      if (sent.length === requestsPerSecond) process.send!({ warm: true } satisfies Message);
      sent.push(performance.now());
      socket.write(request);
    }
  }, 1000 / requestsPerSecond);
  await answered;
  clearInterval(timer);
  socket.destroy();
  const measured = ms.slice(requestsPerSecond).sort((a, b) => a - b);
  const at = (share: number) => measured[Math.min(measured.length - 1, Math.floor(share * measured.length))]!;
  return { p50: at(0.5), p99: at(0.99), max: measured.at(-1)!, requests: measured.length };
}

const [, file, traffic] = process.argv;
if (file === fileURLToPath(import.meta.url)) {
  process.once('disconnect', () => process.exit()); // its parent is gone
  process.send!({ latency: await send(JSON.parse(traffic!)) } satisfies Message);
  process.disconnect();
}
