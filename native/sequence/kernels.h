// What the time loops ask of an instruction set: one thread's part of one time step, or of a chunk of time
// steps, on memory that the caller owns. Time, threads and memory belong to forward.cc and backward.cc;
// arithmetic is here.
//
// Notation: B batch, I inputs, H units, H₁₆ = H rounded up to whole blocks of 16, G gates of the weights, S
// slots. A slot is one of the numbers that a cell keeps per unit: its gates and, for gru, h·R_n. Layouts:
//
//   weights, biases   [K, G·H], [G·H]          as the program has them, gates side by side
//   packed weights    [block][k][16]           a block: 16 units of one gate
//   transposed        [block][column][16]      a block: 16 of the K rows; columns by 16 units, then gate
//   saved row         [H₁₆/16][slot][16]       `gates`, start values, projected inputs
//   dgates            [H₁₆/16][row][slot][16]  rows of a chunk as backpropagation meets them; behind the
//   slots
//                                              what its peepholes add up, if it has any; products read them
//                                              as words, where numbers are rounded
//   states            [rank][H₁₆ + 16]         h, c, their gradients
//
// The 16 more keep rows of states out of each other's cache sets.
// Units past H have weight 0 and are never read from, nor written to, buffers of the program.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/activation.h"
#include "parallel/claims.h"

namespace recurra {

static constexpr int64_t kBlock = 16;
static constexpr int kMaxSlots = 4;
static constexpr int kPeepholes = 3;  // i, f and o

static constexpr int64_t blocks_of(int64_t units) { return (units + kBlock - 1) / kBlock; }
static constexpr int64_t padded(int64_t units) { return blocks_of(units) * kBlock; }

// One thread's part of a piece of work.
struct Part {
  int index;
  int count;
  Claims* claims;   // of each worker
  uint32_t* deals;  // how often this one has been dealt tiles in this call
};

// 32 bits of an operand: a float, or as many smaller numbers as fit.
using Word = float;

// Of the operands of products, int8 in inference alone; sums, states and results are float32 throughout.
enum class Quantization { kNone, kBFloat16, kInt8 };

// Rows of a chunk of backpropagation, about, where numbers are rounded: the same on every instruction set,
// since chunks say which rows share a word.
static constexpr int64_t kRoundedChunkRows = 512;

// Words that a column of so many rows takes, in training.
static constexpr int64_t row_words(Quantization quantization, int64_t rows) {
  return quantization == Quantization::kNone ? rows : (rows + 1) / 2;
}

// A product x·W or h·R: slot `first` + i takes gate `gates[i]` of the weights.
struct GateSpan {
  int first;
  int count;
  int gates[kMaxSlots];
};

struct CellLayout {
  int gates;
  int slots;
  GateSpan input;
  GateSpan recurrent;
  GateSpan candidate;  // count 0 but where the reset gate acts before its product: (r⊙h)·R_n
  int beside = 0;      // numbers of dgates behind the slots

  constexpr int dgates() const { return slots + beside; }
};

// What a step has beside the plain equations; lib/ops/cell-options.ts. Cells that have options beside
// zoneout save their sums and not what becomes of them.
struct CellOptions {
  static constexpr float kNone = std::numeric_limits<float>::infinity();

