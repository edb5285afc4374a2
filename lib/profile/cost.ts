import type { Feeds } from '../backend/backend.ts';
import { type CellName, cells } from '../cells.ts';
import type { ProgramData, Step } from '../program/program.ts';
import { elementCount, resolveShape } from '../program/shape.ts';

/** What one operation cannot do without in a run. */
export interface Cost {
  /** Floating-point operations of its matrix products, two per multiplication with its addition; undefined where it has none. */
  readonly flops: number | undefined;
  /** Of what it reads, once, and of what it writes: what is updated in place counts twice. Elements have 4 bytes. */
  readonly bytes: number;
}

type Buffers = Pick<ProgramData, 'buffers'>;

/** Of float32 and of int32. */
const elementBytes = 4;

/** Operations that read no more of an input than they write. */
const picked: Readonly<Record<string, string>> = { gather: 'table', packSteps: 'x', slice: 'x', stepAt: 'x' };

export function costOf(step: Step, program: Buffers, feeds: Feeds): Cost {
  const elements = (id: number) => elementCount(shapeOf(id, program, feeds));
  const sum = (ids: readonly number[]) => [...new Set(ids)].reduce((total, id) => total + elements(id), 0);
  const { [picked[step.op] ?? '']: table, ...inputs } = step.inputs;
  const written = sum(Object.values(step.outputs));
  const read = sum(Object.values(inputs)) + (table === undefined ? 0 : Math.min(elements(table), written));
  return { flops: flopsOf(step, program, feeds), bytes: (read + written) * elementBytes };
}

export function shapeOf(id: number, { buffers }: Buffers, { sizes }: Feeds): number[] {
  return resolveShape(buffers[id]!.shape, sizes);
}

function flopsOf(step: Step, program: Buffers, feeds: Feeds): number | undefined {
  if (step.op === 'matmul') return matmulFlops(step, program, feeds);
  const cell = step.op.replace(/Gradient$/, '');
  return Object.hasOwn(cells, cell) ? recurrentFlops(step, cell as CellName, program, feeds) : undefined;
}

/** 2·m·k·n */
function matmulFlops({ inputs, outputs, attributes }: Step, program: Buffers, feeds: Feeds): number {
  const a = shapeOf(inputs.a!, program, feeds);
  const k = attributes.transposeA ? elementCount(a.slice(0, -1)) : a.at(-1)!;
  return 2 * k * elementCount(shapeOf(outputs.y!, program, feeds));
}

/**
 * Forward x·W and h·R: 2·tokens·G·H·(I + H). Rows of a table are multiplied once each, however often they occur, and so are
 * the sums of the gradients that arrive at them. Backward dW = xᵀ·da, dx = da·Wᵀ, dR = hᵀ·da and, always, dh = da·Rᵀ; and
 * the forward products once more where they are computed again.
 */
function recurrentFlops(step: Step, cell: CellName, program: Buffers, feeds: Feeds): number {
  const { op, inputs, attributes } = step;
  const [tokens] = shapeOf((inputs.x ?? inputs.ids)!, program, feeds) as [number];
  const [inputSize] = shapeOf(inputs.inputWeight!, program, feeds) as [number];
  const [size] = shapeOf(inputs.recurrentWeight!, program, feeds) as [number];
  const perRow = 2 * cells[cell].gates.length * size;
  const onX = perRow * inputSize * (inputs.ids === undefined ? tokens : distinctIds(step, tokens, program, feeds));
  const onH = perRow * size * tokens;
  if (op === cell) return onX + onH;
  const wanted = attributes.gradients as readonly string[];
  const has = (name: string) => (wanted.includes(name) ? 1 : 0);
  const again = attributes.recompute ? 1 : 0;
  return onX * (has('inputWeight') + (has('x') || has('table')) + again) + onH * (has('recurrentWeight') + 1 + again);
}

/** Rows of the table that occur; where the ids are computed and not fed, as many as could. */
function distinctIds({ inputs, attributes }: Step, tokens: number, { buffers }: Buffers, { values }: Feeds): number {
  const { role, name } = buffers[inputs.ids!]!;
  const ids = role === 'feed' ? values[name] : undefined;
  if (!ids) return tokens;
  const distinct = new Set<number>(ids);
  distinct.delete(attributes.ignore as number);
  return distinct.size;
}
