import { expect } from 'chai';
import { dropout, zoneoutMask } from '../../../lib/ops/dropout.ts';
import { fill } from '../../../lib/ops/fill.ts';
import { record } from '../../../lib/program/recording.ts';
import { Numbers } from '../../backend/conformance/numbers.ts';
import { batchFor } from '../../backend/conformance/trial.ts';
import { describeEverywhere, ones } from './everywhere.ts';

const tolerance = 2e-7; // the values; a mask drawn otherwise would deviate by 1

describeEverywhere('dropout of the native backend', everywhere => {
  it('draws the masks of js for rows of any width', () => {
    for (const units of [1, 3, 4, 5, 16, 63, 64, 65, 200]) {
      const program = record(
        r => ({ y: dropout(r.feed('x', ['batch', units]), { rate: 0.3, seed: 0xfffffffe, layer: units }) }),
        { mode: 'train' },
      );
      for (const count of [0, 1, 9, 300])
        for (const clock of [
          [1, 0],
          [2 ** 31 - 1, 12_345],
        ])
          everywhere().compare(
            program,
            batchFor(program, new Numbers(3), { lengths: ones(count), given: { clock: Int32Array.from(clock) } }),
            tolerance,
          );
    }
  });

  it('draws the masks of js for tokens of ragged sequences, in the order of the caller', () => {
    const numbers = new Numbers(4);
    const program = record(
      r => ({ y: dropout(r.feed('x', [r.layout('input').tokens, 40]), { rate: 0.5, seed: 7, layer: 2 }) }),
      { mode: 'train' },
    );
    for (const lengths of [[], [0], [1], [3, 0, 5, 1, 5], [...numbers.integers(300, 12)]])
      everywhere().compare(
        program,
        batchFor(program, numbers, { lengths, given: { clock: Int32Array.of(5, 100) } }),
        tolerance,
      );
  });

  it('draws masks for scalars, vectors and tensors of more axes', () => {
    for (const shape of [[], [9], [4, 3, 5], [2, 0]]) {
      const program = record(r => ({ y: dropout(r.feed('x', shape), { rate: 0.5, seed: 1, layer: 0 }) }), {
        mode: 'train',
      });
      everywhere().compare(
        program,
        batchFor(program, new Numbers(5), { given: { clock: Int32Array.of(1, 0) } }),
        tolerance,
      );
    }
  });

  it('says where it drops, as js does, for rows of any width', () => {
    for (const units of [1, 5, 64, 200]) {
      const key = { rate: 0.4, seed: 9, layer: units };
      const program = record(
        r => {
          const { tokens } = r.layout('input');
          const ones = fill(r, [tokens, units], 1);
          return { mask: zoneoutMask(r.feed('x', [tokens, 2]), units, key)!, rest: dropout(ones, key) };
        },
        { mode: 'train' },
      );
      const batch = batchFor(program, new Numbers(3), {
        lengths: [3, 0, 5, 1, 5],
        given: { clock: Int32Array.of(4, 7) },
      });
      everywhere().compare(program, batch, tolerance);
      for (const backend of everywhere().natives) {
        const { mask, rest } = backend.load(program, {}).runSync(batch) as Record<string, Float32Array>;
        expect([...mask!]).to.deep.equal([...rest!].map(value => (value === 0 ? 1 : 0)));
      }
    }
  });

  it('drops as often as it says, at rates near 0 and 1 too', () => {
    for (const rate of [1e-3, 0.25, 0.9, 0.999]) {
      const program = record(r => ({ y: dropout(fill(r, [1000, 500], 1), { rate, seed: 3, layer: 1 }) }), {
        mode: 'train',
      });
      const clock = Int32Array.of(1, 0);
      const { y } = everywhere().natives[0]!.load(program, {}).runSync({ sizes: {}, values: { clock } });
      const dropped = [...y!].filter(value => value === 0).length;
      const deviation = Math.sqrt(500_000 * rate * (1 - rate));
      expect(dropped).to.be.closeTo(500_000 * rate, 4 * deviation);
    }
  });

  it('makes a dropped element 0 even where it is not finite', () => {
    const program = record(r => ({ y: dropout(r.feed('x', [1, 64]), { rate: 0.5, seed: 3, layer: 1 }) }), {
      mode: 'train',
    });
    for (const backend of everywhere().natives) {
      const { y } = backend.load(program, {}).runSync({
        sizes: {},
        values: { x: new Float32Array(64).fill(Number.NaN), clock: Int32Array.of(1, 0) },
      });
      expect([...y!]).to.include(0);
      expect([...y!].every(value => value === 0 || Number.isNaN(value))).to.equal(true);
    }
  });
});
