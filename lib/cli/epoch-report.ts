import type { Callback } from '../training/callbacks/callback.ts';
import type { EpochRecord } from '../training/history.ts';
import { whole } from './numbers.ts';
import { print } from './output.ts';

/** A JSON object per epoch. */
export const epochsAsJson: Callback = {
  onEpochEnd: ({ epoch, loss, accuracy, valLoss, valAccuracy, tokensPerSecond, seconds }) =>
    print(
      JSON.stringify({
        epoch,
        loss,
        accuracy,
        val_loss: valLoss,
        val_accuracy: valAccuracy,
        tokens_per_s: tokensPerSecond,
        seconds,
      }),
    ),
};

/** A line per epoch, under `epochTitles`. */
export const epochsAsTable: Callback = {
  onEpochEnd: (record, { epochs }) => print(epochLine(record, epochs)),
};

const columns: readonly { title: string; value: (record: EpochRecord, epochs: number) => string }[] = [
  { title: 'epoch', value: ({ epoch }, epochs) => `${epoch}/${epochs}` },
  { title: '   loss', value: ({ loss }) => loss.toFixed(4) },
  { title: 'accuracy', value: ({ accuracy }) => accuracy?.toFixed(3) ?? '' },
  { title: 'val. loss', value: ({ valLoss }) => valLoss?.toFixed(4) ?? '' },
  { title: 'val. accuracy', value: ({ valAccuracy }) => valAccuracy?.toFixed(3) ?? '' },
  { title: ' tokens/s', value: ({ tokensPerSecond }) => whole(tokensPerSecond) },
  { title: 'seconds', value: ({ seconds }) => seconds.toFixed(2) },
];

export const epochTitles = columns.map(({ title }) => title).join('  ');

function epochLine(record: EpochRecord, epochs: number): string {
  return columns.map(({ title, value }) => value(record, epochs).padStart(title.length)).join('  ');
}
