import type { Executable } from '../backend/backend.ts';
import type { Batch } from '../data/batches.ts';
import type { Loss } from '../losses/loss.ts';
import { type Quantization, Recording } from '../program/recording.ts';
import { answersPerRow, type BatchLoss, bindInputs, bindLoss, headOf, readLoss, recordLoss } from './feeds.ts';
import type { Trainable } from './trainable.ts';

/** Means over all rows that count. */
export interface Evaluation {
  readonly loss: number;
  /** Share of rows predicted rightly; undefined where the loss is not a classifier's. */
  readonly accuracy: number | undefined;
  readonly rows: number;
  /** The same of each output, where the loss is of several. */
  readonly heads?: Readonly<Record<string, Evaluation>>;
}

/** A model with a loss, for measuring. */
export class Evaluator {
  private readonly model: Trainable;
  private readonly loss: Loss;
  private readonly executable: Executable;

  constructor(model: Trainable, loss: Loss, { quantize }: { readonly quantize?: Quantization | undefined } = {}) {
    this.model = model;
    this.loss = loss;
    const recording = new Recording('infer', { quantize });
    recordLoss(recording, model, loss);
    this.executable = model.parameters.backend.load(recording.finish(), { parameters: model.parameters.storage });
  }

  async run(batches: Iterable<Batch>, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Evaluation> {
    const mean = new RunningMean(this.loss, this.model);
    const { precision } = this.model.parameters.backend;
    for (const batch of batches) {
      const input = bindInputs(batch, this.model.inputs, precision);
      const values = { ...input.values, ...bindLoss(batch, this.loss, this.model, precision) };
      const results = await this.executable.run({ sizes: input.sizes, values }, signal ? { signal } : {});
      mean.add(readLoss(results, batch, this.loss, this.model));
    }
    return mean.value;
  }
}

/** Adds up what batches report into means over rows. */
export class RunningMean {
  private loss = 0;
  private weight = 0;
  private correct: number | undefined;
  private rows = 0;
  private readonly answersPerRow: number;
  private readonly heads: ReadonlyMap<string, RunningMean>;

  constructor(loss: Loss, model: Pick<Trainable, 'output' | 'layers'>) {
    const heads = Object.entries(loss.heads ?? {});
    this.heads = new Map(heads.map(([name, { loss }]) => [name, new RunningMean(loss, headOf(model, name))]));
    this.answersPerRow = answersPerRow(loss, model);
  }

  add({ loss, weight, rows, correct, heads = {} }: BatchLoss): void {
    for (const [name, of] of Object.entries(heads)) this.heads.get(name)!.add(of);
    this.loss += loss * weight;
    this.weight += weight;
    this.rows += rows;
    if (correct !== undefined) this.correct = (this.correct ?? 0) + correct;
  }

  get value(): Evaluation {
    const { weight, rows, correct } = this;
    return {
      loss: weight > 0 ? this.loss / weight : 0,
      accuracy: correct === undefined || rows === 0 ? undefined : correct / (rows * this.answersPerRow),
      rows,
      ...(this.heads.size > 0 && {
        heads: Object.fromEntries([...this.heads].map(([name, { value }]) => [name, value])),
      }),
    };
  }
}
