import type { ProgramData } from './program.ts';
import { elementCount, resolveShape, type Sizes } from './shape.ts';

/** Where each arena buffer lies when no size exceeds its capacity. */
export interface Plan {
  readonly capacity: Sizes;
  /** Byte offset of each buffer in the arena, a multiple of 64; -1 for buffers outside it. */
  readonly offsets: Float64Array;
  readonly bytes: number;
}

const alignment = 64;

/** Powers of two that hold `sizes` and are no smaller than those of `previous`: plans are made anew seldom. */
export function capacityFor(names: readonly string[], sizes: Sizes, previous?: Sizes): Sizes {
  return Object.fromEntries(
    names.map(name => [name, Math.max(previous?.[name] ?? 1, 2 ** Math.ceil(Math.log2(Math.max(1, sizes[name]!))))]),
  );
}

export function fits(plan: Plan | undefined, sizes: Sizes): plan is Plan {
  return plan !== undefined && Object.entries(plan.capacity).every(([name, limit]) => sizes[name]! <= limit);
}

/** Gives every arena buffer a place for as long as it lives; buffers that never live at once share memory. */
export function plan(program: ProgramData, capacity: Sizes, bytesPerReal: 4 | 8): Plan {
  const lives = lifetimes(program);
  const offsets = new Float64Array(program.buffers.length).fill(-1);
  const placed: { start: number; end: number; first: number; last: number }[] = [];
  let total = 0;
  const bySize = [...lives.entries()]
    .map(([id, life]) => ({ id, ...life, size: bytesOf(program, id, capacity, bytesPerReal) }))
    .sort((a, b) => b.size - a.size || a.id - b.id);
  for (const { id, first, last, size } of bySize) {
    const neighbours = placed
      .filter(other => other.first <= last && first <= other.last)
      .sort((a, b) => a.start - b.start);
    let start = 0;
    for (const other of neighbours) {
      if (start + size <= other.start) break;
      start = Math.max(start, other.end);
    }
    offsets[id] = start;
    placed.push({ start, end: start + size, first, last });
    total = Math.max(total, start + size);
  }
  return { capacity, offsets, bytes: total };
}

/** First and last step that touches each arena buffer; results live to the end. */
export function lifetimes(program: ProgramData): Map<number, { first: number; last: number }> {
  const lives = new Map<number, { first: number; last: number }>();
  const inArena = (id: number) => program.buffers[id]!.role === 'scratch' || program.buffers[id]!.role === 'result';
  program.steps.forEach((step, index) => {
    for (const id of [...Object.values(step.inputs), ...Object.values(step.outputs)]) {
      if (!inArena(id)) continue;
      const life = lives.get(id);
      if (life) life.last = index;
      else lives.set(id, { first: index, last: index });
    }
  });
  for (const id of program.checks) {
    const life = lives.get(id);
    if (life) life.last = Math.max(life.last, program.commit);
  }
  program.buffers.forEach((buffer, id) => {
    const life = lives.get(id);
    if (buffer.role === 'result' && life) life.last = program.steps.length;
  });
  return lives;
}

function bytesOf(program: ProgramData, id: number, sizes: Sizes, bytesPerReal: number): number {
  const { dtype, shape } = program.buffers[id]!;
  const bytes = elementCount(resolveShape(shape, sizes)) * (dtype === 'real' ? bytesPerReal : 4);
  return Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
}