  Activation gates[kMaxSlots] = {};  // in the order of lib/cells.ts
  Activation cell_state = {};        // of the new c
  float clip = kNone;
  float cell_clip = kNone;
  float zoneout_h = 0, zoneout_c = 0;
  bool write = false;                       // gru: an open update gate writes over the old state
  bool forget_coupled = false;              // where three gates have weights: f = 1 − i, not i = 1 − f
  const float* peepholes[kPeepholes] = {};  // [H₁₆] of i, f, o; null: none
};

// K rows of weights as a product reads them.
struct WeightPacking {
  const float* weights;  // [rows, gates·units]
  int64_t rows;
  int64_t units;
  int64_t gates;
  GateSpan span;
  Word* packed;  // whole blocks
};

// x⊙mask for the rows of one step, a copy per mask.
struct InputMasking {
  const float* x;     // [rows, inputs]
  const float* mask;  // [rank][masks][padded inputs]
  int64_t rows;
  int64_t inputs;
  int64_t masks;
  float* masked;  // [masks][…][stride], copies `copy` apart
  int64_t stride;
  int64_t copy;
};

// b + x·W for many rows at once, where single steps have too few for the weights that they read.
struct Projection {
  const float* x;
  int64_t x_stride;
  int64_t x_copy;  // distance between the copies of x for each gate of the span; 0: one for all
  int64_t rows;
  int64_t inputs;
  int64_t units;
  const Word* weights;  // packed
  const float* bias;    // a saved row
  float* projected;     // saved rows
  int64_t stride;
  Quantization quantization;
  Word* rounded;  // room for `rows` of x, this thread's own; null for float32
};

struct ForwardStep {
  int64_t rows;
  int64_t inputs;
  int64_t units;
  const float* start;         // saved rows that the sums begin with: b, or b + x·W
  int64_t start_stride;       // 0: one row for all
  const int32_t* start_rows;  // of each row: its row of `start`; null: they follow each other
  const float* x;             // null where `start` has x·W already
  int64_t x_stride;
  int64_t x_copy;        // as in Projection
  const float* x_next;   // what the next step will read, or null
  int64_t x_next_lines;  // of the cache
  const Word* input_weights;
  const Word* recurrent_weights;
  const Word* candidate_weights;
  Quantization quantization;
  Word* rounded;   // room for `rows` of x and of h, this thread's own; null for float32
  const float* h;  // states: h, then h⊙mask for each mask, `h_copy` apart
  float* h_next;   // likewise, written
  int64_t h_copy;
  const float* mask;  // [rank][masks][H₁₆]
  int64_t masks;      // 0, 1 or G
  int64_t state_stride;
  float* c;        // states, in place
  float* reset_h;  // states: r⊙h, between the two phases of a step
  float* y;        // [rows, H]
  float* gates;    // saved rows, or null
  int64_t gates_stride;
  float* cells;                // [rows, H₁₆], or null
  bool turned;                 // the last tiles first, as every other step: their weights are near
  const CellOptions* options;  // null for a plain cell
  const float* zone_h;         // [rows, H]: shares of the old state that stay; null: as the options say
  const float* zone_c;
};

struct BackwardStep {
  int64_t rows;          // of this step
  int64_t later_rows;    // of the step that backpropagation did before this one
  int64_t earlier_rows;  // rows that have a step before this one; the others came from the initial state
  int64_t units;
  const Word* recurrent_weights;  // transposed
  const Word* candidate_weights;  // transposed
  float* dgates;                  // rows of this step
  int64_t dgates_block;           // distance between blocks of units
  Quantization quantization;
  Word* words;              // dgates as products read them: themselves, or rounded
  const Word* words_later;  // rows of the later step
  int64_t words_block;
  const float* gates;  // saved rows of this step
  int64_t gates_stride;
  const float* y;              // [rows, H] of this step
  const float* y_earlier;      // of the step before
  const float* cells_earlier;  // [rows, H₁₆]
  const float* h_initial;      // states
  const float* c_initial;
  const float* dy;  // [rows, H], or null
  float* dh;  // states: gradient that reaches h past the product with R; of hN before a row's last step, of
              // h0 in the end
  float* dc;  // states: the same of c
  int64_t state_stride;
  const float* mask;  // as in ForwardStep
  int64_t masks;
  float* reset_h;              // [rows][state_stride]: r⊙h⊙mask of this step, written for the gradient of R
  bool initial_gradient;       // whether rows that end here go on to the gradient of their initial state
  bool turned;                 // as in ForwardStep
  const CellOptions* options;  // these three as in ForwardStep
  const float* zone_h;
  const float* zone_c;
};

// dx = (dgates·Wᵀ)⊙mask
struct InputGradient {
  Quantization quantization;
  const Word* dgates;  // as products read them
  int64_t dgates_block;
  int64_t rows;
  int64_t units;
  int64_t inputs;
  const Word* weights;  // transposed
  const float* mask;    // [rank][masks][padded inputs]
  int64_t masks;
  const int32_t* tokens;  // of each row: its row in x; null: the same
  const int32_t* ranks;
  float* dx;  // [tokens, inputs]
};

// Left operands of a weight gradient, regrouped so that its tiles read memory in order: [mask][tile][words of
// rows][8].
struct OperandPacking {
  Quantization quantization;
  GateSpan span;  // of the gradient's columns
  int64_t units;
  const float* rows;  // [·, stride]
  int64_t stride;
  const int32_t* indices;  // of each row of the chunk: its row there; -1: its rank's row of `initial`; null:
                           // itself
  const float* initial;    // states
  int64_t state_stride;
  const int32_t* ranks;
  const float* mask;  // [rank][masks][padded width]
  int64_t masks;
  int64_t count;
  int64_t width;
  Word* packed;
};

// dgates as words for products: of neighbouring units, where time steps have not done it, and of neighbouring
// rows.
struct DgatesRounding {
  const float* dgates;
  int64_t dgates_block;
  int64_t dgates_columns;
  int64_t rows;
  int64_t units;
  Word* words;  // or null
  int64_t words_block;
  Word* pairs;  // [block][words of rows][column][16]
  int64_t pairs_block;
};

// dW = operandᵀ·dgates, summed over chunks: what earlier ones left is in `partial`, in the order of the
// tiles.
struct WeightGradient {
  Quantization quantization;
  GateSpan span;
  int64_t gates;
  int64_t dgates_columns;  // by 16, of a row of a block
  int64_t units;
  int64_t width;           // rows of W
  int64_t rows;            // summed over, in words
  const Word* operand;     // packed; or, with a stride, [rows][stride]
  int64_t operand_stride;  // 0: packed
  int64_t operand_copy;    // distance between the copies for each gate; 0: one for all
  const Word* dgates;      // words of rows
  int64_t dgates_block;
  float* partial;   // not touched where a first chunk is the last, with few rows
  float* gradient;  // [width, gates·units], written by the last chunk
  bool first;
  bool last;
};

// sums[numbers[tokens]] += dgates, row by row
struct RowSums {
  const float* dgates;
  int64_t dgates_block;
  int64_t rows;
  int64_t units;
  int64_t dgates_columns;
  const int32_t* tokens;   // of each row
  const int32_t* numbers;  // of each token: the row of `sums` that it belongs to
  float* sums;             // as dgates
  int64_t sums_block;
};

// db += column sums of dgates
struct BiasGradient {
  GateSpan span;
  int64_t dgates_columns;
  int64_t units;
  int64_t rows;
  const float* dgates;
  int64_t dgates_block;
  float* gradient;  // [gates·units]
  bool accumulate;
};

struct CellKernels {
  CellLayout layout;
  void (*forward)(const ForwardStep&, Part);
  void (*candidate)(const ForwardStep&, Part);  // the second phase of a step, where there is one
  void (*backward)(const BackwardStep&, Part);
  void (*reset)(const BackwardStep&, Part);  // the second phase of its gradient
};

// With zoneout around it, and without.
struct CellFamily {
  CellKernels bare, zoned;
};

struct RecurrentKernels {
  int64_t chunk_rows;  // rows of a chunk of backpropagation, about
  void (*pack_weights)(const WeightPacking&, Quantization, Part);
  void (*pack_transposed)(const WeightPacking&, Quantization, Part);
  void (*mask_inputs)(const InputMasking&, Part);
  void (*project)(const CellLayout&, const Projection&, Part);
  void (*input_gradient)(const CellLayout&, const InputGradient&, Part);
  void (*pack_operand)(const OperandPacking&, Part);
  void (*round_dgates)(const DgatesRounding&, Part);
  void (*weight_gradient)(const WeightGradient&, Part);
  void (*bias_gradient)(const BiasGradient&, Part);
  void (*sum_rows)(const RowSums&, Part);
  // Words of so many blocks of packed weights with `rows` rows; of rounded rows of x or h.
  int64_t (*packed_size)(Quantization, int64_t rows, int64_t blocks);
  int64_t (*rounded_size)(Quantization, int64_t rows, int64_t width);
  // Of a weight gradient, `copies` telling whether its operand has one for each gate: words of a packed
  // operand with `count` words of rows, and floats of partial sums.
  int64_t (*operand_size)(const GateSpan&, int64_t width, int64_t units, bool copies, int64_t count);
  int64_t (*partial_size)(const GateSpan&, int64_t width, int64_t units, bool copies);
  CellFamily rnn_tanh;
  CellFamily rnn_relu;
  CellFamily gru_after_keep;
  CellFamily gru_after_write;
  CellFamily gru_before_keep;
  CellFamily gru_before_write;
  CellFamily lstm;
  CellFamily rnn_options;
  CellFamily gru_after_options;
  CellFamily gru_before_options;
  CellFamily lstm_options;
  CellFamily lstm_peephole_options;
  CellFamily lstm_coupled_options;
  CellFamily lstm_coupled_peephole_options;
};

}  // namespace recurra
