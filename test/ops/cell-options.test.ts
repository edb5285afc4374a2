import { cellNames } from '../../lib/cells.ts';
import { gatesOf } from '../../lib/ops/cell-options.ts';
import type { RecurrentInputs } from '../../lib/ops/recurrent.ts';
import { elementCount } from '../../lib/program/shape.ts';
import { optionPairs } from '../backend/conformance/cell-options.ts';
import { type CellCase, layer, plainCase } from '../backend/conformance/cell-program.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { checkGradients } from './check-gradients.ts';
import { type Given, reals } from './evaluate.ts';

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

describe('options of cells', () => {
  for (const cell of cellNames)
    for (const [turn, { name, options, zoned = false }] of optionPairs(cell).entries())
      it(`${cell} with ${name} has the gradients of finite differences`, () => {
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
          build: (tensors, recording) => {
            recording.layout('input');
            const { y, hN, cN } = layer(whole, tensors as unknown as RecurrentInputs);
            return { y, hN, ...(cN ? { cN } : {}) };
          },
        });
      });
});
