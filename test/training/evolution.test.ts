import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Backend, Executable } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { dense } from '../../lib/layers/dense.ts';
import { dropout } from '../../lib/layers/dropout.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import { penalty } from '../../lib/layers/penalty.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { load } from '../../lib/models/load.ts';
import type { Model } from '../../lib/models/model.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { evolutionStrategy } from '../../lib/optimizers/evolution-strategy.ts';
import { geneticAlgorithm } from '../../lib/optimizers/genetic-algorithm.ts';
import type { Optimizer } from '../../lib/optimizers/optimizer.ts';
import { stepDecay } from '../../lib/optimizers/schedules/step-decay.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Random } from '../../lib/random/random.ts';
import { streams } from '../../lib/random/streams.ts';
import { train, trainerOf } from '../../lib/training/train.ts';
import { Trainer } from '../../lib/training/trainer.ts';

const backends: Readonly<Record<string, () => Backend>> = {
  'js in float32': () => js(),
  'js in float64': () => js({ precision: 'float64' }),
  ...(addon ? { native: () => native() } : {}),
};

const optimizers: Readonly<Record<string, (seed?: number) => Optimizer>> = {
  'a genetic algorithm': seed => geneticAlgorithm({ population: 60, mutation: 0.3, seed: seed ?? 1 }),
  'an evolution strategy': seed =>
    evolutionStrategy({ population: 40, sigma: 0.3, learningRate: 0.3, momentum: 0.5, seed: seed ?? 1 }),
};

const loss = binaryCrossEntropy();

/** Every sequence of four signs; its class says whether the first two differ. */
function firstTwoDiffer() {
  const sequences = Array.from({ length: 16 }, (_, bits) => [0, 1, 2, 3].map(at => [(bits >> at) % 2 === 0 ? -1 : 1]));
  return dataset({ sequences, classes: sequences.map(([one, other]) => (one![0] === other![0] ? 0 : 1)) });
}

const data = firstTwoDiffer();
const whole = { loss, batchSize: 16, shuffle: false };
const network = (backend: Backend) =>
  sequential([gru({ size: 4 }), dense({ size: 1 })], { seed: 3, backend, inputSize: 1 });

/** The weights after some updates on the whole of the data. */
async function weightsAfter(epochs: number, optimizer: Optimizer, backend: Backend) {
  const model = network(backend);
  await model.fit(data, { ...whole, optimizer, epochs });
  return model.parameters.array;
}

