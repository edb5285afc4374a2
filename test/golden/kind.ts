import type { Backend } from '../../lib/backend/backend.ts';
import type { Computed } from './compare.ts';
import type { GoldenCase } from './manifest.ts';
import type { Buildable } from './options.ts';

/** One kind of case: how it is built from the library, and which of its options can be. */
export interface Kind {
  readonly buildable: Buildable;
  /** Outputs and gradients by the names of the tensors the case expects. */
  compute(goldenCase: GoldenCase, backend: Backend): Promise<Computed>;
}
