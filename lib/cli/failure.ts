import { CommanderError } from 'commander';
import type { ErrorCode } from '../errors.ts';
import { Interrupted } from './interrupt.ts';

/** Errors that another request or other data would not meet. */
const refusals: readonly ErrorCode[] = ['ERR_ARGUMENT', 'ERR_DATA', 'ERR_FILE', 'ERR_FORMAT', 'ERR_BACKEND'];

/** How a command ends that threw. */
export interface Failure {
  /** 0 after `--help`; 2 where the request or its data cannot be served; 130 after Ctrl-C; 1 for all else. */
  readonly exitCode: number;
  /** What to say, in one line; undefined where nothing is left to say. */
  readonly line: string | undefined;
}

/** The one place that turns errors into exit codes. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError && error.exitCode === 0) return { exitCode: 0, line: undefined };
  const line = oneLine(error instanceof Error ? error.message : String(error));
  if (error instanceof CommanderError) return { exitCode: 2, line: line.replace(/^error: /, '') };
  if (error instanceof Interrupted) return { exitCode: error.exitCode, line };
  const { code } = (error ?? {}) as { code?: ErrorCode };
  return { exitCode: code && refusals.includes(code) ? 2 : 1, line };
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
