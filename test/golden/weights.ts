import type { Backend, RealArray, Storage } from '../../lib/backend/backend.ts';
import type { StorageSpec } from '../../lib/program/program.ts';
import type { Recording } from '../../lib/program/recording.ts';
import type { Tensor } from '../../lib/program/tensor.ts';
import type { Stored } from './tensors.ts';

const prefix = 'param.';

/**
 * The `param.*` tensors of a case as parameters of a model: one flat allocation and a gradient beside it. The files hold
 * recurrent weights as [G·H, I]; here they are [I, G·H].
 */
export class Weights {
  readonly names: readonly string[];
  readonly parameters: StorageSpec;
  readonly gradients: StorageSpec;
  readonly storages: Readonly<Record<'parameters' | 'gradients', Storage>>;
  private readonly stored: ReadonlyMap<string, Stored>;
  private readonly offsets = new Map<string, number>();

  constructor(backend: Backend, tensors: ReadonlyMap<string, Stored>) {
    this.stored = tensors;
    this.names = [...tensors.keys()].filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length));
    let elements = 0;
    for (const name of this.names) {
      this.offsets.set(name, elements);
      elements += this.of(name).values.length;
    }
    this.parameters = { name: 'parameters', dtype: 'real', elements };
    this.gradients = { name: 'gradients', dtype: 'real', elements };
    this.storages = { parameters: backend.allocate('real', elements), gradients: backend.allocate('real', elements) };
    for (const name of this.names)
      this.storages.parameters.array.set(turned(name, this.of(name), this.of(name).values), this.offsets.get(name)!);
    this.storages.parameters.touch();
  }

  /** The parameter, or undefined where the case has none of that name. */
  tensor(recording: Recording, name: string): Tensor | undefined {
    if (!this.offsets.has(name)) return undefined;
    return recording.view('parameter', this.view(name, this.parameters));
  }

  /** Records that this is the parameter's gradient, kept beside it. */
  store(recording: Recording, name: string, gradient: Tensor): Tensor {
    return recording.store(gradient, this.view(name, this.gradients));
  }

  /** The parameter's present values in the file's layout. */
  read(name: string): ArrayLike<number> {
    const offset = this.offsets.get(name)!;
    const { values } = this.of(name);
    return this.inFileLayout(name, (this.storages.parameters.array as RealArray).slice(offset, offset + values.length));
  }

  /** Values in the parameter's layout here, as the file lays them out. */
  inFileLayout(name: string, values: ArrayLike<number>): ArrayLike<number> {
    const { shape } = this.of(name);
    return turned(name, { shape: [...shape].reverse() }, values);
  }

  private of(name: string): Stored {
    return this.stored.get(prefix + name)!;
  }

  private view(name: string, storage: StorageSpec) {
    const { shape } = this.of(name);
    return { storage, offset: this.offsets.get(name)!, shape: isTurned(name) ? [...shape].reverse() : shape, name };
  }
}

function isTurned(name: string): boolean {
  return /(^|\.)weight_(ih|hh|hr)_/.test(name);
}

/** The transpose of a weight matrix that the two layouts hold differently; other tensors as they are. */
function turned(name: string, { shape }: Pick<Stored, 'shape'>, values: ArrayLike<number>): ArrayLike<number> {
  return isTurned(name) ? transpose({ shape, values }) : values;
}

export function transpose({ shape, values }: { shape: readonly number[]; values: ArrayLike<number> }): Float64Array {
  const [rows, columns] = shape as [number, number];
  return Float64Array.from(
    { length: rows * columns },
    (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!,
  );
}
