import { expect } from 'chai';
import { cellNames } from '../../lib/cells.ts';
import { gatesOf, type LstmCellOptions } from '../../lib/ops/cell-options.ts';
import { gruScan } from '../../lib/ops/gru-scan.ts';
import { lstm } from '../../lib/ops/lstm.ts';
import { lstmScan } from '../../lib/ops/lstm-scan.ts';
import type { RecurrentInputs, RecurrentOutputs } from '../../lib/ops/recurrent.ts';
import { rnnScan } from '../../lib/ops/rnn-scan.ts';
import { Recording } from '../../lib/program/recording.ts';
import { elementCount } from '../../lib/program/shape.ts';
import { optionPairs } from '../backend/conformance/cell-options.ts';
import { type CellCase, layer, plainCase } from '../backend/conformance/cell-program.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { checkGradients } from './check-gradients.ts';
import { type Build, evaluate, type Given, reals } from './evaluate.ts';
import { differentiated } from './lstm-scans.ts';

const lengths = [2, 0, 4, 1];
const [size, inputSize] = [4, 3];

/** Inputs of a cell with its options, drawn. */
function inputsOf({ cell, options = {}, zoned = false }: CellCase): Record<string, Given> {
  const numbers = new Numbers(31 + cell.length);
  const columns = gatesOf(cell, options).length * size;
  const batch = lengths.length;
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const drawn = (...shape: number[]) => reals(shape, numbers.reals(elementCount(shape)));
  const rows = (leading: string, count: number, least = -1) =>
    reals(
      [leading, size],
      numbers.reals(count * size).map(value => Math.max(value, least)),
    );
  return {
    x: reals(['input.tokens', inputSize], numbers.reals(tokens * inputSize)),
    inputWeight: drawn(inputSize, columns),
    recurrentWeight: drawn(size, columns),
    bias: drawn(columns),
    recurrentBias: drawn(columns),
    h: rows('batch', batch),
    ...(cell === 'lstm' ? { c: rows('batch', batch) } : {}),
    ...(options.peepholes ? { peepholes: drawn(options.peepholes.length, size) } : {}),
    ...(zoned ? { zoneH: rows('input.tokens', tokens, 0) } : {}),
    ...(zoned && cell === 'lstm' ? { zoneC: rows('input.tokens', tokens, 0) } : {}),
  };
}

/** The equations of a case as a scan. */
function scanned({ cell, direction, activation, reset, updateGate, options }: CellCase, inputs: RecurrentInputs) {
  switch (cell) {
    case 'rnn':
      return rnnScan(inputs, { direction, activation: activation as 'tanh', ...options });
    case 'gru':
      return gruScan(inputs, { direction, reset, updateGate, ...options });
    case 'lstm':
      return lstmScan(inputs, { direction, ...options });
  }
}

const built =
  (record: (inputs: RecurrentInputs) => RecurrentOutputs): Build =>
  (tensors, recording) => {
    recording.layout('input');
    const { y, hN, cN } = record(tensors as unknown as RecurrentInputs);
    return { y, hN, ...(cN ? { cN } : {}) };
  };

describe('options of cells', () => {
  it('the clip bounds what enters gates, and not the new cell state', () => {
    const identity = { i: 'identity', f: 'identity', g: 'identity', o: 'identity', c: 'identity' } as const;
    const inputs = {
      x: reals(['input.tokens', 1], [0]),
      inputWeight: reals([1, 4], [0, 0, 0, 0]),
      recurrentWeight: reals([1, 4], [0, 0, 0, 0]),
      bias: reals([4], [5, 5, -5, 5]),
      c: reals(['batch', 1], [3]),
    };
    const { hN, cN } = evaluate(
      inputs,
      (tensors, recording) => {
        recording.layout('input');
        const given = tensors as unknown as RecurrentInputs;
        const outputs = lstm(given, { direction: 'forward', activations: identity, clip: 1 });
        return { hN: outputs.hN, cN: outputs.cN! };
      },
      { lengths: [1] },
    );
    expect({ hN, cN }).to.deep.equal({ hN: [2], cN: [2] });
  });

  it('refuses what no cell has', () => {
    const recording = new Recording('train');
    const x = recording.feed('x', [recording.layout('input').tokens, 2]);
    const inputWeight = recording.feed('W', [2, 12]);
    const recurrentWeight = recording.feed('R', [3, 12]);
    const of = (options: LstmCellOptions) => () =>
      lstm({ x, inputWeight, recurrentWeight }, { direction: 'forward', ...options });
    for (const [options, message] of [
      [{ clip: -1 }, 'clip must be greater than 0, got -1'],
      [{ zoneoutC: 2 }, 'zoneoutC must be within 0 and 1, got 2'],
      [{ coupled: 'g' }, "coupled must be 'f' or 'i', got g"],
      [{ peepholes: ['i', 'i'] }, "peepholes are of 'i', 'f' and 'o', each once, got i, i"],
      [{ peepholes: ['i'], coupled: 'i' }, 'the gate i is computed from another and has no peephole'],
      [{ peepholes: ['i'] }, 'peepholes of i need their weights'],
      [{ activations: { r: 'tanh' } }, 'there is no activation of r; there are those of i, f, g, o, c'],
      [{ activations: { valueOf: 'tanh' } }, 'there is no activation of valueOf; there are those of i, f, g, o, c'],
    ] as const)
      expect(of(options as unknown as LstmCellOptions))
        .to.throw(RangeError, message)
        .with.property('code', 'ERR_ARGUMENT');
  });

  for (const cell of cellNames)
    for (const [turn, { name, options, zoned = false }] of optionPairs(cell).entries())
      it(`${cell} with ${name} has the gradients of finite differences, and is what a scan of its equations is`, () => {
        const whole = plainCase(cell, {
          options,
          zoned,
          direction: turn % 2 === 0 ? 'forward' : 'backward',
          reset: turn % 3 === 0 ? 'before' : 'after',
          updateGate: turn % 4 < 2 ? 'keep' : 'write',
          recompute: turn % 5 === 0 ? 2 : false,
        });
        const inputs = inputsOf(whole);
        checkGradients({
          inputs,
          by: Object.keys(inputs).filter(input => !input.startsWith('zone')),
          lengths,
          build: built(given => layer(whole, given)),
        });
        const [fused, written] = [layer, scanned].map(form =>
          evaluate(inputs, differentiated(built(given => form(whole, given))), { lengths, mode: 'train' }),
        ) as [Record<string, number[]>, Record<string, number[]>];
        expect(Object.keys(written)).to.have.members(Object.keys(fused));
        for (const [output, values] of Object.entries(fused))
          values.forEach((value, index) => {
            const tolerance = 1e-11 * Math.max(1, Math.abs(value));
            expect(written[output]![index], `${output}[${index}]`).to.be.closeTo(value, tolerance);
          });
      });
});
