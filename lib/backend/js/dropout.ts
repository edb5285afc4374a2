import { philox4x32 } from '../../random/philox.ts';
import { activeAt, layoutOf } from './layout.ts';
import type { Integers, Twin, View } from './twin.ts';

interface Key {
  readonly rate: number;
  readonly seed: number;
  readonly layer: number;
}

interface Draw {
  readonly clock: Integers;
  readonly offsets?: Integers;
  readonly order?: Integers;
}

/**
 * y = x·m, m = 0 with probability `rate`, else 1/(1 − rate). The word of unit u at step t in row r of the global batch is
 * lane u mod 4 of Philox((⌊u/4⌋, t, r, training step), (seed, layer)); a unit is kept when the word's upper 24 bits are at
 * least rate·2²⁴.
 */
export const dropout: Twin<{ x: View } & Draw, { y: View }, Key> = ({ x, ...draw }, { y }, key) => {
  forEachUnit(x, draw, key, (k, kept) => {
    y.data[k] = kept ? x.data[k]! / (1 - key.rate) : 0;
  });
};

/** y = 1 where `dropout` sets an element to 0, else 0 */
export const dropped: Twin<Draw, { y: View }, Key> = (draw, { y }, key) => {
  forEachUnit(y, draw, key, (k, kept) => {
    y.data[k] = kept ? 0 : 1;
  });
};

function forEachUnit(
  { data, shape }: View,
  { clock, offsets, order }: Draw,
  { rate, seed, layer }: Key,
  use: (k: number, kept: boolean) => void,
): void {
  const rows = shape[0] ?? 1;
  const units = rows === 0 ? 0 : data.length / rows;
  const trainingStep = clock.data[0]!;
  const firstRow = clock.data[1]!;
  const threshold = Math.round(rate * 2 ** 24);
  const words = new Uint32Array(4);

  const draw = (row: number, t: number, place: number) => {
    for (let unit = 0; unit < units; unit++) {
      if (unit % 4 === 0) philox4x32(words, unit / 4, t, firstRow + place, trainingStep, seed, layer);
      use(row * units + unit, words[unit % 4]! >>> 8 >= threshold);
    }
  };
  if (!offsets || !order) {
    for (let row = 0; row < rows; row++) draw(row, 0, row);
    return;
  }
  const layout = layoutOf('dropout', { offsets, order }, rows);
  for (let t = 0; t < layout.steps; t++)
    for (let rank = 0; rank < activeAt(layout, t); rank++) draw(layout.offsets[t]! + rank, t, layout.order[rank]!);
}
