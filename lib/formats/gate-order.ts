import type { CellName } from '../cells.ts';

/** How others order the gates of a cell, by the names that cells.ts gives them. */
export const gateOrders = {
  onnx: { rnn: ['a'], gru: ['z', 'r', 'n'], lstm: ['i', 'o', 'f', 'g'] },
} as const satisfies Record<string, Record<CellName, readonly string[]>>;
