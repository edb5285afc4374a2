import type { Quantization } from '../../program/recording.ts';
import { byRank, copyPrevious, type Direction, stepRows, timeSteps, toCaller } from './carried.ts';
import type { Cell } from './cell.ts';
import { addMasked, columnsOfGroup, type GateProduct, gateProduct, masked } from './gate-product.ts';
import { type InputRows, inputRows } from './input-rows.ts';
import { activeAt, type Layout, layoutOf } from './layout.ts';
import {
  addColumnSums,
  addProduct,
  addTransposedProduct,
  asMatrix,
  columnsOf,
  copyRows,
  type Matrix,
  matrix,
  rowsOf,
  transpose,
} from './matrix.ts';
import { mergeRows } from './merge-rows.ts';
import { quantized } from './quantize.ts';
import { type Advance, blockOf, recallComputed, recallKept, segmentsOf } from './recall.ts';
import type { Integers, Run, Twin, View } from './twin.ts';

export interface Inputs extends InputRows {
  readonly inputWeight: View;
  readonly recurrentWeight: View;
  readonly bias?: View;
  readonly recurrentBias?: View;
  readonly h?: View;
  readonly c?: View;
  readonly maskX?: View;
  readonly maskH?: View;
  readonly peepholes?: View;
  readonly zoneH?: View;
  readonly zoneC?: View;
  readonly offsets: Integers;
  readonly order: Integers;
}

export interface Attributes {
  readonly direction: Direction;
  /** Backward takes the steps of a segment once more; the number of them, or true: ⌈√steps⌉. */
  readonly recompute?: boolean | number;
  /** What the operands of products become, those of backpropagation among them. */
  readonly quantize?: Quantization;
}

/**
 * `gates` and `cells` are there in training: in each row what the cell leaves for backward, then unused columns. With
 * `recompute` there are `checkpoints` instead, where the cell has a cell state.
 */
export interface Outputs {
  readonly y: View;
  readonly hN: View;
  readonly cN?: View;
  readonly gates?: View;
  readonly cells?: View;
  readonly checkpoints?: View;
}

export interface GradientInputs extends Inputs {
  readonly y: View;
  readonly gates?: View;
  readonly cells?: View;
  readonly checkpoints?: View;
  readonly dy?: View;
  readonly dhN?: View;
  readonly dcN?: View;
}
/**
 * Gradients by the names of what they are of; that of a table is there by its rows, which are the table's rows `at`. With
 * `recompute` also the `gates` and `cells` of one segment: scratch memory.
 */
export type Gradients = Partial<Record<Learned | 'gates' | 'cells', View> & { at: Integers }>;
export type Learned =
  | 'x'
  | 'table'
  | 'inputWeight'
  | 'recurrentWeight'
  | 'bias'
  | 'recurrentBias'
  | 'h'
  | 'c'
  | 'peepholes';

/**
 * Runs a cell over a ragged batch: a = x·W + b + h₋·R + b_R at every step, then the cell's own arithmetic.
 * @param cellOf the cell with the options that the attributes name
 */
export function recurrent<A extends Attributes>(
  name: string,
  cellOf: (attributes: A) => Cell<A>,
): Twin<Inputs, Outputs, A> {
  return (inputs, { y, hN, cN, gates, cells, checkpoints }, attributes, run) => {
    const cell = cellOf(attributes);
    const x = inputRows(inputs, run);
    const layout = layoutOf(name, inputs, x.shape[0]!);
    const { batch, offsets } = layout;
    const H = y.shape[1]!;
    const h = byRank(inputs.h, layout, run.reals(batch * H));
    const c = byRank(inputs.c, layout, run.reals(cN ? batch * H : 0));
    const advance = stepsOf(cell, inputs, x, layout, attributes, run);

    segmentsOf(layout, attributes.direction, attributes.recompute).forEach((segment, index) => {
      for (const t of segment) {
        const a = advance(t, h, c);
        y.data.set(h.subarray(0, a.rows * H), offsets[t]! * H);
        if (gates) copyRows(columnsOf(stepRows(gates, layout, t), 0, a.columns), a);
        if (cells) copyRows(columnsOf(stepRows(cells, layout, t), 0, H), matrix(c, a.rows, H));
      }
      if (checkpoints) copyRows(blockOf(checkpoints, index, H), matrix(c, batch, H));
    });
    toCaller(h, layout, hN);
    if (cN) toCaller(c, layout, cN);
  };
}

