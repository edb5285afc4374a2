import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { sequential } from '../../lib/models/sequential.ts';
import type { GradientOptions } from '../../lib/optimizers/optimizer.ts';
import { cosineDecay } from '../../lib/optimizers/schedules/cosine-decay.ts';
import { rateAt } from '../../lib/optimizers/schedules/index.ts';
import { plateau } from '../../lib/optimizers/schedules/plateau.ts';
import type { LearningRate } from '../../lib/optimizers/schedules/schedule.ts';
import { stepDecay } from '../../lib/optimizers/schedules/step-decay.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { learningRateSchedule } from '../../lib/training/callbacks/learning-rate-schedule.ts';
import { train } from '../../lib/training/train.ts';
import { Trainer } from '../../lib/training/trainer.ts';

describe('a trainer', () => {
  const backend = js({ precision: 'float64' });
  after(() => backend.close());
  const data = dataset({ vectors: [[3, -4]], targets: [[100]] });

  /** One step of plain descent from zeros: what is taken off the weight and the bias, and the norm that is reported. */
  async function oneStep(options: GradientOptions) {
    const model = sequential([dense({ size: 1 })], { backend, inputSize: 2 });
    const [weight, bias] = [model.parameter('dense.weight')!, model.parameter('dense.bias')!];
    weight.write([0, 0]);
    const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 1, ...options }) });
    const { gradientNorm } = await trainer.step([...batches(data)][0]!);
    return { weight: [...weight.values], bias: bias.values[0]!, gradientNorm };
  }

  it('steps along the gradient', async () => {
    const { weight, bias, gradientNorm } = await oneStep({});
    expect(weight).to.deep.equal([600, -800]);
    expect(bias).to.equal(200);
    expect(gradientNorm).to.be.closeTo(Math.hypot(600, 800, 200), 1e-9);
  });

  it('clips the joint norm', async () => {
    const { weight, bias, gradientNorm } = await oneStep({ clipNorm: 1 });
    expect(Math.hypot(...weight, bias)).to.be.closeTo(1, 1e-6);
    expect(bias / weight[0]!).to.be.closeTo(1 / 3, 1e-9);
    expect(gradientNorm).to.be.closeTo(Math.hypot(600, 800, 200), 1e-9);
  });

  it("clips the norm of each parameter's gradient by itself", async () => {
    const { weight, bias, gradientNorm } = await oneStep({ clipParameterNorm: 500 });
    expect(weight[0]).to.be.closeTo(300, 1e-6);
    expect(weight[1]).to.be.closeTo(-400, 1e-6);
    expect(bias).to.equal(200);
    expect(gradientNorm).to.be.closeTo(Math.hypot(600, 800, 200), 1e-9);
  });

  it('clips each element', async () => {
    const { weight, bias } = await oneStep({ clipValue: 300 });
    expect([...weight, bias]).to.deep.equal([300, -300, 200]);
  });

  it('refuses to clip both norms', () => {
    expect(() => sgd({ clipNorm: 1, clipParameterNorm: 1 }))
      .to.throw(RangeError, 'sgd: give clipNorm or clipParameterNorm, not both')
      .with.property('code', 'ERR_ARGUMENT');
    expect(() => sgd({ clipParameterNorm: -1 })).to.throw(RangeError, 'clipParameterNorm must be a positive number');
  });
});

describe('a learning-rate schedule in training', () => {
  const backend = js();
  after(() => backend.close());
  const vectors = Array.from({ length: 12 }, (_, k) => [Math.sin(k), Math.cos(k)]);
  const data = dataset({ vectors, targets: vectors.map(([a, b]) => [a! - b!]) });
  const loss = meanSquaredError();
  const model = () => sequential([dense({ size: 1 })], { seed: 1, backend, inputSize: 2 });
  const optimizer = sgd({ learningRate: cosineDecay({ rate: 0.5, steps: 8 }), momentum: 0.9 });

  it('sets the rate of every update, and goes on where it was left', async () => {
    const whole = model();
    const rates: number[] = [];
    const losses: number[] = [];
    for await (const step of train(whole, batches(data, { batchSize: 2 }), { loss, optimizer })) {
      rates.push(step.learningRate);
      losses.push(step.loss);
    }
    rates.forEach((rate, t) => {
      expect(rate).to.equal(rateAt(optimizer.schedule!, { steps: t, epochs: [] }));
    });
    const parted = model();
    const all = [...batches(data, { batchSize: 2 })];
    const resumed: number[] = [];
    for (const part of [all.slice(0, 2), all.slice(2)])
      for await (const step of train(parted, part, { loss, optimizer })) resumed.push(step.loss);
    expect(resumed).to.deep.equal(losses);
    expect(parted.parameters.array).to.deep.equal(whole.parameters.array);
  });

  it('counts epochs and watches their figures, through fit', async () => {
    const scheduled = (learningRate: LearningRate) =>
      model().fit(data, { loss, optimizer: sgd({ learningRate }), epochs: 4, batchSize: 4, validation: data });
    const byEpoch = await scheduled(stepDecay({ rate: 0.1, every: 2, factor: 0.5, per: 'epoch' }));
    expect(byEpoch.epochs.map(({ learningRate }) => learningRate)).to.deep.equal([0.1, 0.1, 0.05, 0.05]);
    const watching = await scheduled(plateau({ rate: 1e-9, patience: 0, factor: 0.5 })); // a rate that changes nothing
    expect(watching.epochs.map(({ learningRate }) => learningRate)).to.deep.equal([1e-9, 1e-9, 5e-10, 2.5e-10]);
  });

  it('gives way to a rate that a callback sets', async () => {
    const halved = await model().fit(data, {
      loss,
      optimizer: sgd({ learningRate: cosineDecay({ rate: 0.5, steps: 8 }) }),
      epochs: 2,
      callbacks: [learningRateSchedule((epoch, rate) => rate / 2 ** epoch)],
    });
    expect(halved.epochs.map(({ learningRate }) => learningRate)).to.deep.equal([0.25, 0.125]);
  });
});
