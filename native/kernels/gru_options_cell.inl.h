// The gated recurrent unit with any activations and clip; kernels/gru_cell.inl.h is the plain one and says
// what the slots are.
#pragma once

#include "kernels/cell_options.inl.h"

namespace recurra::RECURRA_ISA {

// By their places in the weights.
struct GruGate {
  static constexpr int r = 0, z = 1, n = 2;
};

// From the gates z and n on.
struct GruOptionsUpdate {
  static void forward(Units& u, Vec z, Vec n) {
    u.h = u.options->write ? fma(z, n - u.h_prev, u.h_prev) : fma(z, u.h_prev - n, n);
  }

  // Into the slots of n and z; what reaches h₋ past the products, into dh.
  static void backward(const Units& u, const Gate& z, const Gate& n, UnitGradients& d) {
    const CellOptions& o = *u.options;
    const Vec open = d.dh * z.value, closed = d.dh - open;
    const Vec dz = o.write ? d.dh * (n.value - u.h_prev) : d.dh * (u.h_prev - n.value);
    d.slot[0] = through_gate(o, GruGate::n, n, o.write ? open : closed);
    d.slot[2] = through_gate(o, GruGate::z, z, dz);
    d.dh = o.write ? closed : open;
  }
};

struct GruOptionsCell {
  static constexpr CellLayout layout = {3, 4, {0, 3, {2, 0, 1}}, {1, 3, {0, 1, 2}}, {}};
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = true;
  static constexpr bool has_c = false;
  static constexpr bool carries_h = true;
  static constexpr bool has_options = true;
  static constexpr bool is_zoned = false;

  struct Gates {
    Gate r, z, n;
  };
  static Gates gates(const Units& u) {
    const auto& [n, r, z, m] = u.slot;
    const CellOptions& o = *u.options;
    const Gate reset = gate_of(o, GruGate::r, r);
    return {reset, gate_of(o, GruGate::z, z), gate_of(o, GruGate::n, fma(reset.value, m, n))};
  }

  static void forward(Units& u) {
    const Gates g = gates(u);
    GruOptionsUpdate::forward(u, g.z.value, g.n.value);
  }

  static void backward(const Units& u, UnitGradients& d) {
    const Gates g = gates(u);
    GruOptionsUpdate::backward(u, g.z, g.n, d);
    const Vec da_n = d.slot[0];
    d.slot[1] = through_gate(*u.options, GruGate::r, g.r, da_n * u.slot[3]);
    d.slot[3] = da_n * g.r.value;
  }
};

struct GruResetBeforeOptionsCell {
  static constexpr CellLayout layout = {3, 3, {0, 3, {2, 0, 1}}, {1, 2, {0, 1}}, {0, 1, {2}}};
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = true;
  static constexpr bool has_c = false;
  static constexpr bool carries_h = true;
  static constexpr bool has_options = true;
  static constexpr bool is_zoned = false;

  static Vec gates(const Units& u) { return gate_of(*u.options, GruGate::r, u.slot[1]).value; }

  static void forward(Units& u) {
    const CellOptions& o = *u.options;
    const Gate z = gate_of(o, GruGate::z, u.slot[2]), n = gate_of(o, GruGate::n, u.slot[0]);
    GruOptionsUpdate::forward(u, z.value, n.value);
  }

  static void backward(const Units& u, UnitGradients& d) {
    const CellOptions& o = *u.options;
    GruOptionsUpdate::backward(u, gate_of(o, GruGate::z, u.slot[2]), gate_of(o, GruGate::n, u.slot[0]), d);
    d.slot[1] = Vec::zero();  // da_r is still to come
  }

  static Vec reset(const Units& u, Vec q, UnitGradients& d) {
    const Gate r = gate_of(*u.options, GruGate::r, u.slot[1]);
    d.slot[1] = through_gate(*u.options, GruGate::r, r, q * u.h_prev);
    d.dh = fma(q, r.value, d.dh);
    return r.value;
  }
};

}  // namespace recurra::RECURRA_ISA
