import { expect } from 'chai';
import { gradients } from '../../lib/ops/gradients.ts';
import { gru } from '../../lib/ops/gru.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { bytesAt, describeBytes, memoryOf } from '../../lib/program/memory.ts';
import { plan } from '../../lib/program/plan.ts';
import { record } from '../../lib/program/recording.ts';
import { classifier } from '../backend/conformance/models.ts';

const sizes = { batch: 64, 'input.steps': 400, 'input.tokens': 64 * 400 };

/** Two layers of 32 units over 5 features, and the gradients of their recurrent weights. */
function stack(recompute: boolean | number) {
  return record(
    recording => {
      const { tokens } = recording.layout('input');
      const weights = (name: string, inputs: number, columns: number) => ({
        inputWeight: recording.feed(`${name}.W`, [inputs, columns]),
        recurrentWeight: recording.feed(`${name}.R`, [32, columns]),
      });
      const [first, second] = [weights('first', 5, 96), weights('second', 32, 128)];
      const attributes = { direction: 'forward', reset: 'after', updateGate: 'keep', recompute } as const;
      const { y } = gru({ x: recording.feed('x', [tokens, 5]), ...first }, attributes);
      const { hN } = lstm({ x: y, ...second }, { direction: 'forward', recompute });
      const upstream = [{ of: hN, gradient: recording.feed('up', hN.shape) }];
      const [dFirst, dSecond] = gradients(upstream, [first.recurrentWeight, second.recurrentWeight]);
      return { dFirst: dFirst!, dSecond: dSecond! };
    },
    { mode: 'train' },
  );
}

describe('memoryOf', () => {
  it('is a sum over products of sizes, the largest first and the fixed part last', () => {
    const { buffers } = memoryOf(stack(false));
    expect([...buffers.keys()]).to.deep.equal(['input.tokens', 'batch', '']);
    // At the lstm's gradient: y, gates and cells of both layers, and the gradient that goes on to the first.
    expect(buffers.get('input.tokens')).to.equal(4 * (32 + 144 + 32 + 144 + 32 + 32));
  });

  it('has the root of the steps where gates are computed again, and the segment where it is given', () => {
    const { buffers } = memoryOf(stack(true));
    expect(buffers.get('input.tokens')).to.equal(4 * (32 + 32 + 32));
    expect(buffers.get('batch·√input.steps')).to.equal(4 * (32 + 144 + 32));
    const given = memoryOf(stack(20)).buffers;
    expect(given.get('batch·input.steps/20')).to.equal(4 * 32);
    expect(given.get('batch·min(input.steps,20)')).to.equal(4 * (144 + 32));
  });

  it('is about what the plan of the arena takes', () => {
    for (const program of [stack(false), stack(true), stack(7), classifier({ size: 20 }).program]) {
      const byFormula = bytesAt(memoryOf(program).buffers, sizes);
      expect(plan(program, sizes, 4).bytes).to.be.within(0.9 * byFormula, 1.1 * byFormula);
    }
  });

  it('counts feeds and storage apart', () => {
    const { feeds, storage } = memoryOf(classifier({ size: 20 }).program);
    expect(feeds.get('input.tokens')).to.equal(4);
    expect(feeds.get('input.steps')).to.equal(4);
    const { storages } = classifier({ size: 20 }).program;
    expect(storage.get('')).to.equal(4 * storages.reduce((sum, { elements }) => sum + elements, 0));
  });
});

describe('describeBytes', () => {
  it('gives each product its unit', () => {
    const bytes = new Map([
      ['input.tokens', 2624],
      ['batch·√input.steps', 512],
      ['', 5 * 2 ** 20],
    ]);
    expect(describeBytes(bytes)).to.equal('2.56 KB·input.tokens + 512 B·batch·√input.steps + 5 MB');
    expect(describeBytes(new Map())).to.equal('0 B');
  });
});
