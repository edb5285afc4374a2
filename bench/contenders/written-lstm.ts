import { add } from '../../lib/ops/add.ts';
import { fill } from '../../lib/ops/fill.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import type { RecurrentInputs, RecurrentOutputs } from '../../lib/ops/recurrent.ts';
import { scan } from '../../lib/ops/scan.ts';
import { sigmoid } from '../../lib/ops/sigmoid.ts';
import { slice } from '../../lib/ops/slice.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import type { Tensor } from '../../lib/program/tensor.ts';

/** What `lstm` computes from zero states, as a step of one's own. */
export function writtenLstm({
  x,
  inputWeight: W,
  recurrentWeight: R,
  bias,
}: Pick<RecurrentInputs, 'inputWeight' | 'recurrentWeight' | 'bias'> & { x: Tensor }): RecurrentOutputs {
  const size = R.shape[0] as number;
  const zeros = fill(x.recording, [x.layout!.batch, size], 0);
  const { states, outputs } = scan({ sequences: { x }, states: { h: zeros, c: zeros } }, ({ x, h, c }) => {
    const a = add(matmul(x, W, { bias }), matmul(h, R));
    const gate = (k: number) => slice(a, { axis: -1, start: k * size, stop: (k + 1) * size });
    const next = add(multiply(sigmoid(gate(1)), c), multiply(sigmoid(gate(0)), tanh(gate(2))));
    const y = multiply(sigmoid(gate(3)), tanh(next));
    return { states: { h: y, c: next }, outputs: { y } };
  });
  return { y: outputs.y, hN: states.h, cN: states.c };
}
