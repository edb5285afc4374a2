import type { Callback } from '../training/callbacks/callback.ts';
import { barLine, liveLine, percent } from './bar.ts';
import { clock, whole } from './numbers.ts';

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

/** One line of at most `width` columns: a bar, loss and accuracy so far, tokens/s, time left. */
export function progressLine(progress: EpochProgress, width: number): string {
  const { epoch, epochs, step, steps, loss, accuracy, tokens, seconds } = progress;
  const figures = [percent(step / steps)];
  if (loss !== undefined) figures.push(`loss ${loss.toFixed(4)}`);
  if (accuracy !== undefined) figures.push(`accuracy ${accuracy.toFixed(3)}`);
  if (seconds > 0 && tokens > 0) figures.push(`${whole(tokens / seconds)} tokens/s`);
  if (step === steps) figures.push('validating');
  else if (step > 0) figures.push(`${clock((seconds / step) * (steps - step))} left`);
  return barLine(`${`${epoch}/${epochs}`.padStart(5)}  `, step / steps, figures.join('  '), width);
}

/** Draws an epoch's progress while it is under way, and wipes it out after; draws only on a terminal. */
export function progressBar(stream: NodeJS.WritableStream): Callback {
  let progress: EpochProgress;
  let start = 0;
  let rows = 0;
  let lossSum = 0;
  let correctSum = 0;
  const bar = liveLine(stream, width =>
    progressLine({ ...progress, seconds: (performance.now() - start) / 1000 }, width),
  );
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