for (const [what, optimizer] of Object.entries(optimizers)) {
  for (const [name, open] of Object.entries(backends))
    describe(`${what} on ${name}`, () => {
      let backend: Backend;
      before(() => {
        backend = open();
      });
      after(() => backend.close());

      it('learns an exclusive or of remembered steps, by a program without gradients', async () => {
        const model = network(backend);
        const { epochs } = await model.fit(data, { ...whole, optimizer: optimizer(), epochs: 80 });
        const { loss: solved, accuracy } = await model.evaluate(data);
        expect(accuracy).to.equal(1);
        expect(solved).to.be.below(epochs[0]!.loss / 5);
        const { program } = new Trainer(model, { loss, optimizer: optimizer() });
        expect(program.storages.map(({ name }) => name)).to.deep.equal(['parameters']);
      });

      it('goes on where it was, called again or with its states taken elsewhere', async () => {
        const straight = await weightsAfter(6, optimizer(), backend);
        const model = network(backend);
        await model.fit(data, { ...whole, optimizer: optimizer(), epochs: 3 });
        const file = join(tmpdir(), `recurra-evolution-${process.pid}.safetensors`);
        await model.save(file);
        const { steps, states } = trainerOf(model, { loss, optimizer: optimizer() });
        const copies = Object.entries(states).map(([state, { array }]) => [state, array.slice()] as const);

        const elsewhere = await load(file, { backend });
        rmSync(file);
        const trainer = trainerOf(elsewhere, { loss, optimizer: optimizer() });
        trainer.steps = steps;
        expect(copies.map(([state]) => state)).to.deep.equal(optimizer().states);
        for (const [state, values] of copies) trainer.states[state]!.array.set(values);
        for (const each of [model, elsewhere]) {
          await each.fit(data, { ...whole, optimizer: optimizer(), epochs: 3 });
          expect(each.parameters.array).to.deep.equal(straight);
        }
      });

      it('leaves frozen parameters alone, also those that are written meanwhile', async () => {
        const layers = [gru({ size: 3 }), dense({ size: 2, trainable: false }), dense({ size: 1 })];
        const model = sequential(layers, { seed: 3, backend, inputSize: 1 });
        const weight = model.parameter('dense.weight')!;
        const head = [...model.parameters].at(-2)!;
        const [frozen, start] = [weight.values.slice(), head.values.slice()];
        await model.fit(data, { ...whole, optimizer: optimizer(), epochs: 2 });
        expect(weight.values).to.deep.equal(frozen);
        expect(head.values).not.to.deep.equal(start);
        weight.write(frozen.fill(0.25));
        await model.fit(data, { ...whole, optimizer: optimizer(), epochs: 2 });
        expect(weight.values).to.deep.equal(frozen);
      });

      it('writes nothing where the loss is not finite, or where it is aborted', async () => {
        const model = network(backend);
        const before = model.parameters.array.slice();
        const reason = new Error('enough');
        const aborted = model.fit(data, { ...whole, optimizer: optimizer(), signal: AbortSignal.abort(reason) });
        expect(await aborted.catch(error => error)).to.equal(reason);
        const abort = new AbortController();
        const late = model.fit(data, { ...whole, optimizer: optimizer(), signal: abort.signal });
        const { executable } = trainerOf(model, { loss, optimizer: optimizer() }) as unknown as {
          executable: Executable;
        };
        const run = executable.run.bind(executable);
        let runs = 0;
        executable.run = (...how) => {
          if (++runs === 20) abort.abort(reason); // in the middle of the first generation
          return run(...how);
        };
        expect(await late.catch(error => error)).to.equal(reason);
        expect(model.parameters.array).to.deep.equal(before);

        const linear = sequential([dense({ size: 1 })], { seed: 3, backend, inputSize: 1 });
        const start = linear.parameters.array.slice();
        const bad = dataset({ vectors: [[1e300]], targets: [[1e300]] });
        const failed = linear.fit(bad, { loss: meanSquaredError(), optimizer: optimizer() });
        expect(await failed.catch(error => error)).to.have.property('code', 'ERR_NON_FINITE');
        expect(linear.parameters.array).to.deep.equal(start);
      });

      it('reports the loss of training before the update, penalties included', async () => {
        const build = () =>
          sequential([gru({ size: 4 }), dropout({ rate: 0.5 }), penalty({ activation: 3 }), dense({ size: 1 })], {
            seed: 3,
            backend,
            inputSize: 1,
          });
        const first = async (way: Optimizer) =>
          (await new Trainer(build(), { loss, optimizer: way }).step([...batches(data, { batchSize: 16 })][0]!)).loss;
        expect(await first(optimizer())).to.be.closeTo(await first(sgd()), 1e-6);
        expect(await first(optimizer())).to.be.above((await build().evaluate(data, { loss })).loss);
      });

      it('trains on windows', async () => {
        const ids = [[1, 2, 0, 1, 2, 0, 1, 2]];
        const text = dataset({ ids, classes: [[2, 0, 1, 2, 0, 1, 2, 0]], per: 'token' });
        const model = sequential(
          [embedding({ vocabulary: 3, size: 2 }), gru({ size: 3, output: 'sequence' }), dense({ size: 3 })],
          { seed: 3, backend },
        );
        const options = { loss: crossEntropy(), optimizer: optimizer(), window: 4 };
        const { epochs } = await model.fit(text, { ...options, epochs: 30 });
        expect(epochs.at(-1)!.loss).to.be.below(epochs[0]!.loss / 2);
      });
    });

  describe(what, () => {
    it('gives the same bits on js and native, for any number of threads', async function () {
      if (!addon) this.skip();
      const each = [() => js(), () => native({ threads: 1 }), () => native({ threads: 2 })];
      const results = [];
      for (const open of each) {
        const backend = open();
        results.push(await weightsAfter(10, optimizer(), backend));
        await backend.close();
      }
      expect(results[1]).to.deep.equal(results[0]);
      expect(results[2]).to.deep.equal(results[0]);
    });

    it('draws by its seed', async () => {
      const backend = js();
      const [one, same, other] = [
        await weightsAfter(2, optimizer(1), backend),
        await weightsAfter(2, optimizer(1), backend),
        await weightsAfter(2, optimizer(2), backend),
      ];
      await backend.close();
      expect(same).to.deep.equal(one);
      expect(other).not.to.deep.equal(one);
    });

    it('has nothing to learn where everything is frozen', () => {
      const model = sequential([dense({ size: 1, trainable: false })], { backend: js(), inputSize: 1 });
      expect(() => new Trainer(model, { loss, optimizer: optimizer() })).to.throw(
        RangeError,
        'train: every parameter is frozen',
      );
    });
  });
}

