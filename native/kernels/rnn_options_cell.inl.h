// The simple recurrent network with any activation, clip and zoneout; kernels/rnn_cell.inl.h is the plain
// one.
#pragma once

#include "kernels/cell_options.inl.h"

namespace recurra::RECURRA_ISA {

struct RnnOptionsCell {
  static constexpr CellLayout layout = {1, 1, {0, 1, {0}}, {0, 1, {0}}, {}};
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = true;
  static constexpr bool has_c = false;
  static constexpr bool carries_h = true;
  static constexpr bool has_options = true;

  static void forward(Units& u) {
    u.h = zone_out(u.zone_h, u.h_prev, gate_of(*u.options, 0, u.slot[0]).value);
  }

  static void backward(const Units& u, UnitGradients& d) {
    const Vec kept = u.zone_h * d.dh;
    d.slot[0] = through_gate(*u.options, 0, gate_of(*u.options, 0, u.slot[0]), d.dh - kept);
    d.dh = kept;
  }
};

}  // namespace recurra::RECURRA_ISA
