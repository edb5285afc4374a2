import { cells } from '../../lib/cells.ts';
import { add } from '../../lib/ops/add.ts';
import { batchMatmul } from '../../lib/ops/batch-matmul.ts';
import { gather } from '../../lib/ops/gather.ts';
import { gradients } from '../../lib/ops/gradients.ts';
import { matmul } from '../../lib/ops/matmul.ts';
import { multiply } from '../../lib/ops/multiply.ts';
import type { Direction } from '../../lib/ops/recurrent.ts';
import { reshape } from '../../lib/ops/reshape.ts';
import { scan } from '../../lib/ops/scan.ts';
import { sigmoid } from '../../lib/ops/sigmoid.ts';
import { slice } from '../../lib/ops/slice.ts';
import { softmax } from '../../lib/ops/softmax.ts';
import { tanh } from '../../lib/ops/tanh.ts';
import type { Program } from '../../lib/program/program.ts';
import { record } from '../../lib/program/recording.ts';
import { Numbers } from '../backend/conformance/numbers.ts';
import { type Build, type Given, integers, reals } from './evaluate.ts';

/** Values that differ from seed to seed. */
const drawn = (shape: readonly number[], seed = 1) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return reals(shape, new Numbers(seed).reals(count));
};

export const lengths = [3, 0, 5, 1, 5];
const tokens = lengths.reduce((total, length) => total + length, 0);
const batch = lengths.length;
export const [I, H] = [3, 4];
const sequence = { ...drawn([tokens, I]), shape: ['input.tokens', I] };
const state = (seed: number) => ({ ...drawn([batch, H], seed), shape: ['batch', H] });

export const weights = {
  x: sequence,
  W: drawn([I, 4 * H], 2),
  R: drawn([H, 4 * H], 3),
  b: drawn([4 * H], 4),
  h: state(5),
  c: state(6),
};

/** Long short-term memory, as the equations are written. */
export const written =
  (direction: Direction): Build =>
  ({ x, W, R, b, h, c }, recording) => {
    recording.layout('input');
    const { states, outputs } = scan(
      { sequences: { x: x! }, states: { h: h!, c: c! } },
      step => {
        const a = add(matmul(step.x, W!, { bias: b }), matmul(step.h, R!));
        const [i, f, g, o] = cells.lstm.gates.map((_, k) => slice(a, { axis: -1, start: k * H, stop: (k + 1) * H }));
        const next = add(multiply(sigmoid(f!), step.c), multiply(sigmoid(i!), tanh(g!)));
        const output = multiply(sigmoid(o!), tanh(next));
        return { states: { h: output, c: next }, outputs: { y: output } };
      },
      { direction },
    );
    return { y: outputs.y, hN: states.h, cN: states.c };
  };

/** Two states that begin as one tensor and go ways of their own. */
export const twins: Build = ({ x, h }, recording) => {
  recording.layout('input');
  const { states, outputs } = scan({ sequences: { x: x! }, states: { a: h!, b: h! } }, ({ x, a, b }) => ({
    states: { a: tanh(add(a, x)), b: multiply(b, x) },
    outputs: { y: multiply(a, b) },
  }));
  return { ...outputs, aN: states.a, bN: states.b };
};

/** A decoder that looks at a memory of its own sequence, reads words, and remembers two states back. */
export const decoder: Build = ({ x, ids, table, memory, R, S, v, h, before }, recording) => {
  recording.layout('input');
  const { states, outputs } = scan(
    { sequences: { x: x!, ids: ids! }, states: { h: h!, before: before! }, constants: { memory: memory! } },
    step => {
      const query = reshape(step.h, ['rows', 1, H]);
      const attention = softmax(batchMatmul(query, step.memory, { transposeB: true }));
      const context = reshape(batchMatmul(attention, step.memory), ['rows', H]);
      const word = gather(table!, step.ids);
      const seen = add(add(matmul(step.before, S!), matmul(context, R!)), multiply(word, v!));
      const next = tanh(add(seen, step.h));
      return { states: { h: next, before: step.h }, outputs: { next, attention, word: tanh(matmul(step.x, S!)) } };
    },
  );
  return { ...outputs, hN: states.h, beforeN: states.before };
};
export const decoderInputs = {
  x: { ...drawn([tokens, H], 1), shape: ['input.tokens', H] },
  ids: integers(
    ['input.tokens'],
    Array.from({ length: tokens }, (_, row) => (row * 3) % 5),
  ),
  table: drawn([5, H], 2),
  memory: { ...drawn([batch, 2, H], 3), shape: ['batch', 2, H] },
  R: drawn([H, H], 4),
  S: drawn([H, H], 5),
  v: drawn([H], 6),
  h: state(7),
  before: state(8),
};

/** What a scan gives, and its gradients by all that is real. */
export function differentiated(build: Build, inputs: Readonly<Record<string, Given>>): Program {
  return record(
    recording => {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => [name, recording.feed(name, shape, dtype)]),
      );
      const outputs = build(tensors, recording);
      const upstream = Object.entries(outputs).map(([name, of]) => ({
        of,
        gradient: recording.feed(`up.${name}`, of.shape),
      }));
      const real = Object.entries(tensors).filter(([, { dtype }]) => dtype === 'real');
      const found = gradients(
        upstream,
        real.map(([, tensor]) => tensor),
      );
      return { ...outputs, ...Object.fromEntries(real.map(([name], index) => [`d${name}`, found[index]!])) };
    },
    { mode: 'train' },
  );
}
