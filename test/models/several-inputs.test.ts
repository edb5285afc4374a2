import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { batches } from '../../lib/data/batches.ts';
import { type Dataset, dataset, type InputRows } from '../../lib/data/dataset.ts';
import { diagnose } from '../../lib/diagnosis/diagnose.ts';
import { bahdanauGru } from '../../lib/layers/bahdanau-gru.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import type { LayerDescription } from '../../lib/layers/layer.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { luongLstm } from '../../lib/layers/luong-lstm.ts';
import { binaryCrossEntropy } from '../../lib/losses/binary-cross-entropy.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { heads } from '../../lib/losses/heads.ts';
import { meanSquaredError } from '../../lib/losses/mean-squared-error.ts';
import { type GraphOptions, graph } from '../../lib/models/graph.ts';
import { load } from '../../lib/models/load.ts';
import type { Model } from '../../lib/models/model.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { Random } from '../../lib/random/random.ts';
import { train } from '../../lib/training/train.ts';
import { codeOfRejection } from '../code-of.ts';
import { checkModelGradients } from './check-model-gradients.ts';

const backends = { js, native } as const;
const vocabulary = 6;
const [sources, targets] = [
  [3, 0, 5, 1, 2],
  [2, 4, 0, 1, 6],
];

/** Rows of ids of these lengths. */
function idsOf(lengths: readonly number[], seed: number): number[][] {
  const random = new Random(seed);
  return lengths.map(length => Array.from({ length }, () => random.below(vocabulary)));
}

const pairs = { source: { ids: idsOf(sources, 1) }, target: { ids: idsOf(targets, 2) } };
const classes = idsOf(targets, 3);
const translations = () => dataset({ inputs: pairs, classes, per: 'token' });

type Ways = Readonly<Record<string, (size: number) => Readonly<Record<'encoder' | 'decoder', LayerDescription>>>>;

/** What leads from a sequence to another of another length: states alone, or attention to all steps as well. */
const ways: Ways = {
  'an encoder and a decoder': size => ({
    encoder: lstm({ size, output: 'sequence' }),
    decoder: lstm({ size, output: 'sequence' }),
  }),
  'a decoder that attends as in Bahdanau et al. 2015': size => ({
    encoder: gru({ size, output: 'sequence' }),
    decoder: bahdanauGru({ size, attentionSize: size - 1 }),
  }),
  'a decoder that attends as in Luong et al. 2015': size => ({
    encoder: lstm({ size, output: 'sequence' }),
    decoder: luongLstm({ size }),
  }),
};

function translator(backend: Backend, way = 'an encoder and a decoder', size = 5): Model {
  const { encoder, decoder } = ways[way]!(size);
  return graph(
    {
      read: { layer: embedding({ vocabulary, size: 4 }), from: 'source' },
      encoder: { layer: encoder },
      words: { layer: embedding({ vocabulary, size: 4 }), from: 'target' },
      decoder: { layer: decoder, state: 'encoder', ...(decoder.type === 'lstm' ? {} : { memory: 'encoder' }) },
      next: { layer: dense({ size: vocabulary }) },
    },
    { inputs: { source: 'ids', target: 'ids' }, backend, seed: 4 },
  );
}

/** Whether two texts and an image go together: the same table and encoder for either text, and what all end with side by side. */
function siamese(backend: Backend): Model {
  return graph(
    {
      words: { layer: embedding({ vocabulary, size: 4 }), from: 'one' },
      left: { layer: bidirectional(gru({ size: 3 })) },
      otherWords: { layer: 'words', from: 'other' },
      right: { layer: 'left' },
      alike: { layer: dense({ size: 1 }), from: ['left', 'right', 'image'] },
    },
    { inputs: { one: 'ids', other: 'ids', image: { kind: 'vector', size: 2 } }, backend, seed: 4 },
  );
}

const drawings = [
  [1, 0.5],
  [0, 2],
  [-1, 1],
  [0.25, 0],
  [3, -2],
];
const questions = (): Dataset =>
  dataset({
    inputs: { one: pairs.source, other: pairs.target, image: { vectors: drawings } },
    classes: [1, 0, 1, 1, 0],
  });