describe('geneticAlgorithm', () => {
  let backend: Backend;
  before(() => {
    backend = js();
  });
  after(() => backend.close());

  it('never lets the loss rise on a batch that is the whole of the data', async () => {
    const optimizer = geneticAlgorithm({ population: 10, elite: 1, mutation: 1, seed: 5 });
    const { epochs } = await network(backend).fit(data, { ...whole, optimizer, epochs: 40 });
    epochs.slice(1).forEach(({ loss }, index) => {
      expect(loss).to.be.at.most(epochs[index]!.loss);
    });
    expect(epochs.at(-1)!.loss).to.be.below(epochs[0]!.loss);
  });

  it('keeps its population best first, the elite as they are', async () => {
    const model = network(backend);
    const optimizer = geneticAlgorithm({ population: 6, elite: 3, seed: 5 });
    const members = () => {
      const { array } = trainerOf(model, { loss, optimizer }).states.population!;
      return Array.from({ length: 6 }, (_, k) => array.slice((k * array.length) / 6, ((k + 1) * array.length) / 6));
    };
    await model.fit(data, { ...whole, optimizer });
    const before = members();
    expect(learned(model)).to.deep.equal([...before[0]!]);
    await model.fit(data, { ...whole, optimizer });
    const after = members().map(String);
    expect(after).to.include.members(before.slice(0, 3).map(String));
    expect(after).not.to.include(String(before[4]));
    const losses = [];
    for (const member of members()) {
      const one = network(backend);
      let at = 0;
      for (const parameter of one.parameters) parameter.write(member.subarray(at, (at += parameter.size)));
      losses.push((await one.evaluate(data, { loss })).loss);
    }
    expect(losses).to.deep.equal(losses.toSorted((one, other) => one - other));
  });

  it('ranks a loss that is no number last', async () => {
    const model = sequential([dense({ size: 3 }), dense({ size: 1 })], { seed: 3, backend, inputSize: 1 });
    const start = learned(model);
    const optimizer = geneticAlgorithm({ population: 10, elite: 1, mutation: 1e38 });
    await model.fit(dataset({ vectors: [[100]], targets: [[1]] }), { loss: meanSquaredError(), optimizer, epochs: 3 });
    expect(learned(model)).to.deep.equal(start);
  });

  it('takes each weight of a child from either parent, where nothing mutates', async () => {
    const model = sequential([dense({ size: 1 })], { seed: 3, backend, inputSize: 40 });
    const optimizer = geneticAlgorithm({
      population: 8,
      elite: 2,
      mutation: 1e-12,
      crossover: 1,
      tournament: 1,
      seed: 5,
    });
    const { states } = trainerOf(model, { loss: meanSquaredError(), optimizer });
    const { array } = states.population!;
    array.forEach((_, k) => {
      array[k] = 1 + Math.floor(k / 41); // member k has the weights k + 1; the first is the model
    });
    for (const parameter of model.parameters) parameter.write(new Float32Array(parameter.size).fill(1));
    const vectors = [Array.from({ length: 40 }, () => 1)];
    await model.fit(dataset({ vectors, targets: [[0]] }), { loss: meanSquaredError(), optimizer });
    const kinds = Array.from({ length: 8 }, (_, k) => new Set(array.slice(k * 41, (k + 1) * 41)).size);
    expect(Math.max(...kinds)).to.equal(2);
    expect([...array].every(Number.isInteger)).to.equal(true);
  });

  it('mutates by what a schedule says', async () => {
    const model = network(backend);
    const optimizer = geneticAlgorithm({ mutation: stepDecay({ rate: 0.2, every: 1, factor: 0.5 }) });
    const rates = [];
    const twice = [...batches(data, { batchSize: 16 }), ...batches(data, { batchSize: 16 })];
    for await (const { learningRate, gradientNorm } of train(model, twice, { loss, optimizer })) {
      rates.push(learningRate);
      expect(gradientNorm).to.equal(0);
    }
    expect(rates).to.deep.equal([0.2, 0.1]);
  });

  it('refuses options outside their ranges', () => {
    const refuses = (options: object, message: string) =>
      expect(() => geneticAlgorithm(options))
        .to.throw(RangeError, `geneticAlgorithm: ${message}`)
        .with.property('code', 'ERR_ARGUMENT');
    refuses({ population: 1 }, 'population must be a whole number of at least 2, got 1');
    refuses({ elite: 0 }, 'elite must be a whole number of at least 1, got 0');
    refuses({ population: 4, elite: 4 }, 'elite must be less than population, 4, got 4');
    refuses({ tournament: 1.5 }, 'tournament must be a whole number of at least 1, got 1.5');
    refuses({ mutation: 0 }, 'mutation must be a positive number, got 0');
    refuses({ crossover: 1.1 }, 'crossover must be in [0, 1], got 1.1');
    refuses({ seed: -1 }, 'seed must be a whole number in [0, 2³²), got -1');
  });
});

