import cliProgress from 'cli-progress';
import type { Callback } from '../training/callbacks/callback.ts';
import { whole } from './numbers.ts';

/** An epoch under way. */
export interface EpochProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Means over the rows met so far; undefined before the first. */
  readonly loss: number | undefined;
  readonly accuracy: number | undefined;
  /** Tokens met so far. */
  readonly tokens: number;
  readonly seconds: number;
}

const widestBar = 30;
const narrowestBar = 5;

/** One line of at most `width` columns: a bar, loss and accuracy so far, tokens/s, time left. */
export function progressLine(progress: EpochProgress, width: number): string {
  const { epoch, epochs, step, steps, loss, accuracy, tokens, seconds } = progress;
  const figures = [`${Math.floor((100 * step) / steps)} %`.padStart(5)];
  if (loss !== undefined) figures.push(`loss ${loss.toFixed(4)}`);
  if (accuracy !== undefined) figures.push(`accuracy ${accuracy.toFixed(3)}`);
  if (seconds > 0 && tokens > 0) figures.push(`${whole(tokens / seconds)} tokens/s`);
  if (step === steps) figures.push('validating');
  else if (step > 0) figures.push(`${clock((seconds / step) * (steps - step))} left`);
  const before = `${`${epoch}/${epochs}`.padStart(5)}  `;
  const after = figures.join('  ');
  const room = Math.min(widestBar, width - before.length - after.length - 2);
  if (room < narrowestBar) return (before + after.trimStart()).slice(0, width);
  const done = Math.floor((room * step) / steps);
  return `${before}${'━'.repeat(done)}${'─'.repeat(room - done)} ${after}`;
}

/** Draws an epoch's progress while it is under way, and wipes it out after; draws only on a terminal. */
export function progressBar(stream: NodeJS.WritableStream): Callback {
  let progress: EpochProgress;
  let start = 0;
  let rows = 0;
  let lossSum = 0;
  let correctSum = 0;
  const bar = new cliProgress.SingleBar({
    stream,
    format: (_options, { maxWidth }) =>
      progressLine({ ...progress, seconds: (performance.now() - start) / 1000 }, maxWidth - 1),
    linewrap: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
  return {
    onEpochStart({ epoch, epochs, stepsPerEpoch: steps }) {
      progress = { epoch, epochs, step: 0, steps, loss: undefined, accuracy: undefined, tokens: 0, seconds: 0 };
      start = performance.now();
      rows = lossSum = correctSum = 0;
      bar.start(steps, 0);
    },
    onStep(step) {
      rows += step.rows;
      lossSum += step.loss * step.rows;
      if (step.correct !== undefined) correctSum += step.correct;
      progress = {
        ...progress,
        step: progress.step + 1,
        loss: lossSum / rows,
        accuracy: step.correct === undefined ? undefined : correctSum / rows,
        tokens: progress.tokens + step.tokens,
      };
      bar.update(progress.step);
    },
    onEpochEnd: () => bar.stop(),
    onEnd: () => bar.stop(),
  };
}

/** 0:07, 12:30, 1:02:03 */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  if (hours > 0) parts.unshift(hours);
  return parts.map((part, index) => (index === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':');
}
