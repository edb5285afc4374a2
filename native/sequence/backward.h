// Backpropagation through time in two halves: steps, one after the other (backward.cc), and what follows from
// their dgates for all rows of a chunk at once (chunk_gradients.cc).
#pragma once

#include <optional>
#include <vector>

#include "sequence/backward_chunks.h"
#include "sequence/distinct.h"
#include "sequence/forward.h"

namespace recurra {

// One run: what every worker sees.
struct BackwardSequence {
  const Ragged ragged;
  const Extents extents;
  const CellKernels& cell;
  const RecurrentKernels& kernels;
  const Quantization quantization;
  std::vector<BackwardChunk> chunks = {};
  const float* x = nullptr;
  const float* y = nullptr;
  const float* dy = nullptr;
  const float* gates = nullptr;  // of all steps, or of a segment
  const float* cells = nullptr;
  int64_t gates_stride = 0;
  std::optional<RecurrentForward::Sequence> again = {};  // where a segment's steps are taken once more
  const float* checkpoints = nullptr;
  int64_t state_stride = 0;

  // Of each row in the order in which backpropagation meets them.
  int32_t* tokens = nullptr;   // its row in x and y
  int32_t* earlier = nullptr;  // that of the step before it; -1: its sequence begins here
  int32_t* ranks = nullptr;

  float* mask_x = nullptr;
  float* mask_h = nullptr;
  CellOptions options = {};
  float* peepholes = nullptr;
  const float* zone_h = nullptr;
  const float* zone_c = nullptr;
  float* h = nullptr;  // initial states
  float* c = nullptr;
  float* dh = nullptr;
  float* dc = nullptr;
  float* reset_h = nullptr;  // rows of a chunk
  float* dgates = nullptr;   // two chunks: the first step of one still reads the last step of the other
  int64_t dgates_block = 0;
  Word* words = nullptr;  // dgates, rounded as products with weights read them; null: they read dgates
  Word* pairs = nullptr;  // those of a chunk as weight gradients read them; null: likewise
  int64_t pairs_block = 0;
  int64_t chunk_rows = 0;
  Word* x_operand = nullptr;
  Word* h_operand = nullptr;
  Word* reset_operand = nullptr;   // null: reset_h itself
  float* input_partial = nullptr;  // of weight gradients, from chunk to chunk
  float* recurrent_partial = nullptr;
  float* candidate_partial = nullptr;

  const Word* input_weights = nullptr;  // transposed
  const Word* recurrent_weights = nullptr;
  const Word* candidate_weights = nullptr;
  // Where the inputs are rows of a table: what its rows that occur receive, as dgates and in the end.
  const Distinct* distinct = nullptr;
  const float* table = nullptr;
  float* d_rows = nullptr;
  float* sums = nullptr;
  int64_t sums_block = 0;

  float* dx = nullptr;
  float* d_input_weight = nullptr;
  float* d_recurrent_weight = nullptr;
  float* d_bias = nullptr;
  float* d_recurrent_bias = nullptr;
  float* d_peepholes[kPeepholes] = {};  // as CellOptions::peepholes
  bool initial_gradient = false;

  int64_t dgates_row() const { return cell.layout.dgates() * kBlock; }
  // First row of step p in `gates` and `cells`.
  int64_t saved_row(int64_t p) const { return again ? again->saved_row(p) : ragged.first(ragged.time(p)); }
  bool ends_segment(int64_t p) const {
    return again && (p + 1 == ragged.steps() || (p + 1) % again->segment == 0);
  }
  float* dgates_of(size_t chunk) const {
    return dgates + static_cast<int64_t>(chunk % 2) * chunk_rows * dgates_row();
  }
  // As products read the dgates at `at`.
  Word* words_of(float* at) const { return words ? words + (at - dgates) / 2 : at; }
  int64_t words_block() const { return words ? dgates_block / 2 : dgates_block; }
};

// Left operands of the weight gradients, before the steps of a chunk.
void pack_operands(const BackwardSequence& s, const BackwardChunk& chunk, Part part);
// What weight gradients read, where numbers are rounded, after them.
void round_gradients(const BackwardSequence& s, size_t chunk, Part part);
// Then the gradients of x, of the weights and of the biases.
void add_gradients(const BackwardSequence& s, size_t chunk, Part part);
// The gradients of the table and of the weights on its rows, after all chunks.
void add_table_gradients(const BackwardSequence& s, const Worker& worker);

}  // namespace recurra
