/** The recurrent cells: gates in memory order, and the states they carry. Types, tests, formats and benches read this. */
export const cells = {
  rnn: { gates: ['a'], states: ['h'] },
  gru: { gates: ['r', 'z', 'n'], states: ['h'] },
  lstm: { gates: ['i', 'f', 'g', 'o'], states: ['h', 'c'] },
} as const;

export type CellName = keyof typeof cells;
export type StateName<C extends CellName> = (typeof cells)[C]['states'][number];

export const cellNames = Object.keys(cells) as CellName[];
