import type { Suite } from './mutation.ts';
import { testsIn } from './tests-in.ts';

const rnn = 'lib/backend/js/rnn.ts';
const gru = 'lib/backend/js/gru.ts';
const lstm = 'lib/backend/js/lstm.ts';
const scan = 'lib/backend/js/scan.ts';
const quantize = 'lib/backend/js/quantize.ts';
const recurrent = 'lib/backend/js/recurrent.ts';
const carried = 'lib/backend/js/carried.ts';
const product = 'lib/backend/js/gate-product.ts';
const matrix = 'lib/backend/js/matrix.ts';
const recall = 'lib/backend/js/recall.ts';

/** The recurrent cells of the js backend and what runs them over time. */
export const jsCells: Suite = {
  name: 'cells on js',
  native: false,
  tests: ['test/golden/golden.test.ts', ...testsIn('test/ops')],
  mutations: [
    {
      name: 'js scan: states stay what they were',
      file: scan,
      find: 'states.get(name)!.set(state.subarray(0, count));',
      replace: '',
    },
    {
      name: 'js scan: every direction is forward',
      file: scan,
      find: 'timeSteps(layout, direction)',
      replace: "timeSteps(layout, 'forward')",
    },
    {
      name: 'js scan: every step reads the rows of the first',
      file: scan,
      find: 'data.subarray((layout.offsets[t]! * count) / rows, (layout.offsets[t]! * count) / rows + count)',
      replace: 'data.subarray(0, count)',
    },
    {
      name: 'js quantized: bfloat16 is cut off',
      file: quantize,
      find: 'bits[0]! += 0x7fff + ((bits[0]! >>> 16) & 1);',
      replace: '',
    },
    {
      name: 'js quantized: bytes are rounded down',
      file: quantize,
      find: 'return value + large - large;',
      replace: 'return Math.floor(value);',
    },
    {
      name: 'js quantized: weights stay as they are',
      file: recurrent,
      find: 'quantized(weights, weights, quantize)',
      replace: 'weights',
    },
    {
      name: 'js bfloat16 training: gradients stay as they are',
      file: recurrent,
      find: 'if (quantize) quantized(dA, gateRows, quantize);',
      replace: 'if (quantize) copyRows(dA, gateRows);',
    },
    {
      name: 'js bfloat16 training: weights stay as they are on the way back',
      file: recurrent,
      find: 'return quantize ? quantized(',
      replace: 'return quantize && rows < 0 ? quantized(',
    },
    {
      name: 'js bfloat16 training: weight gradients read x and h as they are',
      file: recurrent,
      find: 'quantized(operand, operand, quantize);',
      replace: '',
    },
    {
      name: 'js quantized: states stay as they are',
      file: recurrent,
      find: 'if (quantize) operand = quantized(matrix(scratch, rows, H), operand, quantize);',
      replace: '',
    },
    {
      name: 'js lstm: the input gate is always open',
      file: lstm,
      find: 'const i = sigmoid(a[p]!);',
      replace: 'const i = 1;',
    },
    {
      name: 'js lstm: the forget gate is always open',
      file: lstm,
      find: 'const f = sigmoid(a[p + H]!);',
      replace: 'const f = 1;',
    },
    {
      name: 'js lstm: the candidate is squashed by a sigmoid',
      file: lstm,
      find: 'const g = Math.tanh(a[p + 2 * H]!);',
      replace: 'const g = sigmoid(a[p + 2 * H]!);',
    },
    {
      name: 'js lstm: the output gate reads the candidate',
      file: lstm,
      find: 'const o = sigmoid(a[p + 3 * H]!);',
      replace: 'const o = sigmoid(a[p + 2 * H]!);',
    },
    {
      name: 'js lstm: the cell state is not squashed on its way out',
      file: lstm,
      find: 'h[s] = o * Math.tanh(c[s]!);',
      replace: 'h[s] = o * c[s]!;',
    },
    {
      name: 'js lstm: the gradient of the input gate lacks its slope',
      file: lstm,
      find: 'd * g * i * (1 - i)',
      replace: 'd * g * i',
    },
    {
      name: 'js lstm: the gradient of the forget gate reads the new cell state',
      file: lstm,
      find: 'd * cPrevious[s]! * f',
      replace: 'd * c[s]! * f',
    },
    {
      name: "js lstm: the gradient of the candidate takes a sigmoid's slope",
      file: lstm,
      find: 'd * i * (1 - g * g)',
      replace: 'd * i * g * (1 - g)',
    },
    {
      name: 'js lstm: the gradient of the output gate reads the cell state unsquashed',
      file: lstm,
      find: 'dh[s]! * tanhC * o * (1 - o)',
      replace: 'dh[s]! * c[s]! * o * (1 - o)',
    },
    {
      name: "js lstm: the cell state's gradient is not carried",
      file: lstm,
      find: 'const d = dc[s]! + dh[s]!',
      replace: 'const d = dh[s]!',
    },
    {
      name: "js lstm: the cell state's gradient ignores the forget gate",
      file: lstm,
      find: 'dc[s] = d * f;',
      replace: 'dc[s] = d;',
    },
    {
      name: 'js lstm: the gradient through tanh(c) lacks its slope',
      file: lstm,
      find: '* o * (1 - tanhC * tanhC)',
      replace: '* o',
    },
    { name: 'js gru: the reset gate is always open', file: gru, find: "(reset === 'after' ? r * u : u)", replace: 'u' },
    {
      name: 'js gru: the update gate always keeps',
      file: gru,
      find: "const kept = updateGate === 'keep' ? z : 1 - z; h[s]",
      replace: 'const kept = z; h[s]',
    },
    {
      name: 'js gru: the update gate reads the reset gate',
      file: gru,
      find: 'const z = sigmoid(a[p + H]!);',
      replace: 'const z = sigmoid(a[p]!);',
    },
    { name: 'js gru: the candidate is not squashed', file: gru, find: 'const n = Math.tanh(', replace: 'const n = (' },
    {
      name: 'js gru: the gradient of the candidate ignores who keeps',
      file: gru,
      find: "const kept = updateGate === 'keep' ? z : 1 - z; const dn",
      replace: 'const kept = z; const dn',
    },
    {
      name: 'js gru: the gradient of the candidate lacks its slope',
      file: gru,
      find: '* (1 - kept) * (1 - n * n)',
      replace: '* (1 - kept)',
    },
    {
      name: 'js gru: the gradient of the reset gate lacks the product it gates',
      file: gru,
      find: 'dn * u * r * (1 - r)',
      replace: 'dn * r * (1 - r)',
    },
    {
      name: 'js gru: the gradient past the reset gate ignores it',
      file: gru,
      find: 'a[p + 3 * H] = dn * r;',
      replace: 'a[p + 3 * H] = dn;',
    },
    {
      name: 'js gru: the gradient of the update gate has one sign',
      file: gru,
      find: "const sign = updateGate === 'keep' ? 1 : -1;",
      replace: 'const sign = 1;',
    },
    {
      name: 'js gru: the gradient of the update gate forgets the candidate',
      file: gru,
      find: '(hPrevious[s]! - n)',
      replace: 'hPrevious[s]!',
    },
    { name: 'js gru: what is kept gets no gradient', file: gru, find: 'dh[s]! *= kept;', replace: 'dh[s] = 0;' },
    {
      name: 'js gru, reset before: the state is not reset',
      file: gru,
      find: 'h[s]! *= a[p]!;',
      replace: 'h[s]! *= 1;',
    },
    {
      name: 'js gru, reset before: the gradient of the reset gate lacks the state',
      file: gru,
      find: 'd[s]! * h[s]! * r * (1 - r)',
      replace: 'd[s]! * r * (1 - r)',
    },
    {
      name: 'js gru, reset before: the gradient of the state ignores the gate',
      file: gru,
      find: 'd[s]! *= r;',
      replace: '',
    },
    {
      name: 'js rnn: the activations are exchanged',
      file: rnn,
      find: "h[s] = activation === 'tanh'",
      replace: "h[s] = activation === 'relu'",
    },
    { name: 'js rnn: the gradient of tanh is wrong', file: rnn, find: '1 - y * y', replace: '1 - y' },
    { name: 'js rnn: the gradient of relu passes where it is flat', file: rnn, find: 'y > 0 ? 1 : 0', replace: '1' },
    { name: 'js rnn: the gradient of a state flows past its cell', file: rnn, find: 'dh[s] = 0;', replace: '' },
    {
      name: 'js recurrent: the bias is ignored',
      file: recurrent,
      find: 'row[gate * H + j]! += bias ? bias.data[gate * H + j]! : 0;',
      replace: '',
    },
    {
      name: 'js recurrent: the recurrent bias is ignored',
      file: recurrent,
      find: 'row[block * H + j]! += recurrentBias ? recurrentBias.data[gate * H + j]! : 0;',
      replace: '',
    },
    {
      name: "js recurrent: the recurrent bias of the gru's candidate escapes the reset gate",
      file: recurrent,
      find: 'row[block * H + j]! += recurrentBias',
      replace: 'row[gate * H + j]! += recurrentBias',
    },
    {
      name: 'js recurrent: the initial state is ignored',
      file: recurrent,
      find: 'const h = byRank(inputs.h, layout,',
      replace: 'const h = byRank(undefined, layout,',
    },
    {
      name: 'js recurrent: the initial cell state is ignored',
      file: recurrent,
      find: 'const c = byRank(inputs.c, layout,',
      replace: 'const c = byRank(undefined, layout,',
    },
    {
      name: 'js recurrent: backward, the initial state is ignored',
      file: recurrent,
      find: 'const initialH = matrix(byRank(inputs.h,',
      replace: 'const initialH = matrix(byRank(undefined,',
    },
    {
      name: 'js recurrent: backward, the initial cell state is ignored',
      file: recurrent,
      find: 'const initialC = matrix(byRank(inputs.c,',
      replace: 'const initialC = matrix(byRank(undefined,',
    },
    {
      name: 'js recurrent: the gradient of the last state is ignored',
      file: recurrent,
      find: 'const dh = byRank(inputs.dhN,',
      replace: 'const dh = byRank(undefined,',
    },
    {
      name: 'js recurrent: the gradient of the last cell state is ignored',
      file: recurrent,
      find: 'const dc = byRank(inputs.dcN,',
      replace: 'const dc = byRank(undefined,',
    },
    {
      name: "js recurrent: an output's gradient replaces the carried one",
      file: recurrent,
      find: 'dh[s]! += dy.data[from + s]!',
      replace: 'dh[s] = dy.data[from + s]!',
    },
    {
      name: 'js recurrent: steps go backward in the same order as forward',
      file: recurrent,
      find: 'timeSteps(layout, direction).reverse()',
      replace: 'timeSteps(layout, direction)',
    },
    {
      name: 'js recurrent: the gradient of the input forgets its masks',
      file: recurrent,
      find: 'addMasked(stepRows(dx, layout, t), d, input, group, order);',
      replace: 'addMasked(stepRows(dx, layout, t), d, { ...input, mask: undefined }, group, order);',
    },
    {
      name: 'js recurrent: the gradient of the state forgets its masks',
      file: recurrent,
      find: 'addMasked(matrix(dh, rows, H), d, hidden, group, order);',
      replace: 'addMasked(matrix(dh, rows, H), d, { ...hidden, mask: undefined }, group, order);',
    },
    {
      name: 'js recurrent: the gradient of the recurrent weight reads unmasked states',
      file: recurrent,
      find: 'maskOperands(hidden, hiddenOperands, hPrevious,',
      replace: 'maskOperands({ ...hidden, mask: undefined }, hiddenOperands, hPrevious,',
    },
    {
      name: 'js recurrent: weight gradients start from what was in memory',
      file: recurrent,
      find: 'gradient.data.fill(0);',
      replace: '',
    },
    {
      name: 'js recurrent: the last states stay in the order of the ranks',
      file: carried,
      find: 'data.set(states.subarray(rank * width, (rank + 1) * width), order[rank]! * width)',
      replace: 'data.set(states.subarray(rank * width, (rank + 1) * width), rank * width)',
    },
    {
      name: 'js recurrent: the initial states are read in the order of the ranks',
      file: carried,
      find: 'states.data.subarray(order[rank]! * width, (order[rank]! + 1) * width)',
      replace: 'states.data.subarray(rank * width, (rank + 1) * width)',
    },
    {
      name: 'js recurrent: every direction is forward',
      file: carried,
      find: "direction === 'forward' ? index : steps - 1 - index",
      replace: 'index',
    },
    {
      name: 'js recurrent: backward through time, the step before is always the earlier one',
      file: carried,
      find: "direction === 'forward' ? t - 1 : t + 1",
      replace: 't - 1',
    },
    {
      name: 'js recurrent: a sequence whose first step this is does not start from its initial state',
      file: carried,
      find: 'copyRows(rowsOf(y, carried, y.rows - carried), rowsOf(initial, carried, y.rows - carried));',
      replace: 'copyRows(rowsOf(y, carried, y.rows - carried), rowsOf(initial, 0, y.rows - carried));',
    },
    {
      name: "js recurrent: a mask per gate is the first gate's for all",
      file: product,
      find: 'maskColumn: perGate ? gate * K : 0',
      replace: 'maskColumn: 0',
    },
    {
      name: 'js recurrent: masks are read in the order of the ranks',
      file: product,
      find: 'order[rank]! * mask.shape[1]!',
      replace: 'rank * mask.shape[1]!',
    },
    {
      name: 'js matrix: the last row of an odd number is left out',
      file: matrix,
      find: 'for (let i = 0; i < M; i += 2)',
      replace: 'for (let i = 0; i + 1 < M || M === 1; i += 2)',
    },
    {
      name: 'js matrix: columns beyond the fourth are not clamped',
      file: matrix,
      find: 'const j3 = Math.min(j + 3, N - 1);',
      replace: 'const j3 = Math.min(j + 3, N);',
    },
    {
      name: 'js matrix: the last block of rows is taken for a whole one',
      file: matrix,
      find: 'Math.min(rowsPerBlock, a.rows - first)',
      replace: 'rowsPerBlock',
    },
    {
      name: 'js matrix: rows beyond the first block are left out',
      file: matrix,
      find: 'first < a.rows; first += rowsPerBlock',
      replace: 'first < Math.min(a.rows, rowsPerBlock); first += rowsPerBlock',
    },
    {
      name: 'js recomputation: every segment begins with the initial state',
      file: recall,
      find: 'copyPrevious(h, of.y, of.initialH, layout, steps[0]!, direction);',
      replace: 'copyRows(h, of.initialH);',
    },
    {
      name: 'js recomputation: every segment begins with the initial cell state',
      file: recall,
      find: 'index > 0 && checkpoints ?',
      replace: 'false && checkpoints ?',
    },
    {
      name: 'js recomputation: a segment begins with the cell states after it',
      file: recall,
      find: 'blockOf(checkpoints, index - 1, H)',
      replace: 'blockOf(checkpoints, index, H)',
    },
    {
      name: 'js recomputation: the cell state before a step is that after it',
      file: recall,
      find: 'blockOf(cells, place - 1, H)',
      replace: 'blockOf(cells, place, H)',
    },
    {
      name: 'js recomputation: a segment is computed when its first step is asked for',
      file: recall,
      find: 'place === segments[index]!.length - 1',
      replace: 'place === 0',
    },
    {
      name: 'js recomputation: checkpoints are not kept',
      file: recurrent,
      find: 'if (checkpoints) copyRows(',
      replace: 'if (checkpoints && false) copyRows(',
    },
  ],
};
