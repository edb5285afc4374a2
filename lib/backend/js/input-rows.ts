import { gather } from './gather.ts';
import { scatterAdd } from './scatter-add.ts';
import type { Integers, Run, View } from './twin.ts';

/** What a recurrent operation reads at its tokens: x itself, or the rows of a table that `ids` names. */
export interface InputRows {
  readonly x?: View;
  readonly table?: View;
  readonly ids?: Integers;
}

/** x [tokens, I] */
export function inputRows({ x, table, ids }: InputRows, run: Run): View {
  if (x) return x;
  const y = { data: run.reals(ids!.data.length * table!.shape[1]!), shape: [ids!.data.length, table!.shape[1]!] };
  gather({ table: table!, ids: ids! }, { y }, {}, run);
  return y;
}

/** The gradient of a table whose rows were read, from that of what was read. */
export function setTableGradient(dTable: View, dx: View, { ids }: InputRows, ignore: number, run: Run): void {
  scatterAdd({ x: dx, ids: ids! }, { y: dTable }, { ignore }, run);
}