/** The time steps of a cell, one at a time. */
function stepsOf<A extends Attributes>(
  cell: Cell<A>,
  inputs: Inputs,
  allX: View,
  layout: Layout,
  attributes: A,
  run: Run,
): Advance {
  const { batch, order } = layout;
  const [I, H] = [allX.shape[1]!, inputs.recurrentWeight.shape[0]!];
  const columns = cell.blocks * H;
  const { input, hidden } = productsOf(cell, inputs, attributes);
  const inputColumns = transpose(input.weight, run.reals(inputs.inputWeight.data.length));
  const hiddenColumns = transpose(hidden.weight, run.reals(inputs.recurrentWeight.data.length));
  const biases = joinedBiases(cell, inputs, H);
  const { quantize } = attributes;
  if (quantize) for (const weights of [inputColumns, hiddenColumns]) quantized(weights, weights, quantize);
  const scratch = run.reals(batch * Math.max(I, H));
  const a = run.doubles(batch * columns);

  return (t, h, c) => {
    run.poll();
    const rows = activeAt(layout, t);
    const step = { rows, size: H, a, h, c, ...besideOf(inputs, layout, t, H) };
    const preActivations = matrix(a, rows, columns);
    for (let row = 0; row < rows; row++) a.set(biases, row * columns);

    const x = stepRows(allX, layout, t);
    for (const group of input.groups) {
      let operand = input.mask ? masked(matrix(scratch, rows, I), x, input, group, order) : x;
      if (quantize) operand = quantized(matrix(scratch, rows, I), operand, quantize);
      const weights = rowsOf(inputColumns, group.weightColumn, group.columns);
      addProduct(columnsOfGroup(preActivations, group), operand, weights);
    }
    for (const group of hidden.groups) {
      let operand = matrix(h, rows, H);
      if (hidden.mask || group.reset) operand = masked(matrix(scratch, rows, H), operand, hidden, group, order);
      if (group.reset) {
        cell.reset!.activate(step);
        cell.reset!.apply(step, scratch);
      }
      if (quantize) operand = quantized(matrix(scratch, rows, H), operand, quantize);
      const weights = rowsOf(hiddenColumns, group.weightColumn, group.columns);
      addProduct(columnsOfGroup(preActivations, group), operand, weights);
    }
    cell.forward(step, attributes);
    return preActivations;
  };
}

/**
 * Backpropagation through time: the steps of `recurrent` in reverse. ∂L/∂a of all steps is kept, so that the gradient of
 * a weight is one product over all tokens.
 */
