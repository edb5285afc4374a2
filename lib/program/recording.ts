import { rangeError, typeError } from '../errors.ts';
import type { Operation } from './operation.ts';
import { type Attributes, type BufferSpec, Program, type Role, type Step, type StorageSpec } from './program.ts';
import { type Dimension, type DType, describeShape, type Shape, sameShape, suppliedSize } from './shape.ts';
import { Tensor } from './tensor.ts';

/** `train` records dropout and what BPTT needs; `infer` records neither. */
export type Mode = 'train' | 'infer';

/**
 * What recurrent layers make of the operands of their products: weights, inputs and, in training, gradients with 8 bits of
 * significand; or, in inference alone, whole numbers in [−127, 127] with a scale for each column of a weight and each row of an input.
 */
export type Quantization = 'bfloat16' | 'int8';

export interface RecordingOptions {
  /** Default: products are of float32. */
  readonly quantize?: Quantization | undefined;
}

/**
 * How the rows of a ragged batch lie in memory: time-major over sequences sorted by length, longest first, so that the
 * sequences alive at step t are the first rows of that step. Row of (t, rank) = offsets[t] + rank.
 */
export interface Layout {
  readonly name: string;
  /** Named sizes: the longest length, the number of sequences, the sum of the lengths. */
  readonly steps: Dimension;
  readonly batch: Dimension;
  readonly tokens: Dimension;
  /** int32 [steps]: first row of each step. */
  readonly offsets: Tensor;
  /** int32 [batch]: order[rank] is the sequence's place in the caller's batch. */
  readonly order: Tensor;
}

/** Where a tensor lives outside the program. */
export interface StorageView {
  readonly storage: StorageSpec;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly name: string;
}

export interface TapeEntry {
  readonly operation: Operation;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attributes: Attributes;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

interface MutableBuffer {
  name: string;
  role: Role;
  dtype: DType;
  shape: Shape;
  storage?: { name: string; offset: number };
}

/** y = x, into a buffer of its own. */
const copy: Operation = { name: 'copy', gradient: ({ gradients: { y } }) => ({ x: y }) };

/** Collects what a program will do. Operations append to it; `finish` gives the program. */
export class Recording {
  readonly mode: Mode;
  readonly quantize: Quantization | undefined;
  /** The recording whose tensors this one may use: that of a program of which this one records a step's body. */
  readonly parent: Recording | undefined;
  /** Tensors of the parent that are used here, and what they are called here. */
  readonly captured = new Map<Tensor, Tensor>();
  /** Scalars that training adds to its loss. */
  readonly penalties: Tensor[] = [];
  /** What was recorded, in order, for differentiation. */
  readonly tape: TapeEntry[] = [];
  private readonly buffers: MutableBuffer[] = [];
  private readonly updates: Step[] = [];
  private readonly storages = new Map<string, StorageSpec>();
  private readonly layouts = new Map<string, Layout>();
  private readonly stored = new Map<string, Tensor>();
  private readonly feeds = new Map<string, Tensor>();
  private readonly results = new Map<string, Tensor>();
  private readonly checks: Tensor[] = [];
  /** Scratch buffers whose producer writes into storage instead: from buffer to buffer. */
  private readonly moved = new Map<number, number>();

  constructor(mode: Mode, { quantize, parent }: RecordingOptions & { readonly parent?: Recording } = {}) {
    if (quantize !== undefined && quantize !== 'bfloat16' && quantize !== 'int8')
      throw rangeError('ERR_ARGUMENT', `quantize must be 'bfloat16' or 'int8', got ${JSON.stringify(quantize)}`);
    if (quantize === 'int8' && mode === 'train')
      throw rangeError('ERR_ARGUMENT', "quantize: 'int8' is for inference; training takes 'bfloat16' or float32");
    this.mode = mode;
    this.quantize = quantize;
    this.parent = parent;
  }

  /** Whether this one records a body inside the other, or inside one inside it. */
  isWithin(other: Recording): boolean {
    return this.parent !== undefined && (this.parent === other || this.parent.isWithin(other));
  }

  /** A value that every run supplies. Asked for twice under one name it is the same tensor. */
  feed(name: string, shape: Shape, dtype: DType = 'real'): Tensor {
    const known = this.feeds.get(name);
    if (known) {
      if (!sameShape(known.shape, shape) || known.dtype !== dtype)
        throw rangeError(
          'ERR_SHAPE',
          `feed ${name}: recorded as ${known.dtype} ${describeShape(known.shape)}, asked for as ${dtype} ${describeShape(shape)}`,
        );
      return known;
    }
    const tensor = this.tensor({ name, role: 'feed', dtype, shape });
    this.feeds.set(name, tensor);
    return tensor;
  }

