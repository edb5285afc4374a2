// Simple recurrent network: what one time step does besides its matrix products. Elman 1990.
//
//   h = f(a)        f: tanh or relu        da = dh⊙f'(a), in terms of h: 1 − h², and 1 where h > 0
#pragma once

#include "sequence/cell.inl.h"

namespace recurra::RECURRA_ISA {

enum class RnnActivation { kTanh, kRelu };

template <RnnActivation activation>
struct RnnCell {
  static constexpr CellLayout layout = {1, 1, {0, 1, {0}}, {0, 1, {0}}, {}};
  static constexpr bool saves_slots = false;  // h says it all
  static constexpr bool reads_h = false;
  static constexpr bool has_c = false;
  static constexpr bool carries_h = false;
  static constexpr bool has_options = false;
  static constexpr bool is_zoned = false;

  static void forward(Units& u) {
    if constexpr (activation == RnnActivation::kTanh)
      u.h = tanh(u.slot[0]);
    else
      u.h = max(u.slot[0], Vec::zero());
  }

  static void backward(const Units& u, UnitGradients& d) {
    if constexpr (activation == RnnActivation::kTanh)
      d.slot[0] = d.dh * tanh_slope(u.h);
    else
      d.slot[0] = select_positive(u.h, d.dh, Vec::zero());
  }
};

}  // namespace recurra::RECURRA_ISA
