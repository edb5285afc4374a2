import { expect } from 'chai';
import type { CellName } from '../../lib/cells.ts';
import { gru } from '../../lib/ops/gru.ts';
import { gruScan } from '../../lib/ops/gru-scan.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { type LstmScanAttributes, type LstmScanInputs, lstmScan } from '../../lib/ops/lstm-scan.ts';
import { rnn } from '../../lib/ops/rnn.ts';
import { rnnScan } from '../../lib/ops/rnn-scan.ts';
import type { ProgramData } from '../../lib/program/program.ts';
import { Recording } from '../../lib/program/recording.ts';
import type { Shape } from '../../lib/program/shape.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import { codeOf } from '../code-of.ts';
import { checkGradients } from './check-gradients.ts';
import { type Build, evaluate, type Given, integers } from './evaluate.ts';
import { all, built, combined, differentiated, drawn, H, I, lengths, options, plain, R } from './lstm-scans.ts';

type Inputs = Readonly<Record<string, Tensor>>;
describe('cells as scans', () => {
  const cells: Record<string, { cell: CellName; fused: Build; scanned: Build }> = {};
  for (const direction of ['forward', 'backward'] as const) {
    cells[`lstm, ${direction}`] = {
      cell: 'lstm',
      fused: built(inputs => lstm(inputs, { direction })),
      scanned: built(inputs => lstmScan(inputs, { direction })),
    };
    for (const activation of ['tanh', 'relu'] as const)
      cells[`rnn with ${activation}, ${direction}`] = {
        cell: 'rnn',
        fused: built(inputs => rnn(inputs, { direction, activation })),
        scanned: built(inputs => rnnScan(inputs, { direction, activation })),
      };
    for (const [reset, updateGate] of [
      ['after', 'keep'],
      ['before', 'write'],
    ] as const)
      cells[`gru with reset ${reset}, ${direction}`] = {
        cell: 'gru',
        fused: built(inputs => gru(inputs, { direction, reset, updateGate })),
        scanned: built(inputs => gruScan(inputs, { direction, reset, updateGate })),
      };
  }

  for (const [name, { cell, fused, scanned }] of Object.entries(cells))
    it(`${name}: is what the fused one is, gradients too`, () => {
      const gates = { rnn: 1, gru: 3, lstm: 4 }[cell];
      const { c, ...others } = plain(gates);
      const whole: Readonly<Record<string, Given>> = cell === 'lstm' ? { ...others, c: c! } : others;
      const { x, inputWeight, recurrentWeight } = whole as Record<'x' | 'inputWeight' | 'recurrentWeight', Given>;
      const variants: Readonly<Record<string, Readonly<Record<string, Given>>>> = {
        'all there is': whole,
        'weights alone': { x, inputWeight, recurrentWeight },
        masks: { ...whole, ...all({ maskX: ['batch', I], maskH: ['batch', H] }, 1) },
        'masks per gate': { ...whole, ...all({ maskX: ['batch', gates * I], maskH: ['batch', gates * H] }, 1) },
        'rows of a table': {
          ...Object.fromEntries(Object.entries(whole).filter(([name]) => name !== 'x')),
          table: drawn('table', [5, I]),
          ids: integers(['input.tokens'], [0, 3, 1, 1, 4, 3, 0, 2, 2]),
        },
      };
      for (const [variant, inputs] of Object.entries(variants)) {
        const compared = [fused, scanned].map(build =>
          evaluate(inputs, differentiated(build), { lengths, mode: 'train' }),
        );
        const [expected, got] = compared as [Record<string, number[]>, Record<string, number[]>];
        expect(Object.keys(got)).to.have.members(Object.keys(expected));
        for (const [output, values] of Object.entries(expected))
          values.forEach((value, index) => {
            expect(got[output]![index], `${variant}: ${output}[${index}]`).to.be.closeTo(value, 1e-11);
          });
      }
    });
});

