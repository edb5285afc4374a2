// TensorFlow.js on its plain JavaScript backend. An embedding of few rows is a product with one-hot vectors, since the
// gradient of its gather runs over the whole vocabulary for every token.
import { fingerprint, integers, reals } from '../generate.ts';
import { requirePeer } from '../peers.ts';
import { answerSteps, serve } from '../serve.ts';

console.log = console.info = console.warn = () => {}; // its advice to install tfjs-node; stdout is for answers

/** Our gates in the order of tfjs, by cell; the same table undoes it. Its gru is z r n. */
const order = { lstm: [0, 1, 2, 3], gru: [1, 0, 2], rnn: [0] };

function regate(values, cell, size) {
  const gates = order[cell];
  const columns = gates.length * size;
  const moved = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += columns)
    gates.forEach((from, to) => {
      moved.set(values.subarray(row + from * size, row + (from + 1) * size), row + to * size);
    });
  return moved;
}

/** A layer that has our weights, and the names of its variables. */
function recurrent(tf, { cell, size, batch, steps }, index, inputSize, options) {
  const make = { lstm: tf.layers.lstm, gru: tf.layers.gru, rnn: tf.layers.simpleRNN }[cell];
  const layer = make({
    units: size,
    recurrentActivation: 'sigmoid', // its default is an approximation
    kernelInitializer: 'zeros',
    recurrentInitializer: 'zeros', // the default, orthogonal, takes minutes
    ...options,
  });
  layer.apply(tf.input({ batchShape: [batch, steps, inputSize] })); // makes the weights
  const names = ['inputWeight', 'recurrentWeight', 'bias'].map(name => `recurrent${index}.${name}`);
  const values = layer.getWeights().map((weight, at) => {
    const mine = regate(reals(names[at], weight.size, 1 / Math.sqrt(size)), cell, size);
    return tf.tensor(mine, weight.shape);
  });
  layer.setWeights(values);
  return { layer, names };
}

function training(tf, w) {
  const { task, batch, steps, vocabulary, inputSize, size, classes, clipNorm, cell } = w;
  const everyStep = task === 'language-model';
  const variables = new Map();
  const variable = (name, shape, scale) => {
    const count = shape.reduce((product, extent) => product * extent, 1);
    variables.set(name, tf.variable(tf.tensor(reals(name, count, scale), shape)));
    return variables.get(name);
  };
  const layers = Array.from({ length: w.layers }, (_, index) => {
    const returnSequences = everyStep || index + 1 < w.layers;
    const { layer, names } = recurrent(tf, w, index, index === 0 ? inputSize : size, { returnSequences });
    layer.trainableWeights.forEach((weight, at) => {
      variables.set(names[at], weight.val);
    });
    return layer;
  });
  const weight = variable('dense.weight', [size, classes], 1 / Math.sqrt(size));
  const bias = variable('dense.bias', [classes], 1 / Math.sqrt(size));

  // Our data is time-major, tfjs reads batches of sequences.
  let input;
  if (vocabulary === 0) input = tf.tensor(reals('x', steps * batch * inputSize, 1), [steps, batch, inputSize]);
  else {
    const table = variable('embedding', [vocabulary, inputSize], 1);
    const oneHot = tf.oneHot(tf.tensor1d(integers('ids', steps * batch, vocabulary), 'int32'), vocabulary).toFloat();
    input = () => oneHot.matMul(table).reshape([steps, batch, inputSize]);
  }
  const rows = everyStep ? steps * batch : batch;
  const ids = integers('targets', rows, everyStep ? vocabulary : 2);
  const targets = everyStep
    ? tf.oneHot(tf.tensor1d(ids, 'int32'), classes).toFloat()
    : tf.tensor(Float32Array.from(ids), [rows, 1]);

  const loss = () => {
    let x = (typeof input === 'function' ? input() : input).transpose([1, 0, 2]);
    for (const layer of layers) x = layer.apply(x);
    const h = everyStep ? x.transpose([1, 0, 2]).reshape([rows, size]) : x;
    const logits = h.matMul(weight).add(bias);
    return everyStep ? tf.losses.softmaxCrossEntropy(targets, logits) : tf.losses.sigmoidCrossEntropy(targets, logits);
  };
  const optimizer = w.optimizer === 'adam' ? tf.train.adam(1e-3, 0.9, 0.999, 1e-8) : tf.train.sgd(1e-3);
  const differentiate = () => tf.variableGrads(loss, [...variables.values()]);

  const step = async () => {
    const { value, grads } = differentiate();
    tf.tidy(() => {
      let update = grads;
      if (clipNorm > 0) {
        const norm = tf.sqrt(tf.addN(Object.values(grads).map(gradient => gradient.square().sum())));
        const scale = tf.minimum(1, tf.div(clipNorm, norm.add(1e-6)));
        update = Object.fromEntries(Object.entries(grads).map(([name, gradient]) => [name, gradient.mul(scale)]));
      }
      optimizer.applyGradients(update);
    });
    const [number] = await value.data();
    tf.dispose([value, grads]);
    return number;
  };
  return {
    step,
    async answer() {
      const { grads } = differentiate();
      const tensors = {};
      for (const [name, tensor] of variables) {
        const values = await grads[tensor.name].data();
        tensors[name] = fingerprint(name.startsWith('recurrent') ? regate(values, cell, size) : values);
      }
      const losses = [];
      for (let count = 0; count < answerSteps; count++) losses.push(await step());
      return { losses, tensors };
    },
  };
}

function inference(tf, w) {
  const { task, batch, steps, inputSize } = w;
  const stream = task === 'stream';
  const { layer } = recurrent(tf, w, 0, inputSize, {
    returnSequences: true,
    stateful: stream,
  });
  const x = tf.tensor(reals('x', steps * batch * inputSize, 1), [steps, batch, inputSize]).transpose([1, 0, 2]);
  const step = async () => {
    const y = tf.tidy(() => layer.apply(x).transpose([1, 0, 2]));
    const values = await y.data();
    y.dispose();
    return values;
  };
  return {
    step,
    async answer() {
      let values;
      for (let count = 0; count < (stream ? answerSteps : 1); count++) values = await step();
      return { losses: [], tensors: { [stream ? 'h' : 'y']: fingerprint(values) } };
    },
  };
}

await serve(async workload => {
  const { peer: tf, version } = requirePeer('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  const entry = workload.classes > 0 ? training(tf, workload) : inference(tf, workload);
  return { settings: `TensorFlow.js ${version}, backend ${tf.getBackend()}`, ...entry };
});
