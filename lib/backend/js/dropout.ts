import { philox4x32 } from '../../random/philox.ts';
import { activeAt, layoutOf } from './layout.ts';
import type { Integers, Twin, View } from './twin.ts';

/**
 * y = x·m, m = 0 with probability `rate`, else 1/(1 − rate). The word of unit u at step t in row r of the global batch is
 * lane u mod 4 of Philox((⌊u/4⌋, t, r, training step), (seed, layer)); a unit is kept when the word's upper 24 bits are at
 * least rate·2²⁴.
 */
export const dropout: Twin<
  { x: View; clock: Integers; offsets?: Integers; order?: Integers },
  { y: View },
  { rate: number; seed: number; layer: number }
> = ({ x, clock, offsets, order }, { y }, { rate, seed, layer }) => {
  const rows = x.shape[0] ?? 1;
  const units = rows === 0 ? 0 : x.data.length / rows;
  const trainingStep = clock.data[0]!;
  const firstRow = clock.data[1]!;
  const threshold = Math.round(rate * 2 ** 24);
  const words = new Uint32Array(4);

  const drop = (row: number, t: number, place: number) => {
    for (let unit = 0; unit < units; unit++) {
      if (unit % 4 === 0) philox4x32(words, unit / 4, t, firstRow + place, trainingStep, seed, layer);
      const k = row * units + unit;
      y.data[k] = words[unit % 4]! >>> 8 >= threshold ? x.data[k]! / (1 - rate) : 0;
    }
  };
  if (!offsets || !order) {
    for (let row = 0; row < rows; row++) drop(row, 0, row);
    return;
  }
  const layout = layoutOf('dropout', { offsets, order }, rows);
  for (let t = 0; t < layout.steps; t++)
    for (let rank = 0; rank < activeAt(layout, t); rank++) drop(layout.offsets[t]! + rank, t, layout.order[rank]!);
};