  /** The layout of a ragged batch. Its sizes are `<name>.steps` and `<name>.tokens`, and `batch`, shared by all layouts. */
  layout(name: string): Layout {
    const tokens = `${name}.tokens`;
    const known = this.layouts.get(tokens);
    if (known) return known;
    const steps = `${name}.steps`;
    const layout: Layout = {
      name,
      steps,
      batch: 'batch',
      tokens,
      offsets: this.feed(`${name}.offsets`, [steps], 'int32'),
      order: this.feed(`${name}.order`, ['batch'], 'int32'),
    };
    this.layouts.set(tokens, layout);
    return layout;
  }

  layoutOf(tokens: string): Layout | undefined {
    return this.layouts.get(tokens);
  }

  /** int32 [2]: the training step, from 1, and the first row's place in the global batch. Keys random masks. */
  get clock(): Tensor {
    return this.feed('clock', [2], 'int32');
  }

  /**
   * A parameter, gradient or state tensor in storage that outlives the program. The same view is the same tensor; a body's is
   * that of the recording around it.
   */
  view(role: 'parameter' | 'gradient' | 'state', view: StorageView): Tensor {
    if (this.parent) return this.parent.view(role, view);
    const key = `${view.storage.name}+${view.offset}[${view.shape.join(',')}]`;
    this.addStorage(view.storage);
    const known = this.stored.get(key);
    if (known) return known;
    const { name, shape, offset, storage } = view;
    const tensor = this.tensor({ name, role, dtype: storage.dtype, shape, storage: { name: storage.name, offset } });
    this.stored.set(key, tensor);
    return tensor;
  }

  /** Records one operation. Called by `operation()`; library code calls the operation's own function. */
  append(
    operation: Operation,
    inputs: Readonly<Record<string, Tensor>>,
    attributes: Attributes,
    outputs: Readonly<Record<string, { shape: Shape; dtype?: DType }>>,
  ): Record<string, Tensor> {
    const own = Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [name, this.owned(tensor, `${operation.name}: ${name}`)]),
    );
    const results: Record<string, Tensor> = {};
    for (const [name, { shape, dtype = 'real' }] of Object.entries(outputs))
      results[name] = this.tensor({ name: `${operation.name}.${name}`, role: 'scratch', dtype, shape });
    this.tape.push({ operation, inputs: own, attributes, outputs: results });
    return results;
  }

  /** The tensor as this recording has it; one of a recording around it enters as a feed. */
  private owned(tensor: Tensor, what: string): Tensor {
    if (tensor.recording === this) return tensor;
    if (!this.isWithin(tensor.recording))
      throw typeError(
        'ERR_ARGUMENT',
        `${what} belongs to another recording; tensors cannot be kept from one recording to the next`,
      );
    const outer = tensor.recording === this.parent ? tensor : this.parent!.owned(tensor, what);
    let inner = this.captured.get(outer);
    if (!inner) this.captured.set(outer, (inner = this.feed(`c:${this.captured.size}`, outer.shape, outer.dtype)));
    return inner;
  }

  /**
   * Keeps a computed tensor in storage: the step that produces it writes there directly; what is stored a second time, or
   * was not computed by a step, is copied.
   */
  store(tensor: Tensor, view: StorageView): Tensor {
    const target = this.view('gradient', view);
    const movable = this.buffers[tensor.buffer]!.role === 'scratch' && !this.moved.has(tensor.buffer);
    const source = movable
      ? tensor
      : this.append(copy, { x: tensor }, {}, { y: { shape: tensor.shape, dtype: tensor.dtype } }).y!;
    this.moved.set(source.buffer, target.buffer);
    return target;
  }

  /** Records a step past the commit point that overwrites storage in place. */
  update(
    op: string,
    inputs: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
    attributes: Attributes,
  ): void {
    const written: Record<string, number> = {};
    for (const name of outputs) {
      const tensor = inputs[name];
      if (!tensor || !this.buffers[tensor.buffer]!.storage)
        throw typeError('ERR_ARGUMENT', `${op}: ${name} must be a tensor in storage`);
      written[name] = tensor.buffer;
    }
    this.updates.push({ op, attributes, inputs: numbers(inputs), outputs: written });
  }

  /** Names a tensor that the run returns. */
  result(name: string, tensor: Tensor): void {
    if (this.results.has(name)) throw rangeError('ERR_ARGUMENT', `result ${name} is named twice`);
    this.results.set(name, tensor);
  }

  /** Refuses to commit when this scalar is not finite. */
  check(tensor: Tensor): void {
    this.checks.push(tensor);
  }

  /** The program: steps that nothing depends on are dropped. */
  finish(): Program {
    const steps: Step[] = this.tape.map(({ operation, inputs, attributes, outputs }) => ({
      op: operation.name,
      attributes,
      inputs: numbers(inputs),
      outputs: numbers(outputs),
    }));
    // A result that is a feed, a parameter or named twice is copied into a buffer of its own.
    const named = new Set<number>();
    for (const [name, tensor] of this.results) {
      const buffer = this.buffers[tensor.buffer]!;
      if (buffer.role === 'scratch' && !named.has(tensor.buffer) && !this.moved.has(tensor.buffer)) {
        Object.assign(buffer, { role: 'result', name });
        named.add(tensor.buffer);
      } else {
        const own = this.tensor({ name, role: 'result', dtype: buffer.dtype, shape: buffer.shape });
        steps.push({ op: copy.name, attributes: {}, inputs: { x: tensor.buffer }, outputs: { y: own.buffer } });
        named.add(own.buffer);
      }
    }
    const place = (ids: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, this.moved.get(id) ?? id]));
    const all = [
      ...steps.map(step => ({ ...step, inputs: place(step.inputs), outputs: place(step.outputs) })),
      ...this.updates.map(step => ({ ...step, inputs: place(step.inputs) })),
    ];
    const checks = this.checks.map(tensor => this.moved.get(tensor.buffer) ?? tensor.buffer);

    const needed = new Set<number>([...checks, ...named]);
    this.buffers.forEach((buffer, id) => {
      if (buffer.storage) needed.add(id);
    });
    const kept: Step[] = [];
    let commit = 0;
    for (let index = all.length - 1; index >= 0; index--) {
      const step = all[index]!;
      if (!Object.values(step.outputs).some(id => needed.has(id))) continue;
      for (const id of Object.values(step.inputs)) needed.add(id);
      kept.unshift(step);
      if (index < steps.length) commit++;
    }
    return compact(this.buffers, kept, commit, checks, [...this.storages.values()], needed);
  }

  private addStorage(storage: StorageSpec): void {
    const known = this.storages.get(storage.name);
    if (known && known.elements !== storage.elements)
      throw rangeError(
        'ERR_SHAPE',
        `storage ${storage.name} has ${known.elements} elements here and ${storage.elements} there`,
      );
    this.storages.set(storage.name, storage);
  }

  private tensor(buffer: MutableBuffer): Tensor {
    this.buffers.push(buffer);
    return new Tensor(this, this.buffers.length - 1, buffer.shape, buffer.dtype);
  }
}

