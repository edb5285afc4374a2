import type { RealArray, Results } from '../backend/backend.ts';
import { type CellName, cellNames, cells } from '../cells.ts';
import { type CellAttributes, optionsIn } from '../ops/cell-options.ts';
import { fill } from '../ops/fill.ts';
import type { Rows } from '../ops/gather.ts';
import type { GruAttributes } from '../ops/gru.ts';
import { gruScan } from '../ops/gru-scan.ts';
import { lstmScan } from '../ops/lstm-scan.ts';
import { CellRecording, type OpenCell } from '../ops/open-cell.ts';
import type { Direction } from '../ops/recurrent.ts';
import { rnnScan } from '../ops/rnn-scan.ts';
import type { ScanInputs } from '../ops/scan-cell.ts';
import type { Operation } from '../program/operation.ts';
import type { Attributes } from '../program/program.ts';
import type { StorageView } from '../program/recording.ts';
import type { DType, Shape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** A recurrent layer whose inside is recorded. */
export interface OpenLayer extends OpenCell {
  /** As its weights' names begin. */
  readonly name: string;
}

type Written = CellAttributes & {
  readonly direction: Direction;
  readonly ignore?: number;
  readonly activation?: 'tanh' | 'relu';
} & Pick<GruAttributes, 'reset' | 'updateGate'>;

const scans = { rnn: rnnScan, gru: gruScan, lstm: lstmScan };

type Arrays = Readonly<Record<string, RealArray>>;

/**
 * A recording of a network as it predicts, whether or not it can be differentiated (mode 'train'): dropout does nothing, zoneout
 * keeps the mean share. Recurrent layers are not the fused operations but scans of their equations, so that `layers` has what
 * happens inside of them.
 */
export class OpenRecording extends CellRecording {
  private readonly names = new Map<Tensor, string>();

  get layers(): OpenLayer[] {
    return this.cells.map(cell => ({
      ...cell,
      name: (this.names.get(cell.recurrentWeight) ?? cell.cell).replace(/\.[^.]*$/, ''),
    }));
  }

  /** Makes gates and states of all layers results, for `readInside`. */
  nameInside(): void {
    for (const [index, { gates, states }] of this.layers.entries())
      for (const [kind, tensors] of Object.entries({ gates, states }))
        for (const [name, tensor] of Object.entries(tensors)) this.result(`${index}.${kind}.${name}`, tensor);
  }

  override view(role: 'parameter' | 'gradient' | 'state', view: StorageView): Tensor {
    const tensor = super.view(role, view);
    this.names.set(tensor, view.name);
    return tensor;
  }

  override append(
    operation: Operation,
    inputs: Tensors,
    attributes: Attributes,
    outputs: Readonly<Record<string, { shape: Shape; dtype?: DType }>>,
  ): Record<string, Tensor> {
    if (operation.name === 'dropout') return { y: inputs.x! };
    if (operation.name === 'dropped') return { y: fill(this, outputs.y!.shape, attributes.rate as number) };
    const cell = cellNames.find(name => name === operation.name);
    return cell ? written(cell, inputs, attributes as Written) : super.append(operation, inputs, attributes, outputs);
  }
}

/** Gates and states of the layer with a number, by the names in cells.ts: [tokens, width] each. */
export function readInside({ cell }: OpenLayer, index: number, results: Results): { gates: Arrays; states: Arrays } {
  const read = (kind: 'gates' | 'states') =>
    Object.fromEntries(cells[cell][kind].map(name => [name, results[`${index}.${kind}.${name}`] as RealArray]));
  return { gates: read('gates'), states: read('states') };
}

/** What a fused operation computes, as a scan. */
function written(
  cell: CellName,
  { table, ids, offsets, order, ...inputs }: Tensors,
  { direction, ignore, activation, reset, updateGate, ...attributes }: Written,
): Record<string, Tensor> {
  const rows: Rows | undefined = table && { table, ids: ids!, ignore: ignore! };
  const scanned = scans[cell]({ ...inputs, ...(rows ? { x: rows } : {}) } as ScanInputs, {
    direction,
    reset,
    updateGate,
    ...(activation ? { activation } : {}),
    ...optionsIn(cell, attributes),
  });
  return { ...scanned };
}
