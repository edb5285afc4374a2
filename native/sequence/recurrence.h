// What the forward and backward operations of a cell share: their inputs, the checks, the cell's kernels.
#pragma once

#include <initializer_list>
#include <string>

#include "engine/operation.h"
#include "sequence/cell_options.h"
#include "sequence/kernels.h"
#include "sequence/ragged.h"
#include "sequence/segments.h"

namespace recurra {

struct Extents {
  int64_t tokens, inputs, units, gates;
  int64_t masks_x, masks_h;  // 0: none, 1: one for all gates, else one per gate
};

// The inputs of lib/ops/recurrent.ts and the options of lib/ops/{rnn,gru,lstm}.ts.
class Recurrence {
 public:
  // `cell`: rnn, gru or lstm
  Recurrence(const StepSpec& step, const std::string& cell);

  const CellKernels& kernels(const Run& run) const {
    const CellFamily& family = run.kernels().recurrent->*spec_.family;
    return spec_.zoned ? family.zoned : family.bare;
  }
  bool has_c() const { return cell_ == "lstm"; }
  bool saves_gates() const { return cell_ != "rnn" || spec_.options; }

  int64_t peephole_count() const { return static_cast<int64_t>(spec_.peepholes.size()); }
  int peephole_place(int64_t row) const { return spec_.peepholes[static_cast<size_t>(row)]; }
  // The options of a run, with peepholes copied to `rows` [count][H₁₆].
  CellOptions options(const Run& run, const Extents& extents, float* rows) const;

  // Whether the inputs are rows of a table, named by ids.
  bool reads_table() const { return static_cast<bool>(table); }

  // Throws ERR_SHAPE or ERR_INDEX unless the inputs fit each other.
  Ragged check_order(const Run& run) const;
  Extents check_inputs(const Run& run, const Ragged& ragged) const;
  // Throws ERR_SHAPE, naming the cell and the buffer.
  void expect(const View& view, std::initializer_list<int64_t> shape, const char* name) const;
  // The numbers of a buffer that is as expected; null where it is absent.
  float* real(const Run& run, Buffer buffer, std::initializer_list<int64_t> shape, const char* name) const;

  const Quantization quantization;
  const Buffer x, table, ids, input_weight, recurrent_weight, bias, recurrent_bias, h, c, mask_x, mask_h,
      peepholes, zone_h, zone_c;
  const Segments segments;

 private:
  int64_t check_mask(const Run& run, Buffer mask, int64_t batch, int64_t width, int64_t gates,
                     const char* name) const;

  const std::string cell_;
  const CellSpec spec_;
  const Buffer offsets_, order_;
  const bool backward_;
};

// Columns of a saved row: room for a fourth number per unit where there are three gates.
int64_t saved_columns(const CellLayout& cell, int64_t units);

inline Part part_of(const Worker& worker) {
  return {worker.index(), worker.count(), worker.claims(), worker.deals()};
}

// Threads that make time steps faster: each should have half a microsecond's work between two barriers.
int threads_for_steps(Run& run, const Ragged& ragged, int64_t products_per_row);

}  // namespace recurra
