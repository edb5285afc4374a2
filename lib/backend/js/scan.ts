import type { BufferSpec, ProgramData } from '../../program/program.ts';
import { elementCount, resolveShape, type Sizes } from '../../program/shape.ts';
import type { NumberArray } from '../backend.ts';
import { type Direction, timeSteps } from './carried.ts';
import { activeAt, type Layout, layoutOf } from './layout.ts';
import type { Integers, Run, Twin, View } from './twin.ts';

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
  const sizes = sizesOf(body, inputs, Math.max(0, layout.steps > 0 ? activeAt(layout, 0) : 0));
  const kept = (name: string) => byRank(inputs[name]!, layout, run);
  const names = Object.keys(inputs).filter(name => name.startsWith('s:'));
  const states = new Map(names.map(name => [name, kept(name)]));
  const next = new Map(names.map(name => [name, kept(name)]));
  const constants = new Map(
    Object.keys(inputs).flatMap(name => (name.startsWith('k:') ? [[name, kept(name)] as const] : [])),
  );
  const scratch = body.buffers.map(buffer =>
    buffer.role === 'scratch' ? taken(run, buffer, elementCount(resolveShape(buffer.shape, sizes))) : undefined,
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
      states.get(name)!.set(state.subarray(0, count) as never);
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

function taken(run: Run, { dtype }: Pick<BufferSpec, 'dtype'>, elements: number): NumberArray {
  return dtype === 'real' ? run.reals(elements) : run.integers(elements);
}

function byRank({ data, shape }: View<NumberArray>, { order }: Layout, run: Run): NumberArray {
  const into = taken(run, { dtype: data instanceof Int32Array ? 'int32' : 'real' }, data.length);
  const width = elementCount(shape.slice(1));
  order.forEach((place, rank) => {
    into.set(data.subarray(place * width, (place + 1) * width) as never, rank * width);
  });
  return into;
}

function toCaller(states: NumberArray, { order }: Layout, { data, shape }: View<NumberArray>): void {
  const width = elementCount(shape.slice(1));
  order.forEach((place, rank) => {
    data.set(states.subarray(rank * width, (rank + 1) * width) as never, place * width);
  });
}