describe('lstmScan', () => {
  const names = Object.keys(options);
  for (const direction of ['forward', 'backward'] as const)
    for (const name of names)
      it(`with ${name} has the gradient of finite differences, ${direction}`, () => {
        checkGradients({ ...combined(direction, options[name]!)!, lengths, mode: 'train' });
      });

  it('has it by what goes through all steps with every two options together', () => {
    for (const [index, one] of names.entries())
      for (const another of names.slice(index + 1)) {
        const both = combined('forward', options[one]!, options[another]!);
        if (both) checkGradients({ ...both, by: ['c', 'recurrentBias'], lengths, mode: 'train' });
      }
  }).timeout(120_000);

  it('keeps old states where the share that is kept is 1, and takes fresh ones where it is 0', () => {
    const { inputs, build } = combined('forward', options['zoneout given']!)!;
    const { h, c } = inputs;
    const shared = (zoneH: number, zoneC: number) => {
      const filled = (name: string, share: number) => ({
        ...inputs[name]!,
        values: Array.from(inputs[name]!.values, () => share),
      });
      return evaluate({ ...inputs, zoneH: filled('zoneH', zoneH), zoneC: filled('zoneC', zoneC) }, build, { lengths });
    };
    const plainly = evaluate(plain(4), combined('forward')!.build, { lengths });
    expect(shared(0, 0)).to.deep.equal(plainly);
    expect(shared(1, 1)).to.deep.include({ hN: [...h!.values], cN: [...c!.values] });
    const part = combined('forward', { attributes: { zoneoutH: 0.25, zoneoutC: 0.5 } })!;
    expect(evaluate(part.inputs, part.build, { lengths })).to.deep.equal(shared(0.25, 0.5));
  });

  it('computes the products with x, and their normalization, once for all steps', () => {
    const { inputs, build } = combined('forward', options["layerNorm 'joint'"]!, options.projection!)!;
    const recording = new Recording('infer');
    recording.layout('input');
    const tensors: Inputs = Object.fromEntries(
      Object.entries(inputs as Record<string, Given>).map(([name, { shape }]) => [name, recording.feed(name, shape)]),
    );
    recording.result('y', build(tensors, recording).y!);
    const { steps } = recording.finish();
    expect(steps.map(({ op }) => op)).to.include.members(['matmul', 'layerNorm', 'scan']);
    const inside = (steps.at(-1)!.attributes.body as ProgramData).steps.map(({ op }) => op);
    expect(inside.filter(op => op === 'layerNorm')).to.have.length(2);
  });

  it('refuses what does not go together', () => {
    const recording = new Recording('train');
    const { tokens, batch } = recording.layout('input');
    const feed = (shape: Shape) => recording.feed(JSON.stringify(shape), shape);
    const inputs = { x: feed([tokens, I]), inputWeight: feed([I, 4 * H]), recurrentWeight: feed([H, 4 * H]) };
    const refused: Readonly<Record<string, readonly [Partial<LstmScanInputs>, Partial<LstmScanAttributes>]>> = {
      'a weight for other inputs': [{ inputWeight: feed([I + 1, 4 * H]) }, {}],
      'a weight of no whole gates': [{ recurrentWeight: feed([H, 4 * H + 1]) }, {}],
      'a recurrent weight that reads more than the projection': [{ projection: feed([H, R]) }, {}],
      'a state of another width': [{ h: feed([batch, R]) }, {}],
      'peepholes that no gate has': [{ peepholes: feed([3, H]) }, {}],
      'gates with peepholes that are not there': [{}, { peepholes: ['i'] }],
      'a peephole too few': [{ peepholes: feed([1, H]) }, { peepholes: ['i', 'f'] }],
      'a norm without normalization': [{ cellNorm: { gain: feed([H]) } }, {}],
      'the norm of the other kind': [{ gateNorm: { gain: feed([4, H]) } }, { layerNorm: 'joint' }],
      'a gain of another width': [{ inputNorm: { gain: feed([H]) } }, { layerNorm: 'joint' }],
      'an unknown normalization': [{}, { layerNorm: 'batch' as 'joint' }],
      'a clip of no projection': [{}, { projectionClip: 1 }],
      'a clip that leaves nothing of the projection': [
        { projection: feed([H, R]), recurrentWeight: feed([R, 4 * H]) },
        { projectionClip: 0 },
      ],
      'a clip that leaves nothing': [{}, { clip: 0 }],
      'a share of more than all': [{}, { zoneoutC: 1.5 }],
      'an activation of no gate': [{}, { activations: { r: 'tanh' } }],
      'a peephole of a gate that is computed from another': [
        { inputWeight: feed([I, 3 * H]), recurrentWeight: feed([H, 3 * H]), peepholes: feed([1, H]) },
        { coupled: 'f', peepholes: ['f'] },
      ],
      'a sequence that is none': [{ x: feed([7, I]) }, {}],
    };
    for (const [what, [some, attributes]] of Object.entries(refused))
      expect(
        codeOf(() => lstmScan({ ...inputs, ...some } as LstmScanInputs, { direction: 'forward', ...attributes })),
        what,
      ).to.be.oneOf(['ERR_SHAPE', 'ERR_ARGUMENT']);
  });
});
