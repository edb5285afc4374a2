import cliProgress from 'cli-progress';

const widestBar = 30;
const narrowestBar = 5;

/** One line of at most `width` columns: a bar of which a share is done, between words; without the bar where it has no room. */
export function barLine(before: string, share: number, after: string, width: number): string {
  const room = Math.min(widestBar, width - before.length - after.length - 2);
  if (room < narrowestBar) return (before + after.trimStart()).slice(0, width);
  const done = Math.floor(room * share);
  return `${before}${'━'.repeat(done)}${'─'.repeat(room - done)} ${after}`;
}

/** 45 %, in five columns */
export function percent(share: number): string {
  return `${Math.floor(100 * share)} %`.padStart(5);
}

/** A line that is drawn anew now and then from its start to its stop, and wiped out then; only on a terminal. */
export function liveLine(stream: NodeJS.WritableStream, line: (width: number) => string): cliProgress.SingleBar {
  return new cliProgress.SingleBar({
    stream,
    format: (_options, { maxWidth }) => line(maxWidth - 1),
    linewrap: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
}
