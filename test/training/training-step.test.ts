import { expect } from 'chai';
import type { Backend, Executable, NumberArray, Storage } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { loadWasm } from '../../lib/backend/wasm/load.ts';
import { wasm } from '../../lib/backend/wasm-backend.ts';
import { type Batch, batches } from '../../lib/data/batches.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { inputFeed } from '../../lib/layers/input.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { Parameter, Parameters } from '../../lib/layers/parameter.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import type { Loss } from '../../lib/losses/loss.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { gather } from '../../lib/ops/gather.ts';
import { globalNorm } from '../../lib/ops/global-norm.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { adagrad } from '../../lib/optimizers/adagrad.ts';
import { adam, adamw } from '../../lib/optimizers/adam.ts';
import { type Optimizer, recordUpdate } from '../../lib/optimizers/optimizer.ts';
import { rmsprop } from '../../lib/optimizers/rmsprop.ts';
import { sgd } from '../../lib/optimizers/sgd.ts';
import { Recording } from '../../lib/program/recording.ts';
import { Random } from '../../lib/random/random.ts';
import { bindInputs, bindTargets, targetFeed } from '../../lib/training/feeds.ts';
import { train } from '../../lib/training/train.ts';
import type { Trainable } from '../../lib/training/trainable.ts';
import { Trainer } from '../../lib/training/trainer.ts';
import { expectAgreement, expectSameBits } from '../backend/conformance/agreement.ts';
import { codeOfRejection } from '../code-of.ts';

const vocabulary = 60;
const loss: Loss = binaryCrossEntropy();
type Arrays = Readonly<Record<string, NumberArray>>;

function model(backend: Backend, layer: ReturnType<typeof lstm> | ReturnType<typeof bidirectional>) {
  return sequential([embedding({ vocabulary, size: 5, paddingId: 0 }), layer, dense({ size: 1 })], {
    seed: 4,
    backend,
  });
}

/** Batches of sequences in which few words of the vocabulary occur, some of them often, the padding among them. */
function someBatches(count: number): Batch[] {
  const random = new Random(9);
  const ids = Array.from({ length: 6 * count }, () =>
    Array.from({ length: random.below(7) }, () => random.below(random.below(vocabulary) + 1)),
  );
  return [...batches(dataset({ ids, classes: ids.map((_, row) => row % 2) }), { batchSize: 6 })];
}

/** A language model without memory whose outputs are products with the table of its inputs. */
function tied(backend: Backend): Trainable {
  const table = new Parameter('table', [vocabulary, 5], new Array(5 * vocabulary).fill(0.1));
  const input = { kind: 'ids', size: 1 } as const;
  return {
    parameters: new Parameters([table], backend),
    inputs: { input },
    output: { kind: 'sequence', size: vocabulary },
    record(recording) {
      const rows = table.tensor(recording);
      return matmul(gather(rows, inputFeed(recording, input)), rows, { transposeB: true });
    },
    save: () => Promise.reject(new Error('nothing to save')),
  };
}

/** The step with every gradient whole and in storage, and one update of all parameters. */
class WholeGradients {
  readonly storages: Readonly<Record<string, Storage>>;
  private readonly executable: Executable;
  private readonly model: Trainable;
  private readonly optimizer: Optimizer;
  private steps = 0;

  constructor(model: Trainable, optimizer: Optimizer) {
    this.model = model;
    this.optimizer = optimizer;
    const { parameters } = model;
    const { spec, backend } = parameters;
    const recording = new Recording('train');
    const logits = model.record(recording);
    const { loss: value } = loss.record(logits, targetFeed(recording, loss, logits));
    const all = [...parameters];
    const stored = gradients(
      value,
      all.map(parameter => parameter.tensor(recording)),
    ).map((gradient, index) =>
      recording.store(gradient, {
        storage: { ...spec, name: 'gradients' },
        offset: all[index]!.offset,
        shape: all[index]!.shape,
        name: `∂${index}`,
      }),
    );
    const flat = (role: 'parameter' | 'gradient' | 'state', name: string) =>
      recording.view(role, { storage: { ...spec, name }, offset: 0, shape: [spec.elements], name });
    recordUpdate(recording, optimizer, {
      parameters: flat('parameter', 'parameters'),
      gradients: flat('gradient', 'gradients'),
      states: Object.fromEntries(optimizer.states.map(name => [name, flat('state', name)])),
      norm: optimizer.options.clipNorm ? globalNorm(stored) : undefined,
    });
    const storage = (name: string): [string, Storage] => [name, backend.allocate('real', spec.elements)];
    this.storages = {
      parameters: parameters.storage,
      ...Object.fromEntries(['gradients', ...optimizer.states].map(storage)),
    };
    for (const [name, value] of Object.entries(optimizer.initial)) this.storages[name]!.array.fill(value);
    this.executable = backend.load(recording.finish(), this.storages);
  }

