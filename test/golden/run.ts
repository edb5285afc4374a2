import type { Backend } from '../../lib/backend/backend.ts';
import { compare, type Mismatch } from './compare.ts';
import { kinds } from './kinds/index.ts';
import type { GoldenCase } from './manifest.ts';
import { missingOptions } from './options.ts';

/** How one case went; it passed when nothing was missing, nothing was thrown and nothing deviates. */
export interface Outcome {
  readonly id: string;
  readonly passed: boolean;
  /** What the case asks for and cannot be built yet: options, or its whole kind. */
  readonly missing: readonly string[];
  readonly mismatches: readonly Mismatch[];
  readonly error?: string;
}

export async function runCase(goldenCase: GoldenCase, backend: Backend): Promise<Outcome> {
  const { id, kind: name, config } = goldenCase;
  const failed = { id, passed: false, missing: [], mismatches: [] };
  const kind = kinds.get(name);
  const missing = kind ? missingOptions(config, kind.buildable) : [name];
  if (!kind || missing.length > 0) return { ...failed, missing };
  try {
    const mismatches = compare(goldenCase, await kind.compute(goldenCase, backend), backend.precision);
    return { id, passed: mismatches.length === 0, missing, mismatches };
  } catch (error) {
    return { ...failed, error: error instanceof Error ? error.message : String(error) };
  }
}
