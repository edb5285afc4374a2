import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { rnn } from '../../lib/layers/rnn.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { load } from '../../lib/models/load.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { add } from '../../lib/ops/add.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { square } from '../../lib/ops/square.ts';
import { sum } from '../../lib/ops/sum.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { Recording } from '../../lib/program/recording.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { Random } from '../../lib/random/random.ts';
import { codeOf } from '../code-of.ts';
import { checkModelGradients } from '../models/check-model-gradients.ts';
import { raggedIds } from '../models/ragged-data.ts';

describe('shared weights', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());
  const tied = { of: 'embedding.weight', transposed: true } as const;
  const vocabulary = 7;
  const languageModel = (backend = exact) =>
    sequential(
      [
        embedding({ vocabulary, size: 4, paddingId: 0 }),
        lstm({ size: 4, output: 'sequence' }),
        dense({ size: vocabulary, weight: tied }),
      ],
      { backend, seed: 1 },
    );

  it('are one parameter, whose gradient comes from both places', () => {
    const model = languageModel();
    expect([...model.parameters].map(({ name }) => name)).to.not.include('dense.weight');
    const untied = sequential([embedding({ vocabulary, size: 4 }), lstm({ size: 4 }), dense({ size: vocabulary })], {
      backend: exact,
    });
    expect(untied.parameters.count - model.parameters.count).to.equal(vocabulary * 4);
    const everywhere = sequential([embedding({ vocabulary, size: 4 }), dense({ size: vocabulary, weight: tied })], {
      backend: exact,
    });
    const data = raggedIds({ vocabulary, classes: vocabulary, per: 'token' });
    checkModelGradients(everywhere, data, crossEntropy());
    const deep = [dense({ size: 4 }), dense({ size: 4, activation: 'tanh', weight: { of: 'dense.weight' } })];
    checkModelGradients(
      sequential([embedding({ vocabulary, size: 4 }), ...deep, dense({ size: vocabulary })], { backend: exact }),
      data,
      crossEntropy(),
    );
  });

  for (const [name, make] of [
    ['js', js],
    ['native', native],
  ] as const)
    it(`learn, and come back from their file, on ${name}`, async function () {
      if (name === 'native' && !addon) this.skip();
      const backend = make();
      const model = languageModel(backend as ReturnType<typeof js>);
      const data = raggedIds({ vocabulary, classes: vocabulary, per: 'token' });
      const { epochs } = await model.fit(data, {
        loss: crossEntropy(),
        optimizer: adam({ learningRate: 0.05 }),
        epochs: 60,
      });
      expect(epochs.at(-1)!.loss).to.be.lessThan(epochs[0]!.loss / 3);
      const folder = mkdtempSync(join(tmpdir(), 'recurra-'));
      await model.save(join(folder, 'model.safetensors'));
      const again = await load(join(folder, 'model.safetensors'), { backend });
      expect(await again.evaluate(data)).to.deep.equal(await model.evaluate(data));
      rmSync(folder, { recursive: true });
      await backend.close();
    });

  it('are refused where there are none, or none of that shape', () => {
    const build = (weight: { of: string; transposed?: boolean }) =>
      codeOf(() =>
        sequential([embedding({ vocabulary, size: 4 }), dense({ size: vocabulary, weight })], { backend: exact }),
      );
    expect(build(tied)).to.equal(undefined);
    expect(build({ of: 'embedding.weight' })).to.equal('ERR_SHAPE');
    expect(build({ of: 'dense.weight' })).to.equal('ERR_ARGUMENT');
  });

  for (const steps of [2, 3])
    it(`make a recurrent network of a feed-forward one for ${steps} characters`, async () => {
      const [inputSize, size] = [4, 5];
      const model = sequential([rnn({ size })], { backend: exact, inputSize, seed: 3 });
      const weights = ['rnn.inputWeight', 'rnn.recurrentWeight', 'rnn.bias'].map(name => model.parameter(name)!);
      const random = new Random(4);
      const letters = Array.from({ length: steps }, () =>
        Float64Array.from({ length: inputSize }, () => random.normal()),
      );

      // hₜ = tanh(xₜ·W + hₜ₋₁·R + b), written out layer by layer; untied, each layer has weights of its own.
      const feedForward = (share: boolean) => {
        const recording = new Recording('train');
        const layers: Tensor[][] = [];
        let h: Tensor | undefined;
        for (let t = 0; t < steps; t++) {
          const own = weights.map(({ name, shape }) => recording.feed(share ? name : `${name} ${t}`, shape));
          layers.push(h ? own : [own[0]!, own[2]!]);
          const [W, R, b] = own as [Tensor, Tensor, Tensor];
          const a = matmul(recording.feed(`x${t}`, [1, inputSize]), W, { bias: b });
          h = tanh(h ? add(a, matmul(h, R)) : a);
        }
        recording.result('h', h!);
        const wrt = [...new Set(layers.flat())];
        gradients(sum(square(h!)), wrt).forEach((gradient, index) => {
          recording.result(`∂${index}`, gradient);
        });
        const names = share ? [''] : Array.from({ length: steps }, (_, t) => ` ${t}`);
        const values = Object.fromEntries([
          ...letters.map((x, t) => [`x${t}`, x] as const),
          ...names.flatMap(suffix => weights.map(({ name, values }) => [`${name}${suffix}`, values] as const)),
        ]);
        const results = exact.load(recording.finish(), {}).runSync({ sizes: {}, values });
        const numbers = wrt.reduce(
          (count, { shape }) => count + shape.reduce<number>((n, extent) => n * Number(extent), 1),
          0,
        );
        return { results, numbers, wrt };
      };

      const [tiedNet, untied] = [feedForward(true), feedForward(false)];
      const [unrolled] = await model.predict({ sequences: [letters.map(x => [...x])] });
      unrolled!.forEach((value, k) => {
        expect(tiedNet.results.h![k]).to.be.closeTo(value, 1e-14);
      });
      expect(tiedNet.numbers).to.equal(model.parameters.count);
      expect(untied.numbers).to.equal(steps * (inputSize * size + size) + (steps - 1) * size * size);

      // The gradient of a shared weight is the sum over the places where it stands.
      const summed = new Float64Array(inputSize * size);
      untied.wrt.forEach((tensor, index) => {
        if (tensor.shape[0] !== inputSize) return;
        untied.results[`∂${index}`]!.forEach((value, k) => {
          summed[k]! += value;
        });
      });
      const at = tiedNet.wrt.findIndex(({ shape }) => shape[0] === inputSize);
      summed.forEach((value, k) => {
        expect(tiedNet.results[`∂${at}`]![k]).to.be.closeTo(value, 1e-12);
      });
    });
});
