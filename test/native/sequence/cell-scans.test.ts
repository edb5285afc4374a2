import { gradients } from '../../../lib/ops/gradients.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { combined, options } from '../../ops/lstm-scans.ts';
import { describeEverywhere } from '../ops/everywhere.ts';

describeEverywhere('cells as scans on the native backend', everywhere => {
  for (const some of [
    ["layerNorm 'joint'", 'a clipped projection', 'all peepholes', 'zoneout'],
    ["layerNorm 'perGate'", 'i = 1 − f', 'cellClip', 'zoneout given'],
    ['activations', 'clip', 'f = 1 − i', 'masks'],
  ])
    it(`lstm with ${some.join(', ')}: agrees with js, gradients too, and has the same bits everywhere`, () => {
      const { inputs, build } = combined('backward', ...some.map(name => options[name]!))!;
      const program = record(
        recording => {
          const tensors = Object.fromEntries(
            Object.entries(inputs).map(([name, { shape }]) => [name, recording.feed(name, shape)]),
          );
          const outputs = build(tensors, recording);
          const upstream = Object.entries(outputs).map(([name, of]) => ({
            of,
            gradient: recording.feed(`up.${name}`, of.shape),
          }));
          const found = gradients(upstream, Object.values(tensors));
          return { ...outputs, ...Object.fromEntries(found.map((gradient, index) => [`d${index}`, gradient])) };
        },
        { mode: 'train' },
      );
      for (const lengths of [
        [3, 0, 5, 1],
        [0, 0],
        [9, 9, 9],
      ])
        everywhere().compare(program, batchFor(program, new Numbers(4), { lengths }), 2e-5);
    });
});
