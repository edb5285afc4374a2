import { adam, crossEntropy, type Dataset, dataset, defaultBackend, dense, lstm, type Model, sequential } from 'recurra';

const rising: number[][] = [[0], [1], [2]];
const falling: number[][] = [[2], [1], [0]];
const data: Dataset = dataset({
  sequences: Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? rising : falling)),
  classes: Int32Array.from({ length: 32 }, (_, index) => index % 2),
});
const model: Model = sequential([lstm({ size: 8 }), dense({ size: 2 })], { inputSize: 1, seed: 7 });
const history = await model.fit(data, {
  loss: crossEntropy(),
  optimizer: adam({ learningRate: 0.05 }),
  epochs: 10,
  batchSize: 8,
});
const { loss } = history.last!;
if (!(loss < 0.3)) throw new Error(`learnt nothing: the loss is ${loss}`);
const { name, isa } = defaultBackend();
console.log(name === 'native' ? `native ${isa}` : name);
