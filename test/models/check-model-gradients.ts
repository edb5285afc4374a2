import { expect } from 'chai';
import { type Batch, batches } from '../../lib/data/batches.ts';
import type { Dataset } from '../../lib/data/dataset.ts';
import type { Loss } from '../../lib/losses/loss.ts';
import { Recording } from '../../lib/program/recording.ts';
import { Random } from '../../lib/random/random.ts';
import { bindInputs, bindLoss } from '../../lib/training/feeds.ts';
import { recordGradients } from '../../lib/training/record-gradients.ts';
import type { Trainable } from '../../lib/training/trainable.ts';

const step = 1e-5;
const tolerance = 1e-6;
const elementsPerParameter = 12;

/**
 * Compares the gradients that training would use with central differences of the loss, masks of dropout held, for elements spread
 * over every parameter. The model's backend must be of float64. Parameters are drawn anew, so that none is zero.
 */
export function checkModelGradients(model: Trainable, data: Dataset, loss: Loss): void {
  const { parameters } = model;
  const { backend, spec } = parameters;
  const random = new Random(8);
  for (const parameter of parameters)
    parameter.write(Float64Array.from({ length: parameter.size }, () => 0.8 * random.normal()));
  const gradients = backend.allocate('real', spec.elements);
  const recording = new Recording('train');
  recordGradients(recording, model, loss);
  const executable = backend.load(recording.finish(), { parameters: parameters.storage, gradients });
  const [batch] = [...batches(data, { batchSize: data.length })] as [Batch];
  const { sizes, values } = bindInputs(batch, model.inputs, backend.precision);
  const feeds = {
    sizes,
    values: {
      ...values,
      ...bindLoss(batch, loss, model, backend.precision),
      clock: Int32Array.of(3, 0),
    },
  };
  const lossNow = () => executable.runSync(feeds).loss![0]!;
  lossNow();
  const analytic = Float64Array.from(gradients.array);
  const all = parameters.array;
  for (const { name, offset, size, trainable } of parameters) {
    if (!trainable) continue;
    const recorded = analytic.subarray(offset, offset + size);
    const scale = recorded.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    expect(scale, `∂L/∂${name}`).to.be.greaterThan(0);
    for (let k = 0; k < size; k += Math.max(1, Math.floor(size / elementsPerParameter))) {
      const before = all[offset + k]!;
      const at = (value: number) => {
        all[offset + k] = value;
        parameters.touch();
        return lossNow();
      };
      const slope = (at(before + step) - at(before - step)) / (2 * step);
      at(before);
      expect(
        Math.abs(slope - recorded[k]!) / Math.max(scale, 1e-3),
        `∂L/∂${name}[${k}]: recorded ${recorded[k]}, by finite differences ${slope}`,
      ).to.be.below(tolerance);
    }
  }
}