export function recurrentGradient<A extends Attributes>(
  name: string,
  cellOf: (attributes: A) => Cell<A>,
): Twin<GradientInputs, Gradients, A> {
  return (inputs, gradients, attributes, run) => {
    const cell = cellOf(attributes);
    const { y, dy } = inputs;
    const { direction, quantize } = attributes;
    const x = inputRows(inputs, run);
    const layout = layoutOf(name, inputs, x.shape[0]!);
    const { batch, tokens, offsets, order } = layout;
    const [I, H] = [x.shape[1]!, y.shape[1]!];
    const columns = cell.blocks * H;
    const { input, hidden } = productsOf(cell, inputs, attributes);
    const previous = matrix(run.reals(tokens * H), tokens, H); // h₋ of every row
    const inputOperands = operandsOf(input, asMatrix(x), quantize, run);
    const hiddenOperands = operandsOf(hidden, previous, quantize, run);
    const inputWeight = operandOf(input.weight, quantize, run);
    const hiddenWeight = operandOf(hidden.weight, quantize, run);
    const states = inputs.cells || inputs.checkpoints ? batch * H : 0;
    const initialH = matrix(byRank(inputs.h, layout, run.reals(batch * H)), batch, H);
    const initialC = matrix(byRank(inputs.c, layout, run.reals(states)), states / H, H);
    const sequence = { layout, direction, initialH, initialC };
    const recall = gradients.gates
      ? recallComputed({
          ...sequence,
          advance: stepsOf(cell, inputs, x, layout, attributes, run),
          segments: segmentsOf(layout, direction, attributes.recompute),
          y,
          checkpoints: inputs.checkpoints,
          gates: gradients.gates,
          cells: gradients.cells,
          h: matrix(run.reals(batch * H), batch, H),
          c: matrix(run.reals(states), states / H, H),
        })
      : recallKept({ ...sequence, gates: inputs.gates, cells: inputs.cells });
    const c = run.reals(states);
    const cPrevious = run.reals(states);
    const scratch = run.reals(batch * H);
    const flow = run.doubles(batch * Math.max(I, H));
    const a = run.doubles(batch * columns);
    const da = matrix(run.reals(tokens * columns), tokens, columns);
    const daOperand = quantize ? matrix(run.reals(tokens * columns), tokens, columns) : da;
    const dh = byRank(inputs.dhN, layout, run.doubles(batch * H));
    const dc = byRank(inputs.dcN, layout, run.doubles(states));
    const dPeepholes = run.doubles(inputs.peepholes?.data.length ?? 0);
    const dx = gradients.x ?? (gradients.table && { data: run.reals(x.data.length), shape: x.shape });
    dx?.data.fill(0);

    for (const t of timeSteps(layout, direction).reverse()) {
      run.poll();
      const first = offsets[t]!;
      const rows = activeAt(layout, t);
      const [from, to] = [first * H, (first + rows) * H];
      const gateRows = matrix(a, rows, columns);
      const hPrevious = rowsOf(previous, first, rows);
      copyPrevious(hPrevious, y, initialH, layout, t, direction);
      recall(t, gateRows, matrix(c, rows, H), matrix(cPrevious, rows, H));
      if (dy) for (let s = 0; s < rows * H; s++) dh[s]! += dy.data[from + s]!;
      const step = {
        rows,
        size: H,
        a,
        h: y.data.subarray(from, to),
        c,
        hPrevious: previous.data.subarray(from, to),
        cPrevious,
        dh,
        dc,
        dPeepholes,
        ...besideOf(inputs, layout, t, H),
      };
      maskOperands(input, inputOperands, stepRows(x, layout, t), first, order);
      maskOperands(hidden, hiddenOperands, hPrevious, first, order);
      if (hidden.groups.at(-1)!.reset) cell.reset!.apply(step, hiddenOperands.at(-1)!.data.subarray(from, to));
      if (quantize)
        for (const operand of [...inputOperands, ...hiddenOperands].map(all => rowsOf(all, first, rows)))
          quantized(operand, operand, quantize);
      cell.backward(step, attributes);

      const dA = rowsOf(daOperand, first, rows);
      const keep = () => {
        copyRows(rowsOf(da, first, rows), gateRows);
        if (quantize) quantized(dA, gateRows, quantize);
      };
      keep();
      // The group behind the reset gate, the last, comes first: what flows back through it completes ∂L/∂a_r.
      for (const group of hidden.groups.toReversed()) {
        const d = matrix(flow.fill(0, 0, rows * H), rows, H);
        addProduct(d, columnsOfGroup(dA, group), columnsOf(hiddenWeight, group.weightColumn, group.columns));
        if (group.reset) {
          masked(matrix(scratch, rows, H), hPrevious, hidden, group, order);
          cell.reset!.backward(step, scratch, flow);
          keep();
        }
        addMasked(matrix(dh, rows, H), d, hidden, group, order);
      }
      if (dx)
        for (const group of input.groups) {
          const d = matrix(flow.fill(0, 0, rows * I), rows, I);
          addProduct(d, columnsOfGroup(dA, group), columnsOf(inputWeight, group.weightColumn, group.columns));
          addMasked(stepRows(dx, layout, t), d, input, group, order);
        }
    }

    const { table: rows0, at: at0 } = gradients;
    if (rows0 && at0)
      mergeRows({ x0: dx!, ids0: inputs.ids! }, { rows0, at0 }, { rows: inputs.table!.shape[0]!, ignore: -1 }, run);
    setWeightGradient(gradients.inputWeight, input, inputOperands, daOperand, run);
    setWeightGradient(gradients.recurrentWeight, hidden, hiddenOperands, daOperand, run);
    setBiasGradient(gradients.bias, input, da, run);
    setBiasGradient(gradients.recurrentBias, hidden, da, run);
    gradients.peepholes?.data.set(dPeepholes);
    if (gradients.h) toCaller(dh, layout, gradients.h);
    if (gradients.c) toCaller(dc, layout, gradients.c);
  };
}

