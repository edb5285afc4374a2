import { expect } from 'chai';
import { gather } from '../../lib/ops/gather.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { square } from '../../lib/ops/square.ts';
import { sum } from '../../lib/ops/sum.ts';
import { record } from '../../lib/program/recording.ts';

describe('program.toString()', () => {
  it('lists sizes, storage, what enters and leaves, every step and the commit point', () => {
    const parameters = { name: 'parameters', dtype: 'real', elements: 2 } as const;
    const program = record(
      recording => {
        const p = recording.view('parameter', { storage: parameters, offset: 0, shape: [2], name: 'p' });
        const loss = sum(square(p));
        recording.check(loss);
        const [g] = gradients(loss, [p]);
        recording.update('sgd', { parameters: p, gradients: g! }, ['parameters'], { momentum: 0.5, nesterov: true });
        return { loss };
      },
      { mode: 'train' },
    );
    expect(program.toString()).to.equal(
      [
        'memory     buffers: 28 B',
        'memory     storage: 8 B',
        'storage    parameters  real × 2',
        'parameter  %0 p  real [2]  @ parameters+0',
        'result     %2 loss  real []',
        '   0  %1[2] ← square(x: %0)',
        '   1  %2[] ← sum(x: %1) {axis: 0, all: true, keep: false}',
        '   2  %3[] ← fill() {value: 1}',
        '   3  %4[1] ← reshape(x: %3) {shape: [1]}',
        '   4  %5[2] ← broadcast(x: %4) {shape: [2]}',
        '   5  %6[2] ← scale(x: %0) {factor: 2, shift: 0}',
        '   6  %7[2] ← multiply(a: %5, b: %6)',
        '---- commit, if finite: %2',
        '   7  %0[2] ← sgd(parameters: %0, gradients: %7) {momentum: 0.5, nesterov: true}',
      ].join('\n'),
    );
  });

  it('shows named sizes and every output of a step', () => {
    const program = record(recording => {
      const { tokens } = recording.layout('input');
      const x = gather(recording.feed('table', [9, 3]), recording.feed('ids', [tokens], 'int32'));
      const weights = { inputWeight: recording.feed('W', [3, 8]), recurrentWeight: recording.feed('R', [2, 8]) };
      return { last: lstm({ x, ...weights }, { direction: 'backward' }).hN };
    });
    const text = program.toString();
    expect(text).to.match(/^sizes {6}.*input\.tokens/);
    expect(text).to.match(/feed {7}%\d+ ids {2}int32 \[input\.tokens\]/);
    expect(text).to.match(
      /\[input\.tokens,2\], %\d+\[batch,2\], %\d+\[batch,2\] ← lstm\(x: %\d+, .*\) \{direction: backward\}/,
    );
    expect(text).to.match(/memory {5}buffers: 20 B·input\.tokens \+ 16 B·batch$/m);
  });

  it('shows what is computed again, and the memory that it leaves', () => {
    const text = (recompute: boolean | number) =>
      record(
        recording => {
          const { tokens } = recording.layout('input');
          const x = recording.feed('x', [tokens, 3]);
          const recurrentWeight = recording.feed('R', [16, 64]);
          const { hN } = lstm(
            { x, inputWeight: recording.feed('W', [3, 64]), recurrentWeight },
            { direction: 'forward', recompute },
          );
          const upstream = [{ of: hN, gradient: recording.feed('up', hN.shape) }];
          return { dR: gradients(upstream, [recurrentWeight])[0]! };
        },
        { mode: 'train' },
      ).toString();
    expect(text(false)).to.contain('buffers: 448 B·input.tokens + 128 B·batch + 4 KB');
    expect(text(false)).not.to.contain('recompute');
    expect(text(true)).to.contain('buffers: 448 B·batch·√input.steps + 128 B·batch + 64 B·input.tokens + 4 KB');
    expect(text(true)).to.match(/%\d+\[√input\.steps,batch,16\] ← lstm\(.*\) \{direction: forward, recompute: true\}/);
    expect(text(7)).to.match(
      /%\d+\[min\(input\.steps,7\),batch,80\], .* ← lstmGradient\(.*checkpoints: .*recompute: 7/,
    );
  });
});