  async step(batch: Batch): Promise<void> {
    const { model, optimizer } = this;
    const { precision } = model.parameters.backend;
    const input = bindInputs(batch, model.inputs, precision);
    const values = {
      ...input.values,
      ...bindTargets(batch, loss, model.output, precision),
      clock: Int32Array.of(++this.steps, 0),
      learningRate: new (precision === 'float64' ? Float64Array : Float32Array)([optimizer.learningRate]),
    };
    await this.executable.run({ sizes: input.sizes, values });
  }
}

const valuesOf = ({ parameters }: Trainable): Arrays =>
  Object.fromEntries([...parameters].map(({ name, values }) => [name, values.slice()]));

const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd({ learningRate: 0.5 }),
  'sgd with momentum': sgd({ learningRate: 0.1, momentum: 0.9 }),
  'sgd with weight decay': sgd({ learningRate: 0.5, weightDecay: 0.1 }),
  'sgd with a clipped norm': sgd({ learningRate: 0.5, clipNorm: 0.01 }),
  adagrad: adagrad({ learningRate: 0.1 }),
  'adagrad with a clipped norm': adagrad({ learningRate: 0.1, clipNorm: 0.01 }),
  adam: adam({ learningRate: 0.05 }),
  'adam with a clipped norm': adam({ learningRate: 0.05, clipNorm: 0.01 }),
  adamw: adamw({ learningRate: 0.05 }),
  rmsprop: rmsprop({ learningRate: 0.02, momentum: 0.5, centered: true }),
};

