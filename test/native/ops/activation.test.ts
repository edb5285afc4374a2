import { expect } from 'chai';
import { type ActivationName, activationFunctions } from '../../../lib/activations.ts';
import { activate } from '../../../lib/ops/activation.ts';
import { gradients } from '../../../lib/ops/gradients.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { awkwardCounts, describeEverywhere, ones } from './everywhere.ts';

const names = Object.keys(activationFunctions) as ActivationName[];

describeEverywhere('activations that a program names, on the native backend', everywhere => {
  for (const name of names)
    it(`${name} and its gradient agree with js and have the same bits everywhere`, () => {
      for (const [alpha, beta] of [
        [0.3, 0.4],
        [-1.5, 2],
      ] as const) {
        const program = programOf(name, alpha, beta);
        for (const count of awkwardCounts) {
          const given = { x: new Numbers(6).reals(count, 4) };
          const batch = batchFor(program, new Numbers(7), { lengths: ones(count), given });
          everywhere().compare(program, batch, 1e-5);
        }
      }
    });

  it('hand NaN on', () => {
    for (const name of names)
      for (const backend of everywhere().natives) {
        const { y } = backend.load(programOf(name, 1, 1), {}).runSync({
          sizes: { batch: 2 },
          values: { x: Float32Array.of(Number.NaN, 1), dy: Float32Array.of(1, 1) },
        });
        expect(y![0], name).to.be.NaN;
      }
  });
});

function programOf(name: ActivationName, alpha: number, beta: number) {
  return record(r => {
    const x = r.feed('x', ['batch']);
    const y = activate(x, { name, alpha, beta });
    return { y, dx: gradients([{ of: y, gradient: r.feed('dy', ['batch']) }], [x])[0]! };
  });
}
