import { atomicWrite } from '../formats/atomic-write.ts';
import { historyChart } from '../plots/history-chart.ts';
import type { Evaluation } from './evaluator.ts';

/** What an epoch came to. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean training loss over the epoch's rows, as they were met, dropout included. */
  readonly loss: number;
  readonly accuracy?: number;
  readonly valLoss?: number;
  readonly valAccuracy?: number;
  /** Of each output, where the loss is of several. */
  readonly heads?: Readonly<Record<string, Evaluation>>;
  readonly valHeads?: Readonly<Record<string, Evaluation>>;
  /** Of the epoch's last update. */
  readonly learningRate: number;
  /** Tokens (rows, where there is no time) per second of training. */
  readonly tokensPerSecond: number;
  /** Training and validation together. */
  readonly seconds: number;
}

/** Everything `fit` measured, epoch by epoch. */
export class History {
  readonly epochs: EpochRecord[] = [];

  get last(): EpochRecord | undefined {
    return this.epochs.at(-1);
  }

  /** Writes training and validation curves as an SVG picture. */
  async plot(path: string): Promise<void> {
    await atomicWrite(path, [historyChart(this.epochs)]);
  }
}