for (const [title, open] of [
  ['js', js],
  ['native', native],
  ['wasm', wasm],
] as const)
  describe(`a training step on ${title}`, function () {
    this.timeout(60_000);
    if ((open === native && !addon) || (open === wasm && 'error' in loadWasm())) return;
    let backend: Backend;
    before(() => {
      backend = open();
    });
    after(() => backend.close());

    for (const [name, optimizer] of Object.entries(optimizers))
      it(`with ${name} does to an embedding what its whole gradient would do`, async () => {
        for (const layer of [lstm({ size: 4 }), bidirectional(lstm({ size: 4 }))]) {
          const [found, expected] = [model(backend, layer), model(backend, layer)];
          const initial = valuesOf(found);
          const [trainer, whole] = [new Trainer(found, { loss, optimizer }), new WholeGradients(expected, optimizer)];
          for (const batch of someBatches(5)) {
            await trainer.step(batch);
            await whole.step(batch);
          }
          const oneReader = layer.type === 'lstm';
          if (oneReader && !optimizer.options.clipNorm)
            expectSameBits(valuesOf(found), valuesOf(expected), 'parameters');
          else expectAgreement(valuesOf(found), valuesOf(expected), 1e-5, 'parameters');
          expect(valuesOf(found)['embedding.weight']).not.to.deep.equal(initial['embedding.weight']);
        }
      });

    it('of bfloat16 learns nearly what one of float32 learns, and other bits', async () => {
      const options = { loss, optimizer: adam({ learningRate: 0.05 }) };
      const [rounded, exact] = [model(backend, lstm({ size: 8 })), model(backend, lstm({ size: 8 }))];
      const [one, other] = [new Trainer(rounded, { ...options, quantize: 'bfloat16' }), new Trainer(exact, options)];
      expect(one.program.toString()).to.contain('quantize: bfloat16');
      for (const batch of someBatches(10)) {
        const { loss: expected } = await other.step(batch);
        expect((await one.step(batch)).loss).to.be.closeTo(expected, 0.02);
      }
      expect(valuesOf(rounded)).not.to.deep.equal(valuesOf(exact));
    });

    it('leaves the padding row and the rows that did not occur alone', async () => {
      const trained = model(backend, lstm({ size: 4 }));
      const before = trained.parameter('embedding.weight')!.values.slice();
      const trainer = new Trainer(trained, { loss, optimizer: adagrad() });
      await trainer.step([...batches(dataset({ ids: [[0, 7, 7], [0]], classes: [0, 1] }), { batchSize: 2 })][0]!);
      const after = [...trained.parameter('embedding.weight')!.values];
      const changed = new Set(after.flatMap((value, k) => (value === before[k] ? [] : [Math.floor(k / 5)])));
      expect([...changed]).to.deep.equal([7]);
    });

    it('that is cancelled or not finite changes nothing, and the next one is as if it had not been', async () => {
      for (const optimizer of [adagrad({ clipNorm: 0.1 }), adam()]) {
        const [disturbed, undisturbed] = [0, 1].map(() => {
          const of = model(backend, lstm({ size: 4 }));
          return { of, trainer: new Trainer(of, { loss, optimizer }) };
        });
        const [first, second, third] = someBatches(3);
        for (const { trainer } of [disturbed!, undisturbed!]) await trainer.step(first!);
        const abort = new AbortController();
        const cancelled = disturbed!.trainer.step(second!, { signal: abort.signal });
        abort.abort(new Error('enough'));
        const wasCancelled = await cancelled.then(
          () => false,
          () => true,
        );
        if (!wasCancelled) await undisturbed!.trainer.step(second!); // it was through before
        const bias = disturbed!.of.parameter('dense.bias')!;
        const [honest] = bias.values;
        bias.write([Number.NaN]);
        const before = valuesOf(disturbed!.of);
        expect(await codeOfRejection(disturbed!.trainer.step(second!))).to.equal('ERR_NON_FINITE');
        expectSameBits(valuesOf(disturbed!.of), before, 'after a loss that is not finite');
        bias.write([honest!]);
        for (const { trainer } of [disturbed!, undisturbed!]) await trainer.step(third!);
        expectSameBits(valuesOf(disturbed!.of), valuesOf(undisturbed!.of), 'after the next step');
      }
    });

    it('goes on where another call of train left off', async () => {
      const optimizer = adam({ learningRate: 0.05 });
      const [at, once] = [model(backend, lstm({ size: 4 })), model(backend, lstm({ size: 4 }))];
      const data = someBatches(4);
      for (const part of [data.slice(0, 2), data.slice(2)]) for await (const _ of train(at, part, { loss, optimizer }));
      for await (const _ of train(once, data, { loss, optimizer }));
      expectSameBits(valuesOf(at), valuesOf(once), 'parameters');
    });

    it('shows in its listing which tables it updates by rows', () => {
      const listing = (of: Trainable, by: Loss = loss) =>
        String(new Trainer(of, { loss: by, optimizer: sgd({ clipNorm: 1 }) }).program);
      const byRows = listing(model(backend, lstm({ size: 4 })));
      expect(byRows).to.match(/%(\d+)\[60,5\] ← sgd\(parameters: %\1, rows0: %\d+, at0: %\d+, /);
      expect(byRows).to.match(/ ← globalNorm\(x0: %\d+, at0: %\d+, x1: /);
      expect(byRows).not.to.match(/scatterAdd|∂embedding/);

      const frozen = model(backend, lstm({ size: 4 }));
      frozen.parameter('embedding.weight')!.trainable = false;
      expect(listing(frozen)).not.to.match(/mergeRows|scatterAdd|∂embedding/);

      const shared = listing(tied(backend), crossEntropy());
      expect(shared)
        .to.match(/ ← scatterAdd\(/)
        .and.to.match(/∂table/);
      expect(shared).not.to.match(/mergeRows/);
    });
  });
