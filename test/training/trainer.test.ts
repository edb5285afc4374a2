import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { sequential } from '../../lib/models/sequential.ts';
import type { GradientOptions } from '../../lib/optimizers/optimizer.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
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
