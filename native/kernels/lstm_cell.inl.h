// Long short-term memory: what one time step does besides its matrix products.
// Hochreiter & Schmidhuber 1997; forget gate from Gers, Schmidhuber & Cummins 2000.
//
//   i = σ(aᵢ)   f = σ(a_f)   g = tanh(a_g)   o = σ(a_o)
//   c = f⊙c₋ + i⊙g           h = o⊙tanh(c)
//
//   dc += dh⊙o⊙(1−tanh²c)    da_o = dh⊙tanh(c)⊙o(1−o)     dc₋ = dc⊙f
//   da_i = dc⊙g⊙i(1−i)       da_f = dc⊙c₋⊙f(1−f)          da_g = dc⊙i⊙(1−g²)
#pragma once

#include "sequence/cell.inl.h"

namespace recurra::RECURRA_ISA {

struct LstmCell {
  static constexpr CellLayout layout = {4, 4, {0, 4, {0, 1, 2, 3}}, {0, 4, {0, 1, 2, 3}}, {}};
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = false;
  static constexpr bool has_c = true;
  static constexpr bool carries_h = false;
  static constexpr bool has_options = false;
  static constexpr bool is_zoned = false;

  static void forward(Units& u) {
    auto& [i, f, g, o] = u.slot;
    i = sigmoid(i), f = sigmoid(f), g = tanh(g), o = sigmoid(o);
    u.c = fma(f, u.c_prev, i * g);
    u.h = o * tanh(u.c);
  }

  static void backward(const Units& u, UnitGradients& d) {
    const auto& [i, f, g, o] = u.slot;
    auto& [da_i, da_f, da_g, da_o] = d.slot;
    const Vec t = tanh(fma(f, u.c_prev, i * g));
    const Vec dc = fma(d.dh * o, tanh_slope(t), d.dc);
    da_i = dc * g * sigmoid_slope(i);
    da_f = dc * u.c_prev * sigmoid_slope(f);
    da_g = dc * i * tanh_slope(g);
    da_o = d.dh * t * sigmoid_slope(o);
    d.dc = dc * f;
  }
};

}  // namespace recurra::RECURRA_ISA