describe('evolutionStrategy', () => {
  it('follows the estimate that its paper defines', async () => {
    const backend = js({ precision: 'float64' });
    const model = sequential([dense({ size: 1 })], { seed: 3, backend, inputSize: 2 });
    const regression = dataset({
      vectors: [
        [1, 2],
        [-1, 0.5],
        [0.3, -2],
      ],
      targets: [[1], [2], [-1]],
    });
    const mean = learned(model);
    const measure = async (weights: readonly number[]) => {
      const one = sequential([dense({ size: 1 })], { seed: 3, backend, inputSize: 2 });
      let at = 0;
      for (const parameter of one.parameters) parameter.write(weights.slice(at, (at += parameter.size)));
      return (await one.evaluate(regression, { loss: meanSquaredError() })).loss;
    };
    const random = new Random(9, streams.generations + 1);
    const steps = Array.from({ length: 3 }, () => mean.map(() => random.normal()));
    const candidates = steps.flatMap(step => [0.2, -0.2].map(side => mean.map((p, k) => p + side * step[k]!)));
    const losses = await Promise.all(candidates.map(measure));
    const order = losses.toSorted((one, other) => other - one); // worst first
    const ranks = losses.map(value => order.indexOf(value) / 5 - 0.5);
    const g = mean.map((_, k) =>
      steps.reduce((sum, step, p) => sum + (ranks[2 * p]! - ranks[2 * p + 1]!) * step[k]!, 0),
    );

    const optimizer = evolutionStrategy({ population: 6, sigma: 0.2, learningRate: 0.05, seed: 9 });
    await model.fit(regression, { loss: meanSquaredError(), optimizer });
    learned(model).forEach((weight, k) => {
      expect(weight).to.be.closeTo(mean[k]! + (0.05 * g[k]!) / (6 * 0.2), 1e-12);
    });
    await backend.close();
  });

  it('stays where all candidates are equally good', async () => {
    const backend = js();
    const layers = [dense({ size: 2 }), dense({ size: 1, trainable: false })];
    const model = sequential(layers, { seed: 3, backend, inputSize: 1 });
    for (const parameter of model.parameters)
      if (!parameter.trainable) parameter.write(new Float32Array(parameter.size));
    const start = learned(model);
    const optimizer = evolutionStrategy({ population: 6 });
    await model.fit(dataset({ vectors: [[1]], targets: [[1]] }), { loss: meanSquaredError(), optimizer });
    expect(learned(model)).to.deep.equal(start);
    await backend.close();
  });

  it('refuses options outside their ranges', () => {
    const refuses = (options: object, message: string) =>
      expect(() => evolutionStrategy(options))
        .to.throw(RangeError, `evolutionStrategy: ${message}`)
        .with.property('code', 'ERR_ARGUMENT');
    refuses({ population: 0 }, 'population must be a whole number of at least 2, got 0');
    refuses({ population: 5 }, 'population must be even, for pairs of candidates, got 5');
    refuses({ sigma: 0 }, 'sigma must be a positive number, got 0');
    refuses({ learningRate: -1 }, 'learningRate must be a positive number, got -1');
    refuses({ momentum: 1 }, 'momentum must be in [0, 1), got 1');
    refuses({ seed: 0.5 }, 'seed must be a whole number in [0, 2³²), got 0.5');
  });
});

/** The numbers of all parameters, one after another. */
function learned(model: Model): number[] {
  return [...model.parameters].flatMap(({ values }) => [...values]);
}
