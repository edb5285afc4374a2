import { Value } from './value.ts';

type DType = 'F64' | 'F32' | 'I64';

export interface DraftTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A case of golden vectors in the making. What it draws depends on its id alone. */
export class Draft {
  readonly id: string;
  readonly kind: string;
  readonly config: object;
  readonly tolerance: { readonly out: number; readonly grad?: number };
  readonly tensors: Record<string, DraftTensor> = {};
  private readonly random: () => number;

  /** @param tolerance of float32; float64 has 1e-10 for outputs and 1e-9 for gradients */
  constructor(id: string, kind: string, config: object, tolerance: Draft['tolerance']) {
    this.id = id;
    this.kind = kind;
    this.config = config;
    this.tolerance = tolerance;
    this.random = xorshift(
      [...id].reduce((hash, character) => Math.imul(hash ^ character.charCodeAt(0), 16777619), 2166136261),
    );
  }

  /** Keeps float32 numbers drawn uniformly from ±largest. */
  draw(name: string, shape: readonly number[], largest = 1): Value[] {
    return this.keep(
      name,
      shape,
      Array.from({ length: volume(shape) }, () => (2 * this.random() - 1) * largest),
    );
  }

  /** Keeps given numbers, rounded to float32. */
  keep(name: string, shape: readonly number[], values: readonly number[]): Value[] {
    const rounded = values.map(Math.fround);
    this.tensors[name] = { dtype: 'F32', shape, values: rounded };
    return rounded.map(value => new Value(value));
  }

  /** Keeps whole numbers drawn from 0…below−1. */
  drawIntegers(name: string, shape: readonly number[], below: number): number[] {
    return this.keepIntegers(
      name,
      shape,
      Array.from({ length: volume(shape) }, () => Math.floor(this.random() * below)),
    );
  }

  keepIntegers(name: string, shape: readonly number[], values: readonly number[]): number[] {
    this.tensors[name] = { dtype: 'I64', shape, values };
    return [...values];
  }

  /** Keeps what has to come out. */
  expect(name: string, shape: readonly number[], values: readonly number[]): void {
    if (values.length !== volume(shape)) throw new Error(`${this.id}/${name}: ${values.length} values for [${shape}]`);
    this.tensors[name] = { dtype: 'F64', shape, values };
  }

  /** Keeps the gradients that arrived at drawn values. */
  expectGradients(drawn: Readonly<Record<string, readonly Value[]>>): void {
    for (const [name, values] of Object.entries(drawn))
      this.expect(
        `grad.${name}`,
        this.tensors[name]!.shape,
        values.map(({ gradient }) => gradient),
      );
  }
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Numbers in [0, 1), the same for the same seed: xorshift32. Marsaglia 2003. */
function xorshift(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
