import { gather } from './gather.ts';
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