/** What a cell with options reads at step t. */
function besideOf({ peepholes, zoneH, zoneC }: Inputs, layout: Layout, t: number, H: number) {
  const first = layout.offsets[t]! * H;
  const ofStep = (zone: View | undefined) => zone?.data.subarray(first, first + activeAt(layout, t) * H);
  return { peepholes: peepholes?.data, zoneH: ofStep(zoneH), zoneC: ofStep(zoneC) };
}

function productsOf<A>(
  cell: Cell<A>,
  { inputWeight, recurrentWeight, maskX, maskH }: Inputs,
  attributes: A,
): { input: GateProduct; hidden: GateProduct } {
  const gates = cell.recurrentBlocks.map((_, gate) => gate);
  return {
    input: gateProduct(inputWeight, maskX, gates, false),
    hidden: gateProduct(recurrentWeight, maskH, cell.recurrentBlocks, cell.reset?.applies(attributes) ?? false),
  };
}

/** One row of pre-activations with both biases in their blocks. */
function joinedBiases<A>(cell: Cell<A>, { bias, recurrentBias }: Inputs, H: number): Float64Array {
  const row = new Float64Array(cell.blocks * H);
  cell.recurrentBlocks.forEach((block, gate) => {
    for (let j = 0; j < H; j++) {
      row[gate * H + j]! += bias ? bias.data[gate * H + j]! : 0;
      row[block * H + j]! += recurrentBias ? recurrentBias.data[gate * H + j]! : 0;
    }
  });
  return row;
}

/** For each group the left operand of its product over all tokens: `rows` themselves where nothing is done to them. */
function operandsOf(
  { groups, mask }: GateProduct,
  rows: Matrix,
  quantize: Quantization | undefined,
  run: Run,
): Matrix[] {
  return groups.map(({ reset }) =>
    mask || reset || quantize ? matrix(run.reals(rows.rows * rows.columns), rows.rows, rows.columns) : rows,
  );
}

/** A weight as products read it. */
function operandOf(weight: Matrix, quantize: Quantization | undefined, run: Run): Matrix {
  const { rows, columns } = weight;
  return quantize ? quantized(matrix(run.reals(rows * columns), rows, columns), weight, quantize) : weight;
}

/** Fills the rows of one step in the operands that are not the rows themselves. */
function maskOperands(
  product: GateProduct,
  operands: readonly Matrix[],
  rows: Matrix,
  first: number,
  order: Int32Array,
): void {
  product.groups.forEach((group, index) => {
    const operand = operands[index]!;
    if (operand.data !== rows.data) masked(rowsOf(operand, first, rows.rows), rows, product, group, order);
  });
}

/** dW = operandᵀ·da, group by group. */
function setWeightGradient(
  gradient: View | undefined,
  { groups }: GateProduct,
  operands: readonly Matrix[],
  da: Matrix,
  run: Run,
): void {
  if (!gradient) return;
  gradient.data.fill(0);
  groups.forEach((group, index) => {
    const target = columnsOf(asMatrix(gradient), group.weightColumn, group.columns);
    addTransposedProduct(target, operands[index]!, columnsOfGroup(da, group), run);
  });
}

/** db = the sum of the rows of da. */
function setBiasGradient(gradient: View | undefined, { groups }: GateProduct, da: Matrix, run: Run): void {
  if (!gradient) return;
  for (const group of groups) {
    const sums = run.doubles(group.columns);
    addColumnSums(sums, columnsOfGroup(da, group));
    gradient.data.set(sums, group.weightColumn);
  }
}
