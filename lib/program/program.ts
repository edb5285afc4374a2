import { listing } from './listing.ts';
import type { DType, Shape } from './shape.ts';

/** Who owns a buffer and how long it lives: `scratch` and `result` live in the arena, the rest outside the program. */
export type Role = 'parameter' | 'gradient' | 'state' | 'feed' | 'result' | 'scratch';

export interface BufferSpec {
  readonly name: string;
  readonly role: Role;
  readonly dtype: DType;
  readonly shape: Shape;
  /** For parameter, gradient and state buffers: the named allocation they lie in and their first element there. */
  readonly storage?: { readonly name: string; readonly offset: number };
}

export type Attribute = number | string | boolean | readonly (number | string)[] | ProgramData;
export type Attributes = Readonly<Record<string, Attribute>>;

/** One operation. Inputs and outputs map the operation's own names to buffer numbers; optional ones are left out. */
export interface Step {
  readonly op: string;
  readonly attributes: Attributes;
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
}

/** A flat allocation that outlives the program: all parameters of a model, all gradients, one kind of optimizer state. */
export interface StorageSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly elements: number;
}

/** Plain data that a backend can run; what tests, dashboards and people look at. */
export interface ProgramData {
  /** Names of the sizes that every run supplies. */
  readonly sizes: readonly string[];
  readonly storages: readonly StorageSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly steps: readonly Step[];
  /** The steps from this index on write parameters and state; a run can be cancelled before it and never after. */
  readonly commit: number;
  /** Scalar buffers that must be finite at the commit point. */
  readonly checks: readonly number[];
}

export class Program implements ProgramData {
  readonly sizes: readonly string[];
  readonly storages: readonly StorageSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly steps: readonly Step[];
  readonly commit: number;
  readonly checks: readonly number[];

  constructor(data: ProgramData) {
    this.sizes = data.sizes;
    this.storages = data.storages;
    this.buffers = data.buffers;
    this.steps = data.steps;
    this.commit = data.commit;
    this.checks = data.checks;
  }

  /** Storages that the steps past the commit point write. */
  get written(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const step of this.steps.slice(this.commit))
      for (const id of Object.values(step.outputs)) {
        const storage = this.buffers[id]!.storage;
        if (storage) names.add(storage.name);
      }
    return names;
  }

  /** A listing that a person can follow: one line per buffer that enters or leaves, one per step. */
  toString(): string {
    return listing(this);
  }
}
