// The simple recurrent network with any activation and clip; kernels/rnn_cell.inl.h is the plain one.
#pragma once

#include "kernels/cell_options.inl.h"

namespace recurra::RECURRA_ISA {

struct RnnOptionsCell {
  static constexpr CellLayout layout = {1, 1, {0, 1, {0}}, {0, 1, {0}}, {}};
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = false;
  static constexpr bool has_c = false;
  static constexpr bool carries_h = false;
  static constexpr bool has_options = true;
  static constexpr bool is_zoned = false;

  static void forward(Units& u) { u.h = gate_of(*u.options, 0, u.slot[0]).value; }

  static void backward(const Units& u, UnitGradients& d) {
    d.slot[0] = through_gate(*u.options, 0, gate_of(*u.options, 0, u.slot[0]), d.dh);
  }
};

}  // namespace recurra::RECURRA_ISA
