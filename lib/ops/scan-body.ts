import type { GradientContext } from '../program/operation.ts';
import type { Attribute, Attributes, Program } from '../program/program.ts';
import { type Layout, Recording, type TapeEntry } from '../program/recording.ts';
import type { Dimension, Shape } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Direction } from './recurrent.ts';

/** The size of a step inside its body: the sequences that are alive then. */
export const rows = 'rows';

/** Whether a tensor of a body has a row for each sequence; the others are the same at every step. */
export function hasRows({ shape }: Tensor): boolean {
  return shape[0] === rows;
}

/** Records an entry of a body again, elsewhere: on the tensors that `find` gives for its own, with `leading` in place of rows. */
export function replay(
  { operation, inputs, attributes, outputs }: TapeEntry,
  recording: Recording,
  leading: Dimension,
  find: (tensor: Tensor) => Tensor,
  made: Map<Tensor, Tensor>,
): void {
  const led = (shape: Shape) => shape.map(dimension => (dimension === rows ? leading : dimension));
  const again = recording.append(
    operation,
    mapValues(inputs, find),
    mapValues(attributes, value => (Array.isArray(value) ? led(value) : value) as Attribute),
    mapValues(outputs, ({ shape, dtype }) => ({ shape: led(shape), dtype })),
  );
  for (const [name, tensor] of Object.entries(outputs)) made.set(tensor, again[name]!);
}

/** What enters a body: a tensor around it and what it is inside. */
interface Entered {
  readonly outer: Tensor;
  readonly inner: Tensor;
}

/** What differentiates a scan; made before the scan is recorded, so that it can have values kept as outputs. */
export interface Differentiation {
  /** Records the gradients that are wanted, by the names of the scan's inputs. */
  record(context: GradientContext<Record<string, Tensor>, string, Attributes>): Record<string, Tensor>;
}

/** One step of a scan in the making, and where what it reads comes from. */
export class ScanBody {
  readonly recording: Recording;
  readonly parent: Recording;
  readonly layout: Layout;
  readonly direction: Direction;
  readonly sequences: Entered[] = [];
  readonly states: (Entered & { next: Tensor })[] = [];
  readonly constants: Entered[] = [];
  readonly outputs: Tensor[] = [];

  constructor(parent: Recording, layout: Layout, direction: Direction) {
    this.parent = parent;
    this.layout = layout;
    this.direction = direction;
    this.recording = new Recording(parent.mode, { parent, quantize: parent.quantize });
  }

  /** Reads a sequence [tokens, ...]; gives its rows of the step, [rows, ...]. */
  sequence(outer: Tensor): Tensor {
    return this.enter('x', this.sequences, outer);
  }

  /** Reads the same of a sequence at every step, [batch, ...]. */
  constant(outer: Tensor): Tensor {
    return this.enter('k', this.constants, outer);
  }

  /** Carries a state that is [batch, ...] at first; say with `carry` what comes next. */
  state(outer: Tensor): Tensor {
    const inner = this.feed(`s:${this.states.length}`, outer);
    this.states.push({ outer, inner, next: inner });
    return inner;
  }

  carry(state: Tensor, next: Tensor): void {
    this.states.find(({ inner }) => inner === state)!.next = next;
  }

  /** Gives a tensor [rows, ...] of every step, as the output with the number that it returns. */
  output(tensor: Tensor): number {
    const known = this.outputs.indexOf(tensor);
    return known >= 0 ? known : this.outputs.push(tensor) - 1;
  }

  /** Records the scan: outputs [tokens, ...], and states after each sequence's last step, [batch, ...]. */
  record(differentiate?: (body: ScanBody) => Differentiation): { outputs: Tensor[]; states: Tensor[] } {
    const { tokens, batch, offsets, order } = this.layout;
    const given = this.outputs.length;
    const differentiation = differentiate?.(this);
    // Steps are counted by the rows of what goes along them: where nothing else does, a state.
    if (this.outputs.length === 0 && !this.readsSequence())
      this.outputs.push(...this.states.slice(0, 1).map(({ next }) => next));
    for (const [index, tensor] of this.outputs.entries()) this.recording.result(`y:${index}`, tensor);
    for (const [index, { next }] of this.states.entries()) this.recording.result(`s:${index}`, next);
    const body = this.recording.finish();
    const led = (leading: Dimension, { shape, dtype }: Tensor) => ({ shape: [leading, ...shape.slice(1)], dtype });
    const made = this.parent.append(
      { name: 'scan', ...(differentiation ? { gradient: context => differentiation.record(context) } : {}) },
      { offsets, order, ...this.inputs(body) },
      { direction: this.direction, body: { ...body } },
      {
        ...numbered('y', this.outputs, tensor => led(tokens, tensor)),
        ...numbered('s', this.states, ({ next }) => led(batch, next)),
      },
    );
    return {
      outputs: Array.from({ length: given }, (_, index) => made[`y:${index}`]!),
      states: this.states.map((_, index) => made[`s:${index}`]!),
    };
  }

  /** Whether what comes of a step depends on a sequence. */
  private readsSequence(): boolean {
    const live = new Set([...this.outputs, ...this.states.map(({ next }) => next)]);
    for (const { inputs, outputs } of this.recording.tape.toReversed())
      if (Object.values(outputs).some(tensor => live.has(tensor)))
        for (const tensor of Object.values(inputs)) live.add(tensor);
    return this.sequences.some(({ inner }) => live.has(inner));
  }

  private enter(prefix: string, entered: Entered[], outer: Tensor): Tensor {
    const known = entered.find(each => each.outer === outer);
    if (known) return known.inner;
    const inner = this.feed(`${prefix}:${entered.length}`, outer);
    entered.push({ outer, inner });
    return inner;
  }

  private feed(name: string, { shape, dtype }: Tensor): Tensor {
    return this.recording.feed(name, [rows, ...shape.slice(1)], dtype);
  }

  /** All states, and what else the body reads. */
  private inputs(body: Program): Record<string, Tensor> {
    const outer = (each: Entered) => each.outer;
    const all: Record<string, Tensor> = {
      ...numbered('x', this.sequences, outer),
      ...numbered('k', this.constants, outer),
      ...numbered('c', [...this.recording.captured.keys()], tensor => tensor),
    };
    const read = body.buffers.filter(({ role }) => role === 'feed').map(({ name }) => name);
    return {
      ...numbered('s', this.states, outer),
      ...Object.fromEntries(read.filter(name => all[name]).map(name => [name, all[name]!])),
    };
  }
}

/** { prefix:0: …, prefix:1: … } */
function numbered<T, R>(prefix: string, items: readonly T[], value: (item: T) => R): Record<string, R> {
  return Object.fromEntries(items.map((item, index) => [`${prefix}:${index}`, value(item)]));
}

export function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  map: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
