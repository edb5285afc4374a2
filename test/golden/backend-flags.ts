import type { Backend } from '../../lib/backend/backend.ts';
import { js } from '../../lib/backend/js-backend.ts';
import { native } from '../../lib/backend/native-backend.ts';
import { wasm } from '../../lib/backend/wasm-backend.ts';
import { failure, rangeError } from '../../lib/errors.ts';

/** Which backend a command runs on. */
export const backendUsage =
  '[--backend native|wasm|js] [--isa scalar|avx2|avx512|avx512_bf16|neon] [--precision float32|float64]';

/** For `parseArgs`. */
export const backendFlags = {
  backend: { type: 'string' },
  isa: { type: 'string' },
  precision: { type: 'string' },
} as const;

const choices = {
  backend: ['native', 'wasm', 'js'],
  isa: ['scalar', 'avx2', 'avx512', 'avx512_bf16', 'neon'],
  precision: ['float32', 'float64'],
} as const;

type Choice<C extends keyof typeof choices> = (typeof choices)[C][number];

/** @throws ERR_ARGUMENT for what is no choice, or choices that do not go together */
export function openBackend(values: Readonly<Partial<Record<keyof typeof backendFlags, string>>>): Backend {
  const backend = choose('backend', values.backend) ?? 'native';
  const isa = choose('isa', values.isa);
  const precision = choose('precision', values.precision) ?? 'float32';
  if (isa && backend !== 'native')
    throw failure('ERR_ARGUMENT', `--isa ${isa} chooses among native kernels; the ${backend} backend has none`);
  if (backend === 'js') return js({ precision });
  if (precision === 'float64')
    throw failure('ERR_ARGUMENT', `the ${backend} backend computes in float32 only; use --backend js for float64`);
  if (backend === 'wasm') return wasm();
  return native(isa ? { isa } : {});
}

function choose<C extends keyof typeof choices>(flag: C, value: string | undefined): Choice<C> | undefined {
  const allowed: readonly string[] = choices[flag];
  if (value !== undefined && !allowed.includes(value))
    throw rangeError('ERR_ARGUMENT', `--${flag} must be one of ${allowed.join(', ')}, got ${value}`);
  return value as Choice<C> | undefined;
}
