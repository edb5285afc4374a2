import type { CellOptions } from './cell-options.ts';
import { recurrent, type SequenceAttributes } from './recurrent.ts';

export type GruAttributes = SequenceAttributes &
  CellOptions & {
    /** Whether the reset gate acts after the product with R (cuDNN, Keras, PyTorch) or before it (Cho et al.). */
    readonly reset: 'after' | 'before';
    /** What an open update gate does to the old state: keeps it (frameworks) or writes over it (Chung et al. 2014). */
    readonly updateGate: 'keep' | 'write';
  };

/**
 * Gated recurrent unit over a ragged batch. Cho et al. 2014. Gates r z n.
 *
 *   r = σ(x·W_r + b_r + h₋·R_r + b_Rr)      z = σ(x·W_z + b_z + h₋·R_z + b_Rz)
 *   reset 'after':   n = tanh(x·W_n + b_n + r⊙(h₋·R_n + b_Rn))
 *   reset 'before':  n = tanh(x·W_n + b_n + (r⊙h₋)·R_n + b_Rn)
 *   updateGate 'keep':  h = z⊙h₋ + (1−z)⊙n          'write':  h = (1−z)⊙h₋ + z⊙n
 */
export const gru = recurrent<Pick<GruAttributes, 'reset' | 'updateGate'>>('gru');