describe('a network with several inputs', () => {
  const exact = js({ precision: 'float64' });
  after(() => exact.close());

  for (const way of Object.keys(ways))
    it(`has the gradients that finite differences have: ${way}`, () => {
      checkModelGradients(translator(exact, way), translations(), crossEntropy());
    });

  it('has the gradients that finite differences have, of one output for all of them', () => {
    checkModelGradients(siamese(exact), questions(), binaryCrossEntropy());
  });

  it('has the gradients that finite differences have, of sequences of numbers', () => {
    const series = graph(
      {
        encoder: { layer: gru({ size: 4 }), from: 'past' },
        start: { layer: dense({ size: 4 }), from: ['encoder', 'weather'] },
        decoder: { layer: gru({ size: 4, output: 'sequence' }), from: 'future', state: { h: 'start' } },
        out: { layer: dense({ size: 2 }) },
      },
      {
        inputs: {
          past: { kind: 'sequence', size: 2 },
          future: { kind: 'sequence', size: 1 },
          weather: { kind: 'vector', size: 2 },
        },
        backend: exact,
      },
    );
    const random = new Random(6);
    const drawn = (lengths: readonly number[], size: number) =>
      lengths.map(length => Array.from({ length }, () => Array.from({ length: size }, () => random.normal())));
    const data = dataset({
      inputs: {
        past: { sequences: drawn(sources, 2), size: 2 },
        future: { sequences: drawn(targets, 1), size: 1 },
        weather: { vectors: drawings },
      },
      targets: drawn(targets, 2),
      per: 'token',
    });
    checkModelGradients(series, data, meanSquaredError());
  });

  for (const [name, make] of Object.entries(backends))
    describe(`on ${name}`, () => {
      if (name === 'native' && !addon) return;
      let backend: Backend;
      before(() => {
        backend = make();
      });
      after(() => backend.close());

      for (const way of Object.keys(ways)) {
        it(`says of rows alone what it says of them together, however long each side is: ${way}`, async () => {
          const model = translator(backend, way, 16);
          const { source, target } = pairs;
          const lengths = {
            next: targets.map(length => length * vocabulary),
            encoder: sources.map(length => length * 16),
            'encoder.h': sources.map(() => 16),
          };
          for (const quantize of [undefined, 'int8'] as const)
            for (const [of, expected] of Object.entries(lengths)) {
              const together = await model.predict({ inputs: pairs }, { of, quantize });
              expect(together.map(({ length }) => length)).to.deep.equal(expected);
              for (const [row, output] of together.entries()) {
                const alone = { source: { ids: [source.ids[row]!] }, target: { ids: [target.ids[row]!] } };
                expect(await model.predict({ inputs: alone }, { of, quantize })).to.deep.equal([output]);
              }
            }
        });

        it(`comes back from its file and as a snapshot as it was: ${way}`, async () => {
          const folder = mkdtempSync(join(tmpdir(), 'recurra-'));
          try {
            const model = translator(backend, way);
            const data = translations();
            const options = { loss: crossEntropy(), optimizer: adam({ learningRate: 0.05 }), epochs: 30 };
            const { epochs } = await model.fit(data, {
              ...options,
              batchSize: 2,
              bucketing: true,
              validationSplit: 0.2,
            });
            expect(epochs.at(-1)!.loss).to.be.lessThan(epochs[0]!.loss / 2);
            const path = join(folder, 'model.safetensors');
            await model.save(path);
            const again = await load(path, { backend });
            const measured = await model.evaluate(data);
            expect(measured.rows).to.equal(targets.reduce((sum, length) => sum + length, 0));
            expect(await again.evaluate(data, { batchSize: 2 })).to.have.property('accuracy', measured.accuracy);
            expect(await again.predict({ inputs: pairs })).to.deep.equal(await model.predict({ inputs: pairs }));
            expect(await (await model.snapshot()).evaluate(data)).to.deep.equal(measured);
            expect(again.summary()).to.equal(model.summary());
            expect(again.inputs).to.deep.equal(model.inputs);
          } finally {
            rmSync(folder, { recursive: true });
          }
        });

        it(`learns to turn round a sequence of digits: ${way}`, async function () {
          this.timeout(20_000);
          const [start, end] = [4, 5];
          const random = new Random(11);
          const digits = Array.from({ length: 300 }, () =>
            Array.from({ length: 1 + random.below(4) }, () => random.below(4)),
          );
          const turned = digits.map(row => [...row].reverse());
          const data = dataset({
            inputs: { source: { ids: digits }, target: { ids: turned.map(row => [start, ...row]) } },
            classes: turned.map(row => [...row, end]),
            per: 'token',
          });
          const model = translator(backend, way, 32);
          await model.fit(data.slice(0, 250), {
            loss: crossEntropy(),
            optimizer: adam({ learningRate: 0.01 }),
            batchSize: 25,
            epochs: 30,
          });
          expect((await model.evaluate(data.slice(250))).accuracy).to.be.greaterThan(0.95);
        });
      }

      it('learns to count on from a vector', async function () {
        this.timeout(20_000);
        const steps = 4;
        const model = graph(
          {
            start: { layer: dense({ size: 16, activation: 'tanh' }), from: 'number' },
            words: { layer: embedding({ vocabulary: 12, size: 8 }), from: 'said' },
            decoder: { layer: gru({ size: 16, output: 'sequence' }), state: { h: 'start' } },
            next: { layer: dense({ size: 12 }) },
          },
          { inputs: { number: { kind: 'vector', size: 1 }, said: 'ids' }, backend, seed: 1 },
        );
        const from = Array.from({ length: 8 }, (_, number) => number);
        const counted = from.map(number => Array.from({ length: steps }, (_, step) => number + step));
        const data = dataset({
          inputs: {
            number: { vectors: from.map(number => [number / 8]) },
            said: { ids: counted.map(row => [11, ...row.slice(1)]) },
          },
          classes: counted,
          per: 'token',
        });
        await model.fit(data, {
          loss: crossEntropy(),
          optimizer: adam({ learningRate: 0.03 }),
          batchSize: 8,
          epochs: 150,
        });
        expect((await model.evaluate(data)).accuracy).to.equal(1);
      });
    });

  it('takes every output along its own input, of several heads', async () => {
    const model = graph(
      {
        left: { layer: embedding({ vocabulary, size: 3 }), from: 'source' },
        right: { layer: embedding({ vocabulary, size: 3 }), from: 'target' },
        tags: { layer: dense({ size: 2 }), from: 'left' },
        words: { layer: dense({ size: vocabulary }), from: 'right' },
      },
      { inputs: { source: 'ids', target: 'ids' }, backend: exact },
    );
    const tags = sources.map(length => new Array<number>(length).fill(1));
    const named = { tags: { classes: tags, per: 'token' }, words: { classes, per: 'token' } } as const;
    const loss = heads({ tags: crossEntropy(), words: crossEntropy() });
    const measured = await model.evaluate(dataset({ inputs: pairs, heads: named }), { loss });
    expect(measured.heads!.tags!.rows).to.equal(11);
    expect(measured.heads!.words!.rows).to.equal(13);
    const crossed = dataset({ inputs: pairs, heads: { tags: named.words, words: named.tags } });
    expect(await codeOfRejection(model.evaluate(crossed, { loss }))).to.equal('ERR_DATA');
  });

  it('reads two texts with the same layers, and has their weights once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'recurra-'));
    try {
      const model = siamese(exact);
      const { ids } = pairs.source;
      const inputs = { one: { ids }, other: { ids }, image: { vectors: drawings } };
      const left = await model.predict({ inputs }, { of: 'left' });
      expect(await model.predict({ inputs }, { of: 'right' })).to.deep.equal(left);
      const names = [...model.parameters].map(({ name }) => name.replace(/[.].*/, ''));
      expect([...new Set(names)]).to.deep.equal(['words', 'left', 'alike']);
      expect(model.summary()).to.match(/right +bidirectional +otherWords +\[batch, 6\] +0\n/);
      const path = join(folder, 'model.safetensors');
      await model.save(path);
      const again = await load(path, { backend: exact });
      expect(await again.predict({ inputs })).to.deep.equal(await model.predict({ inputs }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may have one with a name, and is trained on windows of it as on those of one without', async () => {
    const losses = async (options: GraphOptions, rows: InputRows): Promise<number[]> => {
      const layers = {
        words: { layer: embedding({ vocabulary, size: 3 }) },
        next: { layer: gru({ size: vocabulary, output: 'sequence' }) },
      } as const;
      const model = graph(layers, { ...options, backend: exact });
      const data = dataset({ ...rows, classes, per: 'token' });
      const window = { forward: 2, backward: 4 };
      const given = { loss: crossEntropy(), optimizer: adam(), window };
      const steps: number[] = [];
      for await (const { loss } of train(model, batches(data), given)) steps.push(loss);
      return steps;
    };
    const named = await losses({ inputs: { text: 'ids' } }, { inputs: { text: pairs.target } });
    expect(named).to.have.lengthOf(3);
    expect(named).to.deep.equal(await losses({}, pairs.target));
  });

  it('names what it gives along which input', () => {
    expect(translator(exact).summary()).to.include('[tokens of target, 6]').and.include('[tokens of source, 4]');
    expect(translator(exact).layers.get('next')).to.deep.equal({ kind: 'sequence', size: 6, layout: 'target' });
  });

  describe('refuses', () => {
    const message = async (run: () => unknown): Promise<string> => {
      try {
        await run();
      } catch (error) {
        return `${(error as { code?: string }).code} ${(error as Error).message}`;
      }
      return 'nothing';
    };
    const inputs = { source: 'ids', target: 'ids' } as const;
    const word = (from?: string) => ({ layer: embedding({ vocabulary, size: 2 }), ...(from ? { from } : {}) });
    const asked = (rows: InputRows) => () => translator(exact).predict(rows);
    const given = (classes: number[][], model = translator(exact)) =>
      model.evaluate(dataset({ inputs: pairs, classes, per: 'token' }), { loss: crossEntropy() });
    const refused: Readonly<Record<string, readonly [() => unknown, string]>> = {
      'sequences of several inputs side by side': [
        () =>
          graph(
            { a: word('source'), b: word('target'), c: { layer: dense({ size: 1 }), from: ['a', 'b'] } },
            { inputs },
          ),
        'ERR_SHAPE network: c reads a and b, which have the lengths of source and target',
      ],
      'a first layer that does not say what it reads': [
        () => graph({ a: word() }, { inputs }),
        'ERR_ARGUMENT graph: a comes first; say which of source, target it reads',
      ],
      'an input that no layer reads': [
        () => graph({ a: word('source') }, { inputs }),
        "ERR_ARGUMENT graph: no layer reads 'target'",
      ],
      'a layer with the name of an input': [
        () => graph({ source: word('target') }, { inputs }),
        "ERR_ARGUMENT graph: 'source' is the network's input; give the layer another name",
      ],
      'inputs that are told twice': [
        () => graph({ a: word('source') }, { inputs: { source: 'ids' }, inputSize: 3 }),
        'ERR_ARGUMENT graph: where inputs are named, each says what it is',
      ],
      'an input of no kind': [
        () => graph({ a: word('source') }, { inputs: { source: { kind: 'text' as 'vector', size: 1 } } }),
        "ERR_ARGUMENT graph: input source: kind must be 'ids' or 'sequence' or 'vector', got text",
      ],
      'a layer once more that there is not': [
        () => graph({ a: word('source'), b: { layer: 'c', from: 'target' } }, { inputs }),
        'ERR_ARGUMENT network: b is the layer c once more, which is not among those before it',
      ],
      'a layer once more for what it does not read': [
        () =>
          graph({ a: word('source'), b: { layer: dense({ size: 3 }) }, c: { layer: 'b', from: 'target' } }, { inputs }),
        'ERR_SHAPE network: c is the layer b once more, whose input is a sequence of vectors of 2 features, but gets token ids',
      ],
      'a memory for a layer that does not attend': [
        () => graph({ a: word('source'), b: { ...word('target'), memory: 'a' } }, { inputs }),
        'ERR_ARGUMENT network: b does not attend to a memory, and is given a',
      ],
      'a layer that attends without a memory': [
        () => graph({ a: word('source'), b: word('target'), c: { layer: luongLstm({ size: 2 }) } }, { inputs }),
        "ERR_ARGUMENT c: attends to a memory and has none; name it in a graph, as in { layer, memory: 'encoder' }",
      ],
      'a memory that is no sequence': [
        () =>
          graph(
            {
              a: word('source'),
              b: { layer: gru({ size: 2 }) },
              c: word('target'),
              d: { layer: bahdanauGru({ size: 2 }), memory: 'b' },
            },
            { inputs },
          ),
        "ERR_SHAPE network: the memory of d is a sequence of vectors, b gives one vector per sequence of 2 features; give it output: 'sequence'",
      ],
      'data of one input': [
        asked({ ids: [[1]] }),
        'ERR_DATA the model reads the inputs source, target, the data has input',
      ],
      'an input of another kind': [
        asked({ inputs: { source: { ids: [[1]] }, target: { vectors: [[1]] } } }),
        'ERR_DATA the model reads token ids as target, the data has vectors of 1 numbers',
      ],
      'targets along another input': [
        () => given(idsOf(sources, 1)),
        'ERR_DATA crossEntropy: the model gives one output per token of target, the data has targets of other lengths',
      ],
      'windows of time': [
        async () => {
          for await (const _ of train(translator(exact), batches(translations()), {
            loss: crossEntropy(),
            optimizer: adam(),
            window: 2,
          }));
        },
        'ERR_ARGUMENT train: windows and carry go along one input',
      ],
      'a diagnosis': [
        () => diagnose(translator(exact), translations(), { loss: crossEntropy() }),
        'ERR_ARGUMENT diagnose: looks back along one input, the model reads source and target',
      ],
    };
    for (const [what, [run, expected]] of Object.entries(refused))
      it(what, async () => expect(await message(run)).to.include(expected));
  });
});
