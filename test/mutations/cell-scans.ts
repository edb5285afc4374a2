import type { Suite } from './mutation.ts';

const lstm = 'lib/ops/lstm-scan.ts';
const cell = 'lib/ops/scan-cell.ts';
const opened = 'lib/diagnosis/open-recording.ts';
const options = 'lib/ops/cell-options.ts';
const findings = 'lib/diagnosis/findings.ts';
const rnn = 'lib/ops/rnn-scan.ts';
const layer = 'lib/layers/rnn.ts';
const masked = 'lib/data/masked.ts';
const activations = 'lib/onnx/recurrent-operators.ts';
const read = 'lib/onnx/read-recurrent.ts';
const onnx = 'lib/onnx/recurrent.ts';

/** Cells as scans and what is seen of their inside, steps that do not count, ONNX's nodes. */
export const cellScans: Suite = {
  name: 'cells as scans',
  native: false,
  tests: [
    'test/golden/golden.test.ts',
    'test/data/masked.test.ts',
    'test/diagnosis/open-recording.test.ts',
    'test/onnx/recurrent.test.ts',
    'test/ops/cell-scans.test.ts',
    'test/layers/rnn-options.test.ts',
  ],
  mutations: [
    {
      name: 'lstmScan: the output gate looks at the old cell state',
      file: lstm,
      find: "gate('o', read)",
      replace: "gate('o', c)",
    },
    {
      name: 'lstmScan: the normalized cell state is carried where it is only shown',
      file: lstm,
      find: 'states: { h: given, c: next }',
      replace: 'states: { h: given, c: shown }',
    },
    {
      name: 'lstmScan: gates are normalized all at once',
      file: lstm,
      find: 'byGate(sum, sizes, each => normalized(each, gateNorm))',
      replace: 'normalized(sum, undefined)',
    },
    {
      name: 'lstmScan: the projection is not clipped',
      file: lstm,
      find: 'projectionClip === undefined ? projected',
      replace: 'true ? projected',
    },
    {
      name: 'rnnScan: the oldest state is kept in place of the newest',
      file: rnn,
      find: 'slice(past, { axis: -1, start: 0, stop: -output })',
      replace: 'slice(past, { axis: -1, start: output })',
    },
    {
      name: 'rnnScan: the last layer of a transition is linear',
      file: rnn,
      find: '=> f(matmul(y, weight, { bias })), a)',
      replace: '=> matmul(y, weight, { bias }), a)',
    },
    {
      name: 'rnnScan: numbers read states that no mask has dropped',
      file: rnn,
      find: 'mask ? multiply(states, mask) : states',
      replace: 'states',
    },
    {
      name: 'rnnScan: the second bias is left out where the recurrent weight is a number',
      file: rnn,
      find: 'recurrentBias ? add(summed, recurrentBias) : summed',
      replace: 'summed',
    },
    {
      name: 'rnn: the states before h start from zeros though they are learned or given',
      file: cell,
      find: '(earlier ?? fill(recording, [x.layout!.batch, (order - 1) * sizes.output], 0))',
      replace: 'fill(recording, [x.layout!.batch, (order - 1) * sizes.output], 0)',
    },
    {
      name: 'rnn: the layers of a transition are never frozen',
      file: layer,
      find: 'for (const parameter of own) parameter.trainable = trainable;',
      replace: '',
    },
    {
      name: 'scans of cells: every gate has the first mask',
      file: cell,
      find: 'gateOf(mask, gate, width)',
      replace: 'gateOf(mask, 0, width)',
    },
    {
      name: 'scans of cells: zoneout keeps the fresh share',
      file: cell,
      find: 'add(multiply(share, old), multiply(complement(share), fresh))',
      replace: 'add(multiply(share, fresh), multiply(complement(share), old))',
    },
    {
      name: 'open cells: the step itself does not read the nudge of c',
      file: lstm,
      find: 'nudged(next, nudgeC)',
      replace: 'next',
    },
    {
      name: 'open cells: zoneout takes a share of the nudge',
      file: cell,
      find: `const next = zoned(reads[name]!, fresh, reads[\`zone\${of}\`] ?? zoneout[name]);
        return nudged(next, reads[\`nudge\${of}\`]);`,
      replace: `const next = nudged(fresh, reads[\`nudge\${of}\`]);
        return zoned(reads[name]!, next, reads[\`zone\${of}\`] ?? zoneout[name]);`,
    },
    {
      name: 'open cells: zoneout keeps nothing',
      file: opened,
      find: 'attributes.rate as number',
      replace: '0',
    },
    {
      name: 'open cells: activations are in the order of other gates',
      file: options,
      find: '{ name: activations?.[index],',
      replace: '{ name: activations?.at(-index),',
    },
    {
      name: 'open cells: what a coupled gate has at its ends is not turned around',
      file: findings,
      find: '{ low: high, high: low }',
      replace: '{ low, high }',
    },
    {
      name: 'masks: what is held comes from the start in both directions',
      file: masked,
      find: "direction === 'forward' ? step : steps - 1 - step",
      replace: 'step',
    },
    {
      name: 'masks: what is held is forgotten at a hole',
      file: masked,
      find: 'if (rowAt[place]! >= 0) held = rowAt[place]!;',
      replace: 'held = rowAt[place]!;',
    },
    {
      name: 'onnx: all activations have the first alpha',
      file: activations,
      find: 'numbers[which][next[which]++]',
      replace: 'numbers[which][next[which]]',
    },
    {
      name: 'onnx: a length may be one too long',
      file: read,
      find: 'length <= steps',
      replace: 'length <= steps + 1',
    },
    {
      name: 'onnx: peepholes are in our order',
      file: onnx,
      find: 'seeing.map(gate => order.indexOf(gate))',
      replace: 'seeing.map((_, part) => part)',
    },
    {
      name: 'onnx: the recurrent bias is that of the input',
      file: onnx,
      find: 'own.map(part => G + part)',
      replace: 'own',
    },
    {
      name: 'onnx: initial states of both directions are those of the first',
      file: onnx,
      find: 'b * D + d : d * batch + b',
      replace: 'b * D : b',
    },
  ],
};
