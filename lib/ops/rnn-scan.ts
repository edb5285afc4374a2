import type { Activation } from '../activations.ts';
import { add } from './add.ts';
import { activationsOf, type CellOptions, checkCellOptions } from './cell-options.ts';
import type { Direction, RecurrentOutputs } from './recurrent.ts';
import { activated, product, type ScanInputs, scanCell } from './scan-cell.ts';

/** What `rnn` computes, in operations; lib/ops/rnn.ts has the equation. */
export function rnnScan(
  inputs: ScanInputs,
  {
    direction,
    activation = 'tanh',
    activations,
    clip,
    zoneoutH,
  }: CellOptions & { readonly direction: Direction; readonly activation?: Activation },
): RecurrentOutputs {
  checkCellOptions('rnnScan', 'rnn', { activations, clip, zoneoutH });
  const { inputWeight, bias, recurrentWeight, recurrentBias } = inputs;
  const hidden = recurrentWeight.shape[0] as number;
  const functions = activationsOf('rnn', { activations: { a: activation, ...activations } });
  return scanCell(
    'rnn',
    inputs,
    { direction, activations: functions, zoneout: { h: zoneoutH }, gates: 1, hidden, output: hidden },
    ({ x, h, maskX, maskH }) => {
      const fromInput = product(x, inputWeight, { gates: 1, bias, mask: maskX });
      const fromState = product(h, recurrentWeight, { gates: 1, bias: recurrentBias, mask: maskH });
      const a = activated(add(fromInput, fromState), functions.a!, clip);
      return { gates: { a }, states: { h: a } };
    },
  );
}
