// onnxruntime-node: inference of one layer, from a model of one node made here.
import { cells } from '../../lib/cells.ts';
import { fingerprint, reals } from '../generate.ts';
import { requirePeer } from '../peers.ts';
import { answerSteps, serve } from '../serve.ts';
import { oneLayer } from './onnx-model.ts';

/** Our gates in the order of ONNX: i o f g and z r n. */
const order = { lstm: [0, 3, 1, 2], gru: [1, 0, 2], rnn: [0] };

/** Ours [rows, G·H] as ONNX has it: [1, G·H, rows], gates in its order. */
function weight(name, { cell, size }, rows) {
  const gates = order[cell];
  const columns = gates.length * size;
  const ours = reals(`recurrent0.${name}`, rows * columns, 1 / Math.sqrt(size));
  const values = new Float32Array(ours.length);
  gates.forEach((from, to) => {
    for (let unit = 0; unit < size; unit++)
      for (let row = 0; row < rows; row++)
        values[(to * size + unit) * rows + row] = ours[row * columns + from * size + unit];
  });
  return { dims: [1, columns, rows], values };
}

/** [1, 2·G·H]: added to x·W, then to h·R, where it is zero. */
function bias(workload) {
  const { values } = weight('bias', workload, 1);
  const both = new Float32Array(2 * values.length);
  both.set(values);
  return { dims: [1, both.length], values: both };
}

await serve(async (workload, threads) => {
  const { peer: ort, version } = requirePeer('onnxruntime-node');
  const { task, steps, batch, inputSize, size, cell } = workload;
  const model = oneLayer(workload, {
    W: weight('inputWeight', workload, inputSize),
    R: weight('recurrentWeight', workload, size),
    B: bias(workload),
  });
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    extra: { session: { set_denormal_as_zero: '1' } },
  });
  const tensor = (values, dims) => new ort.Tensor('float32', values, dims);
  const feeds = { X: tensor(reals('x', steps * batch * inputSize, 1), [steps, batch, inputSize]) };
  let step;
  let result;
  if (task === 'stream') {
    const states = cells[cell].states.map(name => name.toUpperCase());
    const names = states.map(name => `Y${name}`);
    for (const name of states) feeds[`${name}0`] = tensor(new Float32Array(size), [1, 1, size]);
    step = async () => {
      const outputs = await session.run(feeds, names);
      for (const name of states) feeds[`${name}0`] = outputs[`Y${name}`];
    };
    result = () => ({ h: fingerprint(feeds.H0.data) });
  } else {
    const fetches = { Y: tensor(new Float32Array(steps * batch * size), [steps, 1, batch, size]) };
    step = () => session.run(feeds, fetches);
    result = () => ({ y: fingerprint(fetches.Y.data) });
  }
  return {
    settings: `ONNX Runtime ${version}`,
    step,
    async answer() {
      for (let count = 0; count < (task === 'stream' ? answerSteps : 1); count++) await step();
      return { losses: [], tensors: result() };
    },
  };
});
