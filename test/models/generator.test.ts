import { expect } from 'chai';
import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { addon } from '../../lib/backend/load.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { dataset } from '../../lib/data/dataset.ts';
import { bahdanauGru } from '../../lib/layers/bahdanau-gru.ts';
import { bidirectional } from '../../lib/layers/bidirectional.ts';
import { dense } from '../../lib/layers/dense.ts';
import { embedding } from '../../lib/layers/embedding.ts';
import { gru } from '../../lib/layers/gru.ts';
import { layerNormalization } from '../../lib/layers/layer-normalization.ts';
import { lstm } from '../../lib/layers/lstm.ts';
import { luongLstm } from '../../lib/layers/luong-lstm.ts';
import { crossEntropy } from '../../lib/losses/cross-entropy.ts';
import { Generator } from '../../lib/models/generator.ts';
import { type GraphNode, type GraphOptions, graph } from '../../lib/models/graph.ts';
import type { Model } from '../../lib/models/model.ts';
import { sequential } from '../../lib/models/sequential.ts';
import { adam } from '../../lib/optimizers/adam.ts';
import { Random } from '../../lib/random/random.ts';

const backends = { js, native } as const;
const vocabulary = 7;
const [start, end] = [5, 6];
const word = (from: string): GraphNode => ({ layer: embedding({ vocabulary, size: 6 }), from });
const steps = { size: 24, output: 'sequence' } as const;
const next: GraphNode = { layer: dense({ size: vocabulary }) };

/** Layers between a source of digits and what is written, in several ways. */
const translators: Readonly<Record<string, Readonly<Record<string, GraphNode>>>> = {
  'layers of which only the first knows the source': {
    read: word('source'),
    encoder: { layer: lstm(steps) },
    words: word('target'),
    decoder: { layer: lstm(steps), state: 'encoder' },
    more: { layer: gru({ ...steps, initialState: 'learned' }), from: ['decoder', 'words'] },
    even: { layer: layerNormalization() },
    next,
  },
  'a decoder that attends as in Bahdanau et al. 2015': {
    read: word('source'),
    encoder: { layer: bidirectional(gru(steps)) },
    begin: { layer: dense({ size: 24, activation: 'tanh' }), from: 'encoder.backward.h' },
    words: word('target'),
    decoder: { layer: bahdanauGru({ size: 24 }), state: { h: 'begin' }, memory: 'encoder' },
    next,
  },
  'a decoder that attends as in Luong et al. 2015': {
    read: word('source'),
    encoder: { layer: lstm(steps) },
    words: word('target'),
    decoder: { layer: luongLstm({ size: 24 }), state: 'encoder', memory: 'encoder' },
    next,
  },
};

const random = new Random(5);
const sources = Array.from({ length: 200 }, () => Array.from({ length: random.below(5) }, () => random.below(5)));

/** Turns digits round. */
async function taught(layers: Readonly<Record<string, GraphNode>>, backend: Backend): Promise<Model> {
  const turned = sources.map(row => [...row].reverse());
  const data = dataset({
    inputs: { source: { ids: sources }, target: { ids: turned.map(row => [start, ...row]) } },
    classes: turned.map(row => [...row, end]),
    per: 'token',
  });
  const model = graph(layers, { inputs: { source: 'ids', target: 'ids' }, backend, seed: 2 });
  const optimizer = adam({ learningRate: 0.01 });
  await model.fit(data, { loss: crossEntropy(), optimizer, batchSize: 20, epochs: 35 });
  return model;
}

/** The slow way: all that was written is read again for every id. */
async function written(model: Model, ids: readonly number[], maxLength: number, quantize?: 'int8'): Promise<number[]> {
  const text = [start];
  while (text.length <= maxLength) {
    const inputs = { source: { ids: [ids] }, target: { ids: [text] } };
    const [output] = await model.predict({ inputs }, { quantize });
    const last = [...output!.slice(-vocabulary)];
    const id = last.indexOf(Math.max(...last));
    if (id === end) break;
    text.push(id);
  }
  return text.slice(1);
}

