import type { Executable, NumberArray } from '../backend/backend.ts';
import type { Batch } from '../data/batches.ts';
import { unpackRows } from '../data/ragged.ts';
import { type Activation, activations } from '../layers/activation.ts';
import { soleInput } from '../layers/input.ts';
import { type Quantization, Recording } from '../program/recording.ts';
import { bindInputs } from '../training/feeds.ts';
import type { Trainable } from '../training/trainable.ts';

/** A model with the activation that turns its outputs into what users read. */
export class Predictor {
  private readonly model: Trainable;
  private readonly executable: Executable;

  constructor(
    model: Trainable,
    activation: Activation,
    { quantize }: { readonly quantize?: Quantization | undefined } = {},
  ) {
    this.model = model;
    const recording = new Recording('infer', { quantize });
    recording.result('output', activations[activation](model.record(recording)));
    this.executable = model.parameters.backend.load(recording.finish(), { parameters: model.parameters.storage });
  }

  /** Outputs of each row of the batch, in its order: [size], or [length, size] where the model gives one at every step. */
  async run(batch: Batch): Promise<NumberArray[]> {
    return this.split(batch, (await this.executable.run(this.bind(batch))).output!);
  }

  /** The same at once, on the calling thread. @throws ERR_BUSY while a run is writing the parameters */
  runSync(batch: Batch): NumberArray[] {
    return this.split(batch, this.executable.runSync(this.bind(batch)).output!);
  }

  private bind(batch: Batch) {
    return bindInputs(batch, this.model.inputs, this.model.parameters.backend.precision);
  }

  private split(batch: Batch, output: NumberArray): NumberArray[] {
    const { kind, size, layout = soleInput } = this.model.output;
    const along = batch.inputs[layout];
    if (kind === 'sequence' && along?.kind !== 'vector') return unpackRows(output, size, along!.layout);
    return Array.from({ length: batch.size }, (_, row) => output.slice(row * size, (row + 1) * size));
  }
}
