import { once } from 'node:events';

const brokenPipe = 128 + 13;

/** A line of results on stdout; resolves when there is room for the next. */
export async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

/** A line for people, on stderr, where it mixes with no results. */
export function notice(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends the process quietly when what reads its output goes away, as `head` does: Node ignores SIGPIPE. */
export function endOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(brokenPipe);
      throw error;
    });
}
