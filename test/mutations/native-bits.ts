import type { Suite } from './mutation.ts';

/** What is as right as before and the same on every instruction set, but no longer the same bits. */
export const nativeBits: Suite = {
  name: 'bits',
  native: true,
  tests: ['test/bits/bits.test.ts', 'test/native/linalg/matmul.test.ts'],
  mutations: [
    {
      name: 'bits: the lanes of a sum are folded neighbour by neighbour',
      file: 'native/kernels/sum.inl.h',
      find: 'for (int k = 0; k < half; ++k) lane[k] += lane[k + half];',
      replace: 'for (int k = 0; k < half; ++k) lane[k] = lane[2 * k] + lane[2 * k + 1];',
    },
    {
      name: 'bits: long sums are cut into smaller blocks',
      file: 'native/ops/in_parallel.h',
      find: 'kSumBlock = 8192',
      replace: 'kSumBlock = 4096',
    },
    {
      name: 'bits: the cell state of an lstm is rounded once more',
      file: 'native/kernels/lstm_cell.inl.h',
      find: 'u.c = fma(f, u.c_prev, i * g);',
      replace: 'u.c = f * u.c_prev + i * g;',
    },
    {
      name: 'bits: without an instruction for it a fused multiply-add rounds to double and to float',
      file: 'native/simd/vec_scalar.h',
      find: 'if (lost > 0 || lost < 0) bits',
      replace: 'if (false) bits',
    },
    {
      name: 'bits: without an instruction for it a fused multiply-add of negative numbers goes the wrong way',
      file: 'native/simd/vec_scalar.h',
      find: '(lost > 0) == (sum > 0) ? 1',
      replace: 'lost > 0 ? 1',
    },
  ],
};