/** Records what `build` does and returns the program; the tensors that `build` returns become the program's results. */
export function record(
  build: (recording: Recording) => Readonly<Record<string, Tensor>>,
  { mode = 'infer', quantize }: { readonly mode?: Mode; readonly quantize?: Quantization | undefined } = {},
): Program {
  const recording = new Recording(mode, { quantize });
  for (const [name, tensor] of Object.entries(build(recording))) recording.result(name, tensor);
  return recording.finish();
}

function numbers(tensors: Readonly<Record<string, Tensor>>): Record<string, number> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.buffer]));
}

/** Drops buffers that no step touches and numbers the rest anew. */
function compact(
  buffers: readonly BufferSpec[],
  steps: readonly Step[],
  commit: number,
  checks: readonly number[],
  storages: readonly StorageSpec[],
  needed: ReadonlySet<number>,
): Program {
  const used = new Set<number>([
    ...checks,
    ...steps.flatMap(step => [...Object.values(step.inputs), ...Object.values(step.outputs)]),
  ]);
  const number = new Map<number, number>();
  const kept: BufferSpec[] = [];
  buffers.forEach((buffer, id) => {
    if (!used.has(id) && !(buffer.role === 'result' && needed.has(id))) return;
    number.set(id, kept.length);
    kept.push(buffer);
  });
  const renumber = (ids: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, number.get(id)!]));
  const sizes = new Set(kept.flatMap(({ shape }) => shape.map(suppliedSize)).filter(name => name !== undefined));
  return new Program({
    sizes: [...sizes],
    storages: storages.filter(storage => kept.some(buffer => buffer.storage?.name === storage.name)),
    buffers: kept,
    steps: steps.map(step => ({ ...step, inputs: renumber(step.inputs), outputs: renumber(step.outputs) })),
    commit,
    checks: checks.map(id => number.get(id)!),
  });
}
