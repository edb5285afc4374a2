import type { Tensor } from '../program/tensor.ts';
import { add } from './add.ts';
import { activationsOf, type CellOptions, checkCellOptions } from './cell-options.ts';
import type { GruAttributes } from './gru.ts';
import { multiply } from './multiply.ts';
import type { RecurrentOutputs } from './recurrent.ts';
import { activated, complement, gateOf, product, type ScanInputs, scanCell } from './scan-cell.ts';
import { slice } from './slice.ts';

const gates = 3;

/** What `gru` computes, in operations; lib/ops/gru.ts has the equations. */
export function gruScan(
  inputs: ScanInputs,
  { direction, reset, updateGate, activations, clip, zoneoutH }: Omit<GruAttributes, 'recompute'> & CellOptions,
): RecurrentOutputs {
  checkCellOptions('gruScan', 'gru', { activations, clip, zoneoutH });
  const { inputWeight, bias, recurrentWeight, recurrentBias } = inputs;
  const hidden = recurrentWeight.shape[0] as number;
  const functions = activationsOf('gru', { activations });
  const gate = (name: 'r' | 'z' | 'n', a: Tensor) => activated(a, functions[name]!, clip);
  return scanCell(
    'gru',
    inputs,
    { direction, activations: functions, zoneout: { h: zoneoutH }, gates, hidden, output: hidden },
    ({ x, h, maskX, maskH }) => {
      const fromInput = product(x, inputWeight, { gates, bias, mask: maskX });
      /** Of gates from `first` up to `end`. */
      const fromState = (state: Tensor, first: number, end: number) => {
        const some = (all: Tensor, width: number) => slice(all, { axis: -1, start: first * width, stop: end * width });
        const perGate = maskH?.shape[1] === gates * hidden;
        return product(state, some(recurrentWeight, hidden), {
          gates: end - first,
          bias: recurrentBias && some(recurrentBias, hidden),
          mask: maskH && (perGate ? some(maskH, hidden) : maskH),
        });
      };
      const state = fromState(h, 0, reset === 'after' ? 3 : 2);
      const sum = (index: number) => add(gateOf(fromInput, index, hidden), gateOf(state, index, hidden));
      const [r, z] = [gate('r', sum(0)), gate('z', sum(1))];
      const candidate = reset === 'after' ? multiply(r, gateOf(state, 2, hidden)) : fromState(multiply(r, h), 2, 3);
      const n = gate('n', add(gateOf(fromInput, 2, hidden), candidate));
      const [old, fresh] = updateGate === 'keep' ? [z, complement(z)] : [complement(z), z];
      return { gates: { r, z, n }, states: { h: add(multiply(old, h), multiply(fresh, n)) } };
    },
  );
}
