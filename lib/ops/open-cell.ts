import type { CompleteActivation } from '../activations.ts';
import type { CellName } from '../cells.ts';
import { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Direction } from './recurrent.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** What happens inside of a cell at every step: [tokens, width] each, by the names in cells.ts. */
export interface OpenCell {
  readonly cell: CellName;
  readonly direction: Direction;
  readonly recurrentWeight: Tensor;
  /** Of the gates that have weights and, of lstm, of the new c. A gate that has none is 1 − another. */
  readonly activations: Readonly<Record<string, CompleteActivation>>;
  /** After their activations. */
  readonly gates: Tensors;
  /** As the next step reads them. */
  readonly states: Tensors;
  /**
   * Zeros, added to each state wherever it is read: the loss's gradient by them is that by the states. There where the recording
   * can be differentiated.
   */
  readonly nudges: Tensors;
}

/** A recording to which every cell that runs as a scan gives its inside. */
export class CellRecording extends Recording {
  readonly cells: OpenCell[] = [];
}
