import { add } from './add.ts';
import { type CellOptions, checkCellOptions } from './cell-options.ts';
import type { Direction, RecurrentOutputs } from './recurrent.ts';
import { activated, product, type ScanInputs, scanCell } from './scan-cell.ts';

/** What `rnn` computes, in operations; lib/ops/rnn.ts has the equation. */
export function rnnScan(
  inputs: ScanInputs,
  {
    direction,
    activation,
    activations = {},
    clip,
    zoneoutH,
  }: CellOptions & { readonly direction: Direction; readonly activation: 'tanh' | 'relu' },
): RecurrentOutputs {
  checkCellOptions('rnnScan', 'rnn', { activations, clip, zoneoutH });
  const { inputWeight, bias, recurrentWeight, recurrentBias } = inputs;
  const hidden = recurrentWeight.shape[0] as number;
  return scanCell(
    'rnnScan',
    inputs,
    { direction, zoneout: { h: zoneoutH }, gates: 1, hidden, output: hidden },
    ({ x, h, maskX, maskH }) => {
      const fromInput = product(x, inputWeight, { gates: 1, bias, mask: maskX });
      const fromState = product(h, recurrentWeight, { gates: 1, bias: recurrentBias, mask: maskH });
      return { h: activated(add(fromInput, fromState), activations.a ?? activation, clip) };
    },
  );
}
