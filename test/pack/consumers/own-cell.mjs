// How many predictions a model makes whose layer was written with the operations.
import { recurrentCell, sequential } from 'recurra';
import { add, matmul, tanh } from 'recurra/ops';

const own = recurrentCell({
  name: 'own',
  parameters: ({ inputSize, size }) => ({ W: [inputSize, size], R: [size, size] }),
  step: ({ x, h }, { W, R }) => ({ h: tanh(add(matmul(x, W), matmul(h, R))) }),
});
const model = sequential([own({ size: 3 })], { inputSize: 2 });
const once = [[1, 2]];
const predictions = await model.predict({ sequences: [once, [...once, ...once]] });
console.log(predictions.length);
