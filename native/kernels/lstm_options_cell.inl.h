// Long short-term memory with peepholes, coupled gates, any activations and clips;
// kernels/lstm_cell.inl.h is the plain one.
//
//   i = σ(aᵢ + pᵢ⊙c₋)   f = σ(a_f + p_f⊙c₋)   g = tanh(a_g)        coupled: f = 1 − i, or i = 1 − f
//   c = clip(f⊙c₋ + i⊙g)   o = σ(a_o + p_o⊙c)   h = o⊙tanh(c)
//
// The slots keep the sums aᵢ a_f a_g a_o, of three gates where two are coupled: all else is computed again.
#pragma once

#include "kernels/cell_options.inl.h"

namespace recurra::RECURRA_ISA {

static constexpr CellLayout lstm_options_layout(int gates, bool peepholes) {
  return {gates, gates, {0, gates, {0, 1, 2, 3}}, {0, gates, {0, 1, 2, 3}}, {}, peepholes ? kPeepholes : 0};
}

template <int kGates, bool kHasPeepholes>
struct LstmOptionsCell {
  static constexpr CellLayout layout = lstm_options_layout(kGates, kHasPeepholes);
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = false;
  static constexpr bool has_c = true;
  static constexpr bool carries_h = false;
  static constexpr bool has_options = true;
  static constexpr bool is_zoned = false;
  static constexpr int kG = kGates - 2, kO = kGates - 1;

  struct Step {
    Gate i, f, g, o;
    Vec c_sum, c, squashed;
  };
  static Step step(const Units& u) {
    const CellOptions& o = *u.options;
    const auto gate = [&](int slot, int peephole, Vec c) {
      return gate_of(o, slot, kHasPeepholes ? fma(u.peephole[peephole], c, u.slot[slot]) : u.slot[slot]);
    };
    Step s;
    if (kGates == 4 || o.forget_coupled) s.i = gate(0, 0, u.c_prev);
    if (kGates == 4 || !o.forget_coupled) s.f = gate(kGates == 4 ? 1 : 0, 1, u.c_prev);
    if (kGates == 3) {
      if (o.forget_coupled)
        s.f.value = Vec::set(1) - s.i.value;
      else
        s.i.value = Vec::set(1) - s.f.value;
    }
    s.g = gate_of(o, kG, u.slot[kG]);
    s.c_sum = fma(s.f.value, u.c_prev, s.i.value * s.g.value);
    s.c = clip(s.c_sum, o.cell_clip);
    s.o = gate(kO, 2, s.c);
    s.squashed = activate(o.cell_state, s.c);
    return s;
  }

  static void forward(Units& u) {
    const Step s = step(u);
    u.c = s.c;
    u.h = s.o.value * s.squashed;
  }

  static void backward(const Units& u, UnitGradients& d) {
    const CellOptions& o = *u.options;
    const Step s = step(u);
    const Vec da_o = through_gate(o, kO, s.o, d.dh * s.squashed);
    Vec dc = fma(d.dh * s.o.value, slope(o.cell_state, s.c, s.squashed), d.dc);
    if (kHasPeepholes) dc = fma(da_o, u.peephole[2], dc);
    dc = through_clip(s.c_sum, o.cell_clip, dc);

    Vec di = dc * s.g.value, df = dc * u.c_prev, da_i = Vec::zero(), da_f = Vec::zero();
    if (kGates == 3) (o.forget_coupled ? di : df) = o.forget_coupled ? di - df : df - di;
    if (kGates == 4 || o.forget_coupled) da_i = through_gate(o, 0, s.i, di);
    if (kGates == 4 || !o.forget_coupled) da_f = through_gate(o, kGates == 4 ? 1 : 0, s.f, df);
    if (kGates == 4) {
      d.slot[0] = da_i;
      d.slot[1] = da_f;
    } else {
      d.slot[0] = o.forget_coupled ? da_i : da_f;
    }
    d.slot[kG] = through_gate(o, kG, s.g, dc * s.i.value);
    d.slot[kO] = da_o;
    d.dc = dc * s.f.value;
    if (!kHasPeepholes) return;
    d.dc = fma(da_i, u.peephole[0], fma(da_f, u.peephole[1], d.dc));
    d.beside[0] = da_i * u.c_prev;
    d.beside[1] = da_f * u.c_prev;
    d.beside[2] = da_o * s.c;
  }
};

}  // namespace recurra::RECURRA_ISA
