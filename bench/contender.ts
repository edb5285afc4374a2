import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Launch } from './contenders.ts';
import type { Answer } from './serve.ts';
import type { Workload } from './workloads.ts';

/** Why a contender does not get a time. */
export class Dropped extends Error {
  readonly kind: 'absent' | 'failed';

  constructor(kind: 'absent' | 'failed', reason: string) {
    super(reason);
    this.kind = kind;
  }
}

const running = new Set<ChildProcess>();

/** Nothing survives this process, whichever way it ends: children also leave when their input closes. */
function keep(child: ChildProcess): void {
  if (running.size === 0) {
    process.once('exit', killAll);
    for (const signal of signals) process.once(signal, leave);
  }
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size > 0) return;
    process.off('exit', killAll);
    for (const signal of signals) process.off(signal, leave);
  });
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const leave = () => process.exit(130);
const killAll = () => {
  for (const child of running) child.kill('SIGKILL');
};

/** A contender in a process of its own; serve.ts has the other side of the conversation. */
export class Contender {
  /** Version and settings, once started. */
  settings = '';
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private complaint = '';

  private constructor({ command, args, environment }: Launch, workload: Workload, threads: number) {
    const description = Object.entries({ ...workload, threads }).map(([key, value]) => `${key}=${value}`);
    this.child = spawn(command, [...args, ...description], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, OMP_NUM_THREADS: String(threads), ...environment },
    });
    keep(this.child);
    this.child.on('error', error => this.hear(error.message));
    this.child.stdin!.on('error', () => {}); // a child that has died is noticed by its silence
    this.child.stderr!.on('data', chunk => this.hear(String(chunk)));
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** @throws Dropped where it is not installed or does not start in time */
  static async start(launch: Launch, workload: Workload, threads: number, limitMs: number): Promise<Contender> {
    const contender = new Contender(launch, workload, threads);
    try {
      const { ready } = (await contender.reply(limitMs, 'start')) as { ready: string };
      contender.settings = ready;
      return contender;
    } catch (error) {
      contender.stop();
      throw error;
    }
  }

  /** What it computes from the common weights and data. */
  async answer(limitMs: number): Promise<Answer> {
    this.child.stdin!.write('answer\n');
    return (await this.reply(limitMs, 'answer')) as Answer;
  }

  /** Milliseconds of as many steps as fit into the budget, at least one. */
  async time(budgetMs: number, warmUp: number, limitMs: number): Promise<number[]> {
    this.child.stdin!.write(`time ${budgetMs} ${warmUp}\n`);
    return ((await this.reply(limitMs, 'time')) as { ms: number[] }).ms;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private hear(text: string): void {
    this.complaint = (this.complaint + text).slice(-4000);
  }

  private async reply(limitMs: number, doing: string): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Dropped('failed', `${doing}: no reply within ${limitMs / 1000} s`)), limitMs);
    });
    try {
      const { value, done } = await Promise.race([this.lines.next(), late]);
      if (done) throw new Dropped('failed', `${doing}: ${await this.lastWords()}`);
      const message = JSON.parse(value) as Record<string, unknown>;
      if (typeof message.absent === 'string') throw new Dropped('absent', message.absent);
      return message;
    } catch (error) {
      if (error instanceof Dropped) throw error;
      throw new Dropped('failed', `${doing}: ${error instanceof Error ? error.message : error}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The line of its standard error that names the error, or how it ended. */
  private async lastWords(): Promise<string> {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null)
      await new Promise(resolve => this.child.once('close', resolve).once('error', resolve));
    const lines = this.complaint.split('\n').filter(line => line.trim() !== '');
    return (
      lines.findLast(line => /error/i.test(line))?.trim() ??
      lines.at(-1)?.trim() ??
      `ended with ${this.child.signalCode ?? `exit code ${this.child.exitCode}`}`
    );
  }
}
