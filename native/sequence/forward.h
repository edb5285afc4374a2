// A cell forward in time over a packed batch: over all steps for the operations rnn, gru and lstm, and over
// the steps of a segment once more for their gradients.
#pragma once

#include "sequence/distinct.h"
#include "sequence/packed_weights.h"
#include "sequence/recurrence.h"
#include "sequence/step_barrier.h"
#include "sequence/workspace.h"

namespace recurra {

class RecurrentForward {
 public:
  // One run: what every worker sees.
  struct Sequence {
    const Ragged ragged;
    const Extents extents;
    const CellKernels& cell;
    const RecurrentKernels& kernels;
    Quantization quantization = Quantization::kNone;
    const float* x = nullptr;
    float* y = nullptr;      // of all rows; of one step where steps are run once more
    float* gates = nullptr;  // null: not kept
    float* cells = nullptr;
    int64_t gates_stride = 0;  // of a saved row
    int64_t state_stride = 0;
    int64_t state_copy = 0;  // distance between h and the copies of it under each mask
    int64_t masked_stride = 0, masked_copy = 0;

    int64_t segment = 0;           // steps of a segment, where backward computes gates again
    float* checkpoints = nullptr;  // [segment][rank][H₁₆]: cell states after each, where they are kept
    bool again = false;            // whether this is backward, and `gates` and `cells` are those of a segment

    int64_t weights = 0;  // words
    bool large_weights = false;
    int64_t chunk_rows = 0;
    float* start = nullptr;  // a saved row
    const float* table = nullptr;
    const Distinct* distinct = nullptr;  // ids, where the inputs are rows of a table
    float* table_rows = nullptr;         // those rows, dense
    float* projected_rows = nullptr;     // b + row·W for each, saved rows
    float* mask_x = nullptr;
    float* mask_h = nullptr;
    CellOptions options = {};
    float* peepholes = nullptr;
    const float* zone_h = nullptr;
    const float* zone_c = nullptr;
    float* h[2] = {};  // read and written in turns
    float* c = nullptr;
    float* reset_h = nullptr;
    float* phase = nullptr;        // saved rows between the two phases of a step, where none are kept
    float* masked_x = nullptr;     // of a chunk
    float* projected_x = nullptr;  // of a chunk, saved rows
    Word* rounded = nullptr;       // operands in other numbers than float32, of each worker
    int64_t rounded_stride = 0;
    const float* new_input = nullptr;  // weights to be packed; null where the packed ones still serve
    const float* new_recurrent = nullptr;
    const float* new_candidate = nullptr;
    bool turned = false;  // as in ForwardStep, of the first step
    Word* input_weights = nullptr;
    Word* recurrent_weights = nullptr;
    Word* candidate_weights = nullptr;

    Word* rounded_of(const Worker& worker) const {
      return rounded ? rounded + worker.index() * rounded_stride : nullptr;
    }

    // First row of step p in `gates` and `cells`.
    int64_t saved_row(int64_t p) const {
      return again ? p % segment * ragged.batch() : ragged.first(ragged.time(p));
    }
    // Where step p leaves its cell states; null where they are not kept.
    float* cells_after(int64_t p) const {
      const int64_t width = padded(extents.units);
      if (cells) return cells + saved_row(p) * width;
      const bool last = checkpoints && (p + 1) % segment == 0;
      return last ? checkpoints + p / segment * ragged.batch() * width : nullptr;
    }
  };

  // What a segment begins with: y and checkpoints as forward left them, or initial states by rank.
  struct Beginning {
    const float* y;
    const float* checkpoints;
    const float* h;
    const float* c;
  };

  explicit RecurrentForward(const Recurrence& in) : in_(in) {}

  // For inputs that have been checked. The caller adds outputs and `distinct`.
  Sequence sequence(const Run& run, const Ragged& ragged, const Extents& extents) const;
  void place(Sequence& s, int threads, Workspace& workspace) const;
  // Before the workers start: room for weights, biases, masks, initial states.
  void prepare(Run& run, Sequence& s);
  // By all workers, before the first step.
  static void pack(const Sequence& s, const Worker& worker);
  // The steps [begin, end). False where the run was cancelled.
  static bool run_steps(const Sequence& s, int64_t begin, int64_t end, const Worker& worker,
                        StepBarrier& barrier, int64_t& passed);
  // The steps of the segment that ends with step `last`, from its beginning.
  static bool run_again(const Sequence& s, const Beginning& from, int64_t last, const Worker& worker,
                        StepBarrier& barrier, int64_t& passed);
  // Packed weights serve until the parameters change.
  void keep();

 private:
  // Neighbouring time steps, in the order in which they are processed; their rows lie side by side in x.
  struct Chunk {
    int64_t begin, end;  // steps
    int64_t first;       // row
    int64_t rows;
    int64_t most;  // rows of one step
  };

  void gather(const Run& run, Sequence& s) const;

  static void pack(const Sequence& s, const float* weights, int64_t rows, const GateSpan& span, Word* packed,
                   Part part);
  static void mask_state(const Sequence& s, int64_t rank);
  static void restore(const Sequence& s, const Beginning& from, int64_t begin, const Worker& worker);
  static void project_rows(const Sequence& s, const Worker& worker);
  static Chunk chunk_from(const Ragged& ragged, int64_t begin, int64_t end, int64_t most_rows);
  static void prepare_chunk(const Sequence& s, const Chunk& chunk, bool project, const Worker& worker);
  static bool run_step(const Sequence& s, const Chunk& chunk, bool projected, int64_t p, const Worker& worker,
                       StepBarrier& barrier, int64_t& passed);

  const Recurrence& in_;
  PackedWeights input_weights_, recurrent_weights_, candidate_weights_;
  bool turned_ = false;  // of the next run, which begins where the last one has ended
};

}  // namespace recurra
