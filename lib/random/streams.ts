/** Who draws from which streams of a seed, so that no two draw the same numbers. */
export const streams = {
  /** One for each layer, from here on: initial weights. */
  layers: 0,
  /** One for each lag at which a task of the gym is measured, from here on. */
  trials: 2 ** 29,
  /** One for each batch of a task of the gym, from here on. */
  exercises: 2 ** 30,
  /** One for each training step, from here on: what optimizers without gradients draw. */
  generations: 2 ** 30 + 2 ** 29,
  /** One for each epoch, from here on: the order of the rows. */
  epochs: 2 ** 31,
  /** The order of a dataset's rows before it is split. */
  rows: 2 ** 32 - 1,
} as const;