describe('generate', () => {
  for (const [name, make] of Object.entries(backends))
    describe(`on ${name}`, function () {
      if (name === 'native' && !addon) return;
      this.timeout(20_000);
      let backend: Backend;
      before(() => {
        backend = make();
      });
      after(() => backend.close());

      for (const [what, layers] of Object.entries(translators))
        it(`writes what reading all of it again for each id would, in rows of their own lengths: ${what}`, async () => {
          const model = await taught(layers, backend);
          const asked = [[1, 2, 3, 4], [], [0], [4, 4, 1], [3, 2, 2, 0]];
          const options = { start, end, maxLength: 4 };
          const texts = await model.generate({ inputs: { source: { ids: asked } } }, options);
          const slow = await Promise.all(asked.map(ids => written(model, ids, 4)));
          expect(texts.map(text => [...text])).to.deep.equal(slow);
          const right = texts.filter((text, row) => text.join() === [...asked[row]!].reverse().join());
          expect(right.length).to.be.greaterThan(2);
          const rounded = { ...options, quantize: 'int8' } as const;
          for (const [row, ids] of asked.entries()) {
            const source = { ids: [ids] };
            expect(await model.generate({ inputs: { source } }, options)).to.deep.equal([texts[row]]);
            const [text] = await model.generate({ inputs: { source } }, rounded);
            expect([...text!]).to.deep.equal(await written(model, ids, 4, 'int8'));
          }
          const [short] = await model.generate(
            { inputs: { source: { ids: [[1, 2, 3]] } } },
            { ...options, maxLength: 1 },
          );
          expect(short).to.have.lengthOf(1);
        });

      it('writes from a vector and a series, more rows than go into a batch', async () => {
        const model = graph(
          {
            begin: { layer: dense({ size: 24, activation: 'tanh' }), from: 'number' },
            words: word('said'),
            decoder: { layer: bahdanauGru({ size: 24 }), state: { h: 'begin' }, memory: 'series' },
            next,
          },
          {
            inputs: { number: { kind: 'vector', size: 1 }, series: { kind: 'sequence', size: 2 }, said: 'ids' },
            backend,
          },
        );
        const numbers = Array.from({ length: 150 }, (_, row) => row % 4);
        const texts = numbers.map(number => [0, 1, 2, 3].slice(number));
        const inputs = {
          number: { vectors: numbers.map(number => [number]) },
          series: { sequences: numbers.map(number => new Array(number).fill([1, -1])), size: 2 },
        };
        const data = dataset({
          inputs: { ...inputs, said: { ids: texts.map(row => [start, ...row]) } },
          classes: texts.map(row => [...row, end]),
          per: 'token',
        });
        const optimizer = adam({ learningRate: 0.02 });
        await model.fit(data, { loss: crossEntropy(), optimizer, batchSize: 25, epochs: 10 });
        const said = await model.generate({ inputs }, { start, end, maxLength: 9 });
        expect(said.map(text => [...text])).to.deep.equal(texts);
      });
    });

  it('reads its other inputs once: a step is of the layers along what is written', async () => {
    const backend = js();
    for (const layers of Object.values(translators)) {
      const { network, parameters } = graph(layers, { inputs: { source: 'ids', target: 'ids' }, backend });
      const step = String(new Generator(network, parameters, {}).program);
      expect(step).to.include('decoder.inputWeight').and.include('words.weight');
      expect(step).not.to.match(/read[.]weight|encoder[.].*Weight/);
    }
    await backend.close();
  });

  describe('refuses', () => {
    const backend = js();
    after(() => backend.close());
    const inputs = { source: 'ids', target: 'ids' } as const;
    const [translator] = Object.values(translators);
    const asked = { inputs: { source: { ids: [[1]] } } };
    const build = (layers: Readonly<Record<string, GraphNode>>, options: GraphOptions = { inputs }) =>
      graph(layers, { ...options, backend });
    const bounds = { start, end, maxLength: 3 };
    const refused: Readonly<Record<string, readonly [() => Promise<unknown>, string]>> = {
      'no room to write': [
        () => build(translator!).generate(asked, { ...bounds, maxLength: 0 }),
        'ERR_ARGUMENT generate: maxLength must be a whole number of at least 1, got 0',
      ],
      'an end that is no id': [
        () => build(translator!).generate(asked, { ...bounds, end: -1 }),
        'ERR_ARGUMENT generate: end must be an id, a whole number from 0, got -1',
      ],
      'what it is to write': [
        () => build(translator!).generate({ inputs: { ...asked.inputs, target: { ids: [[1]] } } }, bounds),
        'ERR_DATA generate: target is what the model writes; give it its other inputs',
      ],
      'other inputs than the model has': [
        () => build(translator!).generate({ inputs: { text: { ids: [[1]] } } }, bounds),
        'ERR_DATA the model reads the inputs source, target, the data has text, target',
      ],
      'a model that gives one output per row': [
        () => sequential([embedding({ vocabulary, size: 2 }), gru({ size: 2 })], { backend }).generate(asked, bounds),
        'ERR_ARGUMENT generate: the model must give one output per id of an input',
      ],
      'a decoder that reads from the end': [
        () =>
          build({
            ...translator!,
            both: { layer: bidirectional(gru(steps)), from: 'decoder' },
            after: next,
          }).generate(asked, bounds),
        'ERR_ARGUMENT generate: both reads target as a whole, and cannot go on step by step while it is written',
      ],
      'states that are known at the end': [
        () =>
          build({
            ...translator!,
            after: { layer: lstm(steps), from: 'words', state: 'decoder' },
            out: next,
          }).generate(asked, bounds),
        'ERR_ARGUMENT generate: after reads decoder.h as a whole',
      ],
      'a memory of what is written': [
        () =>
          build({
            ...translator!,
            after: { layer: luongLstm({ size: 4 }), from: 'words', memory: 'decoder' },
            out: next,
          }).generate(asked, bounds),
        'ERR_ARGUMENT generate: after reads decoder as a whole',
      ],
    };
    for (const [what, [run, expected]] of Object.entries(refused))
      it(what, async () => {
        const error = await run().then(
          () => undefined,
          (error: Error & { code: string }) => error,
        );
        expect(`${error?.code} ${error?.message}`).to.include(expected);
      });
  });
});
