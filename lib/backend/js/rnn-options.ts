import type { Cell } from './cell.ts';
import { gateFunctions, type OptionAttributes, zoneOut } from './cell-options.ts';

/** h' = f(clip(a))   h = p·h₋ + (1−p)·h'. What is kept for backward is a. */
export function rnnWithOptions(attributes: OptionAttributes): Cell<unknown> {
  const [f] = gateFunctions(attributes, 1);
  const { zoneoutH = 0 } = attributes;
  return {
    blocks: 1,
    recurrentBlocks: [0],

    forward({ rows, size, a, h, zoneH }) {
      for (let s = 0; s < rows * size; s++) h[s] = zoneOut(zoneH?.[s] ?? zoneoutH, h[s]!, f!.value(a[s]!));
    },

    backward({ rows, size, a, dh, zoneH }) {
      for (let s = 0; s < rows * size; s++) {
        const share = zoneH?.[s] ?? zoneoutH;
        a[s] = f!.backward(a[s]!, (1 - share) * dh[s]!);
        dh[s]! *= share;
      }
    },
  };
}
