import type { Activation } from '../activations.ts';

/** What a cell may have beside its plain equations; all pairs go together. */
export interface CellOptions {
  /** Gates by their names in cells.ts, and `c` for lstm's new cell state, whose activation is another than in the equations. */
  readonly activations?: Readonly<Record<string, Activation>> | undefined;
  /** Bounds what enters the activation of a gate to [−clip, clip]; the gradient is 0 outside. ONNX. */
  readonly clip?: number | undefined;
  /**
   * Zoneout: each unit of h keeps this share of its old value, h ← p⊙h₋ + (1−p)⊙h, after all else. In training the share is
   * given per unit and step as `zoneH`, 0 or 1. Krueger et al. 2017.
   */
  readonly zoneoutH?: number | undefined;
}

export interface LstmCellOptions extends CellOptions {
  /** Zoneout of c, as of h; in training `zoneC`. */
  readonly zoneoutC?: number | undefined;
  /**
   * The gates that also see the cell state, in the order of the rows of the input `peepholes`: i and f see c₋, o sees c.
   * Gers & Schmidhuber 2000.
   */
  readonly peepholes?: readonly ('i' | 'f' | 'o')[] | undefined;
  /**
   * The gate that has no weights: 'f' = 1 − i (CIFG, Greff et al. 2017; ONNX input_forget), or 'i' = 1 − f. Weights have
   * the three others, in their order.
   */
  readonly coupled?: 'f' | 'i' | undefined;
  /** Bounds the new c to [−cellClip, cellClip] before anything reads it; the gradient is 0 outside. Sak et al. 2014. */
  readonly cellClip?: number | undefined;
}
