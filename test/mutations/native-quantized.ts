import type { Suite } from './mutation.ts';

const rounding = 'native/sequence/rounding.inl.h';
const forward = 'native/sequence/forward.inl.h';
const numbers = 'native/sequence/numbers.inl.h';
const product = 'native/sequence/product.inl.h';
const backward = 'native/sequence/backward.inl.h';
const gradients = 'native/sequence/gradients.inl.h';
const chunkGradients = 'native/sequence/chunk_gradients.cc';

/** Products of fewer bits, in inference and in training. */
export const nativeQuantized: Suite = {
  name: 'native quantized',
  native: true,
  tests: ['test/native/sequence/quantized.test.ts', 'test/backend/native.test.ts'],
  mutations: [
    {
      name: 'native quantized: the last numbers of a row are left out',
      file: rounding,
      find: 'store_halves(load_below(from + i, r.width - i), to + 2 * i);',
      replace: 'store_halves(load_below(from + i, r.width - i - 1), to + 2 * i);',
    },
    {
      name: 'native quantized: bytes are those of another scale than the one kept',
      file: rounding,
      find: '(most / Vec::set(Int8::kLargest) + Vec',
      replace: '(most / Vec::set(Int8::kLargest - 1) + Vec',
    },
    {
      name: 'native quantized: bytes of x hide what is not finite',
      file: rounding,
      find: 'nothing = fma(x, Vec::zero(), nothing);',
      replace: '',
    },
    {
      name: 'native quantized: what the offset of x adds to a sum stays there',
      file: rounding,
      find: 'sums[u] -= Int8::kOffset * q;',
      replace: 'sums[u] -= (Int8::kOffset - 1) * q;',
    },
    {
      name: 'native quantized: the second number of a word is that of the first row of weights',
      file: rounding,
      find: 'load_below(from + row + u, lanes - u)',
      replace: 'load_below(from + u, lanes - u)',
    },
    {
      name: 'native bfloat16 training: a word of transposed weights has one column twice',
      file: rounding,
      find: 'pair_rows(block, kBlock, kBlock, kBlock, to);',
      replace: 'pair_rows(block, 0, kBlock, kBlock, to);',
    },
    {
      name: 'native bfloat16 training: the first copy of h serves all gates',
      file: forward,
      find: 'numbers.round_rows({rows.first + i * rows.copy,',
      replace: 'numbers.round_rows({rows.first,',
    },
    {
      name: 'native bfloat16 training: an odd last row of dgates is lost',
      file: rounding,
      find: 'for (int64_t r = 0; r < rows; r += 2, from += 2 * row, to += to_row)',
      replace: 'for (int64_t r = 0; r + 1 < rows; r += 2, from += 2 * row, to += to_row)',
    },
    {
      name: 'native bfloat16 training: a weight gradient meets the rows of x one by one',
      file: gradients,
      find: 'r + 1 < rows ? load_below(from + kOperandRow + j, kLanes) : Vec::zero()',
      replace: 'Vec::zero()',
    },
    {
      name: 'native bfloat16 training: what the reset gate lets through is not rounded anew for each chunk',
      file: chunkGradients,
      find: 'if (s.reset_operand)',
      replace: 'if (s.reset_operand && index == 0)',
    },
    {
      name: 'native bfloat16 training: the dgates of the reset gate are those of the step before',
      file: backward,
      find: 'if (s.quantization == Quantization::kBFloat16) store_halves(',
      replace: 'if (s.quantization == Quantization::kBFloat16 && at % 64 != 16) store_halves(',
    },
    {
      name: 'native bfloat16 training: gradients of a table go unrounded rows past',
      file: chunkGradients,
      find: 'words = s.words, words_block = s.words_block();',
      replace: 'words = s.words_of(s.dgates_of(1)), words_block = s.words_block();',
    },
    {
      name: 'native quantized: a product forgets the one before it',
      file: product,
      find: 'const float* start = t == 0 ? p.start',
      replace: 'const float* start = true ? p.start',
    },
    {
      name: 'native quantized: the first row lends its scale to all',
      file: product,
      find: 'Vec::set(term.scales[r])',
      replace: 'Vec::set(term.scales[0])',
    },
    {
      name: 'native quantized: odd widths lose their last number',
      file: numbers,
      find: 'return (numbers + Numbers::kPerWord - 1) / Numbers::kPerWord;',
      replace: 'return numbers / Numbers::kPerWord;',
    },
    {
      name: 'native quantized: the candidate of a gru reads its rows unrounded',
      file: forward,
      find: 'const Rows reset_h = rows_in(numbers,',
      replace: 'const Rows reset_h = rows_in(numbers_of(Quantization::kNone),',
    },
  ],
};
