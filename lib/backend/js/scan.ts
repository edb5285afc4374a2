import type { ProgramData } from '../../program/program.ts';
import { type DType, elementCount, resolveShape, type Sizes } from '../../program/shape.ts';
import type { NumberArray } from '../backend.ts';
import { byRank, type Direction, timeSteps, toCaller } from './carried.ts';
import { activeAt, layoutOf } from './layout.ts';
import type { Integers, Twin, View } from './twin.ts';

type Views = Readonly<Record<string, View<NumberArray>>>;

/**
 * The steps of a body at every time step: it reads `x:` the rows of that time, `s:` states, `k:` constants of each sequence and
 * `c:` what is captured, and makes `y:` the rows of that time and `s:` the states of the next step.
 */
export const scan: Twin<
  Views & { readonly offsets: Integers; readonly order: Integers },
  Views,
  { readonly direction: Direction; readonly body: ProgramData }
> = (inputs, outputs, { direction, body }, run) => {
  const sequence = Object.entries({ ...outputs, ...inputs }).find(([name]) => /^[xy]:/.test(name))![1];
  const layout = layoutOf('scan', inputs, sequence.shape[0]!);
  const sizes = sizesOf(body, inputs, layout.steps > 0 ? activeAt(layout, 0) : 0);
  const take = (dtype: DType, elements: number) => (dtype === 'real' ? run.reals(elements) : run.integers(elements));
  const carried = (prefix: string) =>
    new Map(
      Object.entries(inputs).flatMap(([name, view]) => {
        if (!name.startsWith(prefix)) return [];
        const { data } = view;
        const into = take(data instanceof Int32Array ? 'int32' : 'real', data.length);
        return [[name, byRank(view, layout, into)] as const];
      }),
    );
  const [states, next, constants] = [carried('s:'), carried('s:'), carried('k:')];
  const scratch = body.buffers.map(({ role, dtype, shape }) =>
    role === 'scratch' ? take(dtype, elementCount(resolveShape(shape, sizes))) : undefined,
  );

  for (const t of timeSteps(layout, direction)) {
    run.poll();
    const rows = activeAt(layout, t);
    if (rows === 0) continue;
    const views = body.buffers.map((buffer, id): View<NumberArray> => {
      const { name, role } = buffer;
      const shape = resolveShape(buffer.shape, { ...sizes, rows });
      const count = elementCount(shape);
      const ofStep = ({ data }: View<NumberArray>) =>
        data.subarray((layout.offsets[t]! * count) / rows, (layout.offsets[t]! * count) / rows + count);
      if (role === 'scratch') return { data: scratch[id]!.subarray(0, count), shape };
      if (role === 'result')
        return { data: name.startsWith('s:') ? next.get(name)!.subarray(0, count) : ofStep(outputs[name]!), shape };
      if (name.startsWith('c:')) return inputs[name]!;
      if (name.startsWith('x:')) return { data: ofStep(inputs[name]!), shape };
      return { data: (states.get(name) ?? constants.get(name)!).subarray(0, count), shape };
    });
    for (const step of body.steps) run.step(step, views);
    for (const [name, state] of next) {
      const count = (state.length / layout.batch) * rows;
      states.get(name)!.set(state.subarray(0, count));
    }
  }
  for (const [name, state] of states) toCaller(state, layout, outputs[name]!);
};

/** The sizes that a body's shapes name, as what enters it has them. */
function sizesOf(body: ProgramData, inputs: Views, rows: number): Sizes {
  const sizes: Record<string, number> = {};
  for (const { name, role, shape } of body.buffers)
    if (role === 'feed')
      shape.forEach((dimension, axis) => {
        if (typeof dimension === 'string') sizes[dimension] = inputs[name]!.shape[axis]!;
      });
  return { ...sizes, rows };
}
