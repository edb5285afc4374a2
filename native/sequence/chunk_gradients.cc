// What follows from the dgates of a chunk of steps, while they are in cache: the gradients of x, of the
// weights and of the biases; and at the end those of a table, from what its rows were summed to.
#include <algorithm>

#include "sequence/backward.h"

namespace recurra {

void pack_operands(const BackwardSequence& s, const BackwardChunk& chunk, Part part) {
  const Extents& e = s.extents;
  const CellLayout& layout = s.cell.layout;
  const int32_t* ranks = s.ranks + chunk.first;
  if (s.x_operand && s.x)
    s.kernels.pack_operand({s.quantization, layout.input, e.units, s.x, e.inputs, s.tokens + chunk.first,
                            nullptr, 0, ranks, s.mask_x, e.masks_x, chunk.rows, e.inputs, s.x_operand},
                           part);
  if (s.h_operand)
    s.kernels.pack_operand(
        {s.quantization, layout.recurrent, e.units, s.y, e.units, s.earlier + chunk.first, s.h,
         s.state_stride, ranks, s.mask_h, e.masks_h, chunk.rows, e.units, s.h_operand},
        part);
}

void round_gradients(const BackwardSequence& s, size_t index, Part part) {
  const int64_t units = s.extents.units, rows = s.chunks[index].rows;
  if (s.pairs)
    s.kernels.round_dgates({s.dgates_of(index), s.dgates_block, s.cell.layout.dgates(), rows, units, nullptr,
                            0, s.pairs, s.pairs_block},
                           part);
  if (s.reset_operand)
    s.kernels.pack_operand({s.quantization, s.cell.layout.candidate, units, s.reset_h, s.state_stride,
                            nullptr, nullptr, 0, nullptr, nullptr, 0, rows, units, s.reset_operand},
                           part);
}

void add_gradients(const BackwardSequence& s, size_t index, Part part) {
  const Extents& e = s.extents;
  const CellLayout& layout = s.cell.layout;
  const BackwardChunk& chunk = s.chunks[index];
  float* dgates = s.dgates_of(index);
  const int64_t summed = row_words(s.quantization, chunk.rows);
  const bool first = index == 0, last = index + 1 == s.chunks.size();
  if (s.dx)
    s.kernels.input_gradient(
        layout,
        {s.quantization, s.words_of(dgates), s.words_block(), chunk.rows, e.units, e.inputs, s.input_weights,
         s.mask_x, e.masks_x, s.tokens + chunk.first, s.ranks + chunk.first, s.dx},
        part);
  const auto weight = [&](const GateSpan& span, int64_t width, const Word* operand, int64_t stride,
                          int64_t copy, float* partial, float* gradient) {
    s.kernels.weight_gradient({s.quantization, span, e.gates, layout.dgates(), e.units, width, summed,
                               operand, stride, copy, s.pairs ? s.pairs : dgates,
                               s.pairs ? s.pairs_block : s.dgates_block, partial, gradient, first, last},
                              part);
  };
  const auto copy = [&](const GateSpan& span, int64_t masks, int64_t width) {
    return masks > 1 ? s.kernels.operand_size(span, width, e.units, true, summed) : 0;
  };
  if (s.sums)
    s.kernels.sum_rows({dgates, s.dgates_block, chunk.rows, e.units, layout.dgates(), s.tokens + chunk.first,
                        s.distinct->numbers(), s.sums, s.sums_block},
                       part);
  if (s.d_input_weight && s.x)
    weight(layout.input, e.inputs, s.x_operand, 0, copy(layout.input, e.masks_x, e.inputs), s.input_partial,
           s.d_input_weight);
  if (s.d_recurrent_weight) {
    weight(layout.recurrent, e.units, s.h_operand, 0, copy(layout.recurrent, e.masks_h, e.units),
           s.recurrent_partial, s.d_recurrent_weight);
    if (s.cell.reset)
      weight(layout.candidate, e.units, s.reset_operand ? s.reset_operand : s.reset_h,
             s.reset_operand ? 0 : s.state_stride, 0, s.candidate_partial, s.d_recurrent_weight);
  }
  const auto sum_columns = [&](const GateSpan& span, float* gradient) {
    s.kernels.bias_gradient(
        {span, layout.dgates(), e.units, chunk.rows, dgates, s.dgates_block, gradient, !first}, part);
  };
  if (s.d_bias) sum_columns(layout.input, s.d_bias);
  if (s.d_recurrent_bias) {
    sum_columns(layout.recurrent, s.d_recurrent_bias);
    if (s.cell.reset) sum_columns(layout.candidate, s.d_recurrent_bias);
  }
  for (int i = 0; i < layout.beside; ++i)
    if (s.d_peepholes[i]) sum_columns({layout.slots + i, 1, {0}}, s.d_peepholes[i]);
}

// The gradients of the table and of the weights on its rows, a chunk of rows at a time.
void add_table_gradients(const BackwardSequence& s, const Worker& worker) {
  const Extents& e = s.extents;
  const CellLayout& layout = s.cell.layout;
  const Part part = part_of(worker);
  const int64_t count = s.distinct->count();
  const int64_t chunks = (count + s.chunk_rows - 1) / s.chunk_rows;
  for (int64_t i = 0; i < chunks; ++i) {
    const int64_t first = i * count / chunks, rows = (i + 1) * count / chunks - first;
    const int32_t* ids = s.distinct->ids() + first;
    const float* sums = s.sums + first * s.dgates_row();
    const Word *words = sums, *pairs = sums;
    int64_t words_block = s.sums_block, pairs_block = s.sums_block;
    if (s.words) {
      words = s.words, words_block = s.words_block();
      pairs = s.pairs, pairs_block = s.pairs_block;
      s.kernels.round_dgates(
          {sums, s.sums_block, layout.dgates(), rows, e.units, s.words, words_block, s.pairs, pairs_block},
          part);
    }
    if (s.x_operand)
      s.kernels.pack_operand({s.quantization, layout.input, e.units, s.table, e.inputs, ids, nullptr, 0,
                              nullptr, nullptr, 0, rows, e.inputs, s.x_operand},
                             part);
    worker.barrier();
    if (s.d_rows)
      s.kernels.input_gradient(layout,
                               {s.quantization, words, words_block, rows, e.units, e.inputs, s.input_weights,
                                nullptr, 0, nullptr, nullptr, s.d_rows + first * e.inputs},
                               part);
    if (s.d_input_weight)
      s.kernels.weight_gradient({s.quantization, layout.input, e.gates, layout.dgates(), e.units, e.inputs,
                                 row_words(s.quantization, rows), s.x_operand, 0, 0, pairs, pairs_block,
                                 s.input_partial, s.d_input_weight, i == 0, i + 1 == chunks},
                                part);
    worker.barrier();
  }
}

}  // namespace recurra
