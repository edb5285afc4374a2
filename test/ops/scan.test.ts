import { expect } from 'chai';
import { add } from '../../lib/ops/add.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import type { Direction } from '../../lib/ops/recurrent.ts';
import { scale } from '../../lib/ops/scale.ts';
import { scan } from '../../lib/ops/scan.ts';
import { slice } from '../../lib/ops/slice.ts';
import { sum } from '../../lib/ops/sum.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import { Recording } from '../../lib/program/recording.ts';
import { codeOf } from '../code-of.ts';
import { checkGradients } from './check-gradients.ts';
import { type Build, evaluate, reals } from './evaluate.ts';
import { decoder, decoderInputs, H, I, lengths, twins, weights, written } from './scans.ts';

const fused =
  (direction: Direction): Build =>
  ({ x, W, R, b, h, c }, recording) => {
    recording.layout('input');
    const { y, hN, cN } = lstm({ x: x!, inputWeight: W!, recurrentWeight: R!, bias: b, h, c }, { direction });
    return { y, hN, cN: cN! };
  };

describe('scan', () => {
  for (const direction of ['forward', 'backward'] as const) {
    it(`of an lstm written by hand gives what the fused one gives, ${direction}`, () => {
      const [got, expected] = [written(direction), fused(direction)].map(build =>
        evaluate(weights, build, { lengths }),
      );
      for (const [name, values] of Object.entries(expected!))
        values.forEach((value, index) => {
          expect(got![name]![index], `${name}[${index}]`).to.be.closeTo(value, 1e-12);
        });
    });

    it(`of an lstm written by hand has the gradient of finite differences, ${direction}`, () => {
      checkGradients({ inputs: weights, build: written(direction), lengths, mode: 'train' });
    });
  }

  it('has gradients by constants, by tables, by states some steps back, and by each of its outputs', () => {
    for (const arriving of [undefined, ['next'], ['attention'], ['word'], ['hN'], ['beforeN']])
      checkGradients({
        inputs: decoderInputs,
        build: decoder,
        lengths,
        mode: 'train',
        ...(arriving ? { arriving } : {}),
      });
  });

  it('has the gradient of finite differences where two states begin as one tensor', () => {
    const { x, h } = decoderInputs;
    checkGradients({ inputs: { x, h }, build: twins, lengths, mode: 'train' });
  });

  it('gives no gradient to a state that no step reads, but of empty sequences', () => {
    const forgetful: Build = ({ x, h }, recording) => {
      recording.layout('input');
      const { states } = scan({ sequences: { x: x! }, states: { h: h! } }, step => ({
        states: { h: tanh(step.x) },
        outputs: {},
      }));
      return { hN: states.h };
    };
    const { x, h } = decoderInputs;
    checkGradients({ inputs: { x, h }, build: forgetful, lengths, mode: 'train' });
  });

  it('goes along sequences that no step reads', () => {
    const doubling: Build = ({ x, h }, recording) => {
      recording.layout('input');
      const { states } = scan({ sequences: { x: x! }, states: { h: h! } }, step => ({
        states: { h: scale(step.h, 2) },
        outputs: {},
      }));
      return { hN: states.h };
    };
    const { x, h } = decoderInputs;
    const inputs = { x, h };
    const { hN } = evaluate(inputs, doubling, { lengths });
    const expected = Array.from(h.values, (value, index) => value * 2 ** lengths[Math.floor(index / H)]!);
    expect([...hN!]).to.deep.equal(expected);
    checkGradients({ inputs, build: doubling, lengths, mode: 'train' });
  });

  it('computes around the scan what needs no state, and gradients of weights once for all steps', () => {
    const recording = new Recording('train');
    const { tokens, batch } = recording.layout('input');
    const feed = (name: string, shape: readonly (number | string)[]) => recording.feed(name, shape);
    const { y } = written('forward')(
      {
        x: feed('x', [tokens, I]),
        W: feed('W', [I, 4 * H]),
        R: feed('R', [H, 4 * H]),
        b: feed('b', [4 * H]),
        h: feed('h', [batch, H]),
        c: feed('c', [batch, H]),
      },
      recording,
    );
    recording.result('y', y!);
    const program = recording.finish();
    expect(program.steps.map(({ op }) => op)).to.deep.equal(['matmul', 'scan']);
    expect(program.steps[0]!.outputs).to.have.property('y');
    expect(String(program)).to.match(/ ← scan\(.*\n +0 {2}%/);
  });

  it('of no sequences, and of empty ones, leaves states as they were', () => {
    const empty = { ...weights, x: reals(['input.tokens', I], []) };
    const { y, hN } = evaluate(empty, written('forward'), { lengths: [0, 0, 0, 0, 0] });
    expect(y).to.deep.equal([]);
    expect(hN).to.deep.equal([...evaluate(empty, ({ h }) => ({ h: h! }), { lengths: [0, 0, 0, 0, 0] }).h!]);
  });

  it('refuses steps that are none', () => {
    const recording = new Recording('train');
    const { tokens, batch } = recording.layout('input');
    const x = recording.feed('x', [tokens, I]);
    const h = recording.feed('h', [batch, I]);
    const stray = new Recording('train').feed('stray', ['rows', I]);
    const given = { sequences: { x }, states: { h } };
    const refused = {
      'a state of another shape': () =>
        scan(given, step => ({ states: { h: slice(step.h, { axis: -1, start: 1 }) }, outputs: {} })),
      'a missing state': () => scan(given, () => ({ states: {} as { h: typeof h }, outputs: {} })),
      'rows that are mixed': () => scan(given, step => ({ states: { h: multiply(step.h, sum(step.x)) }, outputs: {} })),
      'tensors of elsewhere': () => scan(given, step => ({ states: { h: add(step.h, stray) }, outputs: {} })),
      'no sequence': () => scan({ sequences: {}, states: { h } }, step => ({ states: { h: step.h }, outputs: {} })),
      'a sequence that is none': () =>
        scan({ sequences: { x: h }, states: { h } }, step => ({ states: { h: step.h }, outputs: {} })),
      'one name for two': () =>
        scan({ sequences: { h: x }, states: { h } }, step => ({ states: { h: step.h }, outputs: {} })),
    };
    for (const [what, run] of Object.entries(refused))
      expect(codeOf(run), what).to.be.oneOf(['ERR_ARGUMENT', 'ERR_SHAPE']);
  });
});
