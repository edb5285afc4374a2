import type { NumberArray } from '../../lib/backend/backend.ts';
import { type MaskedLayout, packMask, packMasked, putBack } from '../../lib/data/masked.ts';
import { type PackedLayout, packLayout } from '../../lib/data/ragged.ts';
import { add } from '../../lib/ops/add.ts';
import { concat } from '../../lib/ops/concat.ts';
import { moveRows } from '../../lib/ops/move-rows.ts';
import { slice } from '../../lib/ops/slice.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import type { Config } from './manifest.ts';
import { type PaddedOrder, pack, unpack } from './ragged.ts';
import { directionsOf } from './stack.ts';
import type { Stored } from './tensors.ts';

type Padding = 'zero' | 'hold';

/** What the rows of a direction's outputs come from, and the number of them. */
const sources = ['outputs', 'initial'] as const;
const count = (direction: string, source: string) => `moves.${direction}.${source}`;

/** A padded batch of which the steps that count are packed, while outputs are put back to all. */
export class MaskedBatch {
  readonly layout: PackedLayout;
  private readonly masked: MaskedLayout;
  private readonly whole: PackedLayout;
  private readonly padded: PaddedOrder;

  /** @param mask [batch, steps] */
  constructor({ shape, values }: Stored, padded: PaddedOrder) {
    const [batch, steps] = shape as [number, number];
    this.whole = packLayout(new Array(batch).fill(steps));
    this.masked = packMask(pack({ shape: [batch, steps], values }, this.whole, 'batch first'), batch);
    this.layout = this.masked.layout;
    this.padded = padded;
  }

  pack(name: string, stored: Stored): ArrayLike<number> {
    const all = pack(stored, this.whole, this.padded);
    return isWhole(name) ? all : packMasked(all, stored.shape[2]!, this.masked, 'float64');
  }

  unpack(name: string, values: ArrayLike<number>, shape: readonly number[]): ArrayLike<number> {
    if (isWhole(name)) return unpack(values, shape, this.whole, this.padded);
    const features = shape[2]!;
    const all = new Float64Array(this.whole.tokens * features);
    this.masked.places.forEach((place, row) => {
      for (let k = 0; k < features; k++) all[place * features + k] = values[row * features + k]!;
    });
    return unpack(all, shape, this.whole, this.padded);
  }

  /** The sizes and feeds of `putBackOutputs`. */
  feeds(config: Config) {
    const sizes: Record<string, number> = { padded: this.whole.tokens };
    const values: Record<string, NumberArray> = {};
    for (const { direction } of directionsOf(config)) {
      const moves = putBack(this.masked, { direction, padding: config.padding_output as Padding });
      for (const source of sources) {
        const { from, to } = moves[source];
        sizes[count(direction, source)] = from.length;
        Object.assign(values, { [`${count(direction, source)}.from`]: from, [`${count(direction, source)}.to`]: to });
      }
    }
    return { sizes, values };
  }
}

/** Whether a tensor has all steps, those that do not count too. */
export function isWhole(name: string): boolean {
  return name.endsWith('.y');
}

/** y of the steps that count, [tokens, directions·H] → all steps, [padded, directions·H]. `h` gives the initial state of a direction. */
export function putBackOutputs(y: Tensor, config: Config, h: (direction: number) => Tensor | undefined): Tensor {
  const given = directionsOf(config);
  const size = (y.shape[1] as number) / given.length;
  const halves = given.map(({ direction }, index) => {
    const moved = (x: Tensor, source: (typeof sources)[number]) => {
      const name = count(direction, source);
      const [from, to] = [`${name}.from`, `${name}.to`].map(end => y.recording.feed(end, [name], 'int32'));
      return moveRows(x, { from: from!, to: to!, rows: 'padded' });
    };
    const outputs = moved(slice(y, { axis: 1, start: index * size, stop: (index + 1) * size }), 'outputs');
    const initial = config.padding_output === 'hold' ? h(index) : undefined;
    return initial ? add(outputs, moved(initial, 'initial')) : outputs;
  });
  return concat(halves);
}
