import type { Suite } from './mutation.ts';

const batches = 'lib/data/batches.ts';
const decoder = 'lib/layers/decoder.ts';
const feeds = 'lib/training/feeds.ts';
const generator = 'lib/models/generator.ts';
const network = 'lib/models/network.ts';
const predictor = 'lib/models/predictor.ts';
const writing = 'lib/models/writing.ts';

/** Networks with several inputs, and what they write. */
export const models: Suite = {
  name: 'models',
  native: false,
  tests: [
    'test/models/several-inputs.test.ts',
    'test/models/generator.test.ts',
    'test/data/batches.test.ts',
    'test/data/dataset.test.ts',
  ],
  mutations: [
    {
      name: 'inputs: outputs are unpacked by the lengths of the first',
      file: predictor,
      find: 'batch.inputs[layout]',
      replace: 'batch.input',
    },
    {
      name: 'inputs: targets may have the lengths of any',
      file: feeds,
      find: '!sameLayout(targets.layout, along.layout)',
      replace: 'false',
    },
    {
      name: 'inputs: all are fed as if there were one',
      file: feeds,
      find: 'bindInput(input, precision, layoutOf(name))',
      replace: 'bindInput(input, precision, layoutOf(soleInput))',
    },
    {
      name: 'inputs: a layer after others forgets along which it goes',
      file: network,
      find: 'flows.set(node.name, along(layout, built.output));',
      replace: 'flows.set(node.name, built.output);',
    },
    {
      name: 'inputs: a layer once more has its weights twice',
      file: network,
      find: 'built: first.built, parameters: []',
      replace: 'built: first.built, parameters: first.parameters',
    },
    {
      name: 'batches: bucketing goes by the last input',
      file: batches,
      find: 'lengths[at]! += input.rows',
      replace: 'lengths[at]! = input.rows',
    },
    {
      name: 'dataset: targets go by the first input that they fit',
      file: 'lib/data/read-targets.ts',
      find: 'fitting.find(({ size }) => size === width) ?? fitting[0]',
      replace: 'fitting[0]',
    },
    {
      name: 'decoders: start from zeros whatever they are given',
      file: decoder,
      find: 'this.forward(x, this.remember(memory), states)',
      replace: 'this.forward(x, this.remember(memory))',
    },
    {
      name: 'generate: every step starts from the first states',
      file: generator,
      find: '...(await this.next.run(this.bindNext(feeds, batch, results, open)))',
      replace: 'next: (await this.next.run(this.bindNext(feeds, batch, results, open))).next!',
    },
    {
      name: 'generate: rows that have ended go on',
      file: generator,
      find: 'open = open.filter(row => ids[row] !== end);',
      replace: '',
    },
    {
      name: 'generate: layers along what is written begin anew at each step',
      file: network,
      find: 'const own = Object.keys(built.states ?? {})',
      replace: 'const own = Object.keys({})',
    },
    {
      name: 'generate: what is known of the source is not used',
      file: network,
      find: 'given.get(name) ?? value',
      replace: 'value',
    },
    {
      name: 'generate: states from the end of what is written pass',
      file: writing,
      find: '|| late !== undefined',
      replace: '',
    },
  ],
};
