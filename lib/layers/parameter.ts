import type { Backend, RealArray, Storage } from '../backend/backend.ts';
import { rangeError } from '../errors.ts';
import type { StorageSpec } from '../program/program.ts';
import type { Recording } from '../program/recording.ts';
import { elementCount } from '../program/shape.ts';
import type { Tensor } from '../program/tensor.ts';

/** A learned array. Its numbers lie in the flat storage of the `Parameters` that adopted it. */
export class Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** A frozen parameter (`false`) is read and never updated. */
  trainable = true;
  private initial: ArrayLike<number> | undefined;
  private home: { set: Parameters; offset: number } | undefined;

  constructor(name: string, shape: readonly number[], initial: ArrayLike<number>) {
    if (initial.length !== elementCount(shape))
      throw rangeError(
        'ERR_SHAPE',
        `parameter ${name}: ${initial.length} initial values for shape [${shape.join(', ')}]`,
      );
    this.name = name;
    this.shape = shape;
    this.initial = initial;
  }

  get size(): number {
    return elementCount(this.shape);
  }

  /** First element in the flat storage. */
  get offset(): number {
    return this.placed().offset;
  }

  /** Its numbers, row-major, in place: read freely; write through `write`. */
  get values(): RealArray {
    const { set, offset } = this.placed();
    return set.array.subarray(offset, offset + this.size);
  }

  /** Replaces its numbers. @throws ERR_SHAPE when the count is another */
  write(values: ArrayLike<number>): void {
    if (values.length !== this.size)
      throw rangeError(
        'ERR_SHAPE',
        `parameter ${this.name}: got ${values.length} values, expected ${this.size} for shape [${this.shape.join(', ')}]`,
      );
    this.values.set(values);
    this.placed().set.touch();
  }

  /** The parameter as a tensor of a recording. */
  tensor(recording: Recording): Tensor {
    const { set, offset } = this.placed();
    return recording.view('parameter', { storage: set.spec, offset, shape: this.shape, name: this.name });
  }

  /** Called by `Parameters`: moves the initial values to their place. */
  adopt(set: Parameters, offset: number): void {
    this.home = { set, offset };
    this.values.set(this.initial!);
    this.initial = undefined;
  }

  private placed(): { set: Parameters; offset: number } {
    if (!this.home) throw rangeError('ERR_ARGUMENT', `parameter ${this.name}: does not belong to a model yet`);
    return this.home;
  }
}

const alignment = 16;

/** All parameters of a model in one flat allocation: one pass for the optimizer, one write for a checkpoint. */
export class Parameters implements Iterable<Parameter> {
  readonly spec: StorageSpec;
  readonly storage: Storage;
  readonly backend: Backend;
  private readonly all: readonly Parameter[];

  constructor(parameters: readonly Parameter[], backend: Backend) {
    const names = new Set<string>();
    for (const { name } of parameters) {
      if (names.has(name)) throw rangeError('ERR_ARGUMENT', `parameters: the name ${name} is used twice`);
      names.add(name);
    }
    this.all = parameters;
    this.backend = backend;
    const offsets: number[] = [];
    let elements = 0;
    for (const { size } of parameters) {
      offsets.push(elements);
      elements += Math.ceil(size / alignment) * alignment;
    }
    this.spec = { name: 'parameters', dtype: 'real', elements };
    this.storage = backend.allocate('real', elements);
    parameters.forEach((parameter, index) => {
      parameter.adopt(this, offsets[index]!);
    });
    this.touch();
  }

  get array(): RealArray {
    return this.storage.array as RealArray;
  }

  /** How many numbers the model learns, frozen ones included. */
  get count(): number {
    return this.all.reduce((sum, { size }) => sum + size, 0);
  }

  /** Tells the backend that values were written from TypeScript. */
  touch(): void {
    this.storage.touch();
  }

  get(name: string): Parameter | undefined {
    return this.all.find(parameter => parameter.name === name);
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this.all[Symbol.iterator]();
  }

  /** Contiguous ranges of flat storage that training updates. */
  get trainableRanges(): readonly { offset: number; elements: number }[] {
    return this.rangesOf(this.all.filter(({ trainable }) => trainable));
  }

  /** Contiguous ranges of flat storage that hold some of the parameters, which are given in their order here. */
  rangesOf(parameters: readonly Parameter[]): readonly { offset: number; elements: number }[] {
    const ranges: { offset: number; elements: number }[] = [];
    for (const { offset, size } of parameters) {
      const last = ranges.at(-1);
      const end = last && Math.ceil((last.offset + last.elements) / alignment) * alignment;
      if (last && end === offset) last.elements = offset + size - last.offset;
      else ranges.push({ offset, elements: size });
    }
    return ranges;
  }
}
