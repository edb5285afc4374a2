// Gated recurrent unit: what one time step does besides its matrix products. Cho et al. 2014.
//
//   r = σ(a_r)   z = σ(a_z)   n = tanh(a_n)
//   updateGate 'keep':  h = z⊙h₋ + (1−z)⊙n = n + z⊙(h₋−n)      'write':  n and h₋ change places
//
// Slots n r z m, so that x·W feeds the first three and h₋·R the last three:
//   reset 'after':   a_n = n's sum + r⊙m,  m = h₋·R_n + b_Rn
//   reset 'before':  n's sum goes on with (r⊙h₋)·R_n, which needs r of all units: a second phase, and no m
#pragma once

#include "sequence/cell.inl.h"

namespace recurra::RECURRA_ISA {

enum class UpdateGate { kKeep, kWrite };

// The new state, and its gradient: by z and n into the slots, by h₋ into dh.
template <UpdateGate update>
struct GruUpdate {
  static void forward(Units& u) {
    const auto& [n, r, z, m] = u.slot;
    u.h = update == UpdateGate::kKeep ? fma(z, u.h_prev - n, n) : fma(z, n - u.h_prev, u.h_prev);
  }

  static void backward(const Units& u, UnitGradients& d) {
    const auto& [n, r, z, m] = u.slot;
    auto& [da_n, da_r, da_z, dm] = d.slot;
    const Vec open = d.dh * z;
    const Vec closed = d.dh - open;
    const Vec dz = update == UpdateGate::kKeep ? d.dh * (u.h_prev - n) : d.dh * (n - u.h_prev);
    const Vec dn = update == UpdateGate::kKeep ? closed : open;
    d.dh = update == UpdateGate::kKeep ? open : closed;
    da_n = dn * tanh_slope(n);
    da_z = dz * sigmoid_slope(z);
  }
};

template <UpdateGate update>
struct GruCell {
  static constexpr CellLayout layout = {3, 4, {0, 3, {2, 0, 1}}, {1, 3, {0, 1, 2}}, {}};
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = true;
  static constexpr bool has_c = false;
  static constexpr bool carries_h = true;
  static constexpr bool has_options = false;
  static constexpr bool is_zoned = false;

  static void forward(Units& u) {
    auto& [n, r, z, m] = u.slot;
    r = sigmoid(r), z = sigmoid(z), n = tanh(fma(r, m, n));
    GruUpdate<update>::forward(u);
  }

  static void backward(const Units& u, UnitGradients& d) {
    const auto& [n, r, z, m] = u.slot;
    auto& [da_n, da_r, da_z, dm] = d.slot;
    GruUpdate<update>::backward(u, d);
    da_r = da_n * m * sigmoid_slope(r);
    dm = da_n * r;
  }
};

template <UpdateGate update>
struct GruResetBeforeCell {
  static constexpr CellLayout layout = {3, 3, {0, 3, {2, 0, 1}}, {1, 2, {0, 1}}, {0, 1, {2}}};
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = true;
  static constexpr bool has_c = false;
  static constexpr bool carries_h = true;
  static constexpr bool has_options = false;
  static constexpr bool is_zoned = false;

  // The first phase, returning r; r⊙h₋ is the caller's.
  static Vec gates(Units& u) {
    auto& [n, r, z, m] = u.slot;
    r = sigmoid(r), z = sigmoid(z);
    return r;
  }

  static void forward(Units& u) {
    auto& [n, r, z, m] = u.slot;
    n = tanh(n);
    GruUpdate<update>::forward(u);
  }

  static void backward(const Units& u, UnitGradients& d) {
    GruUpdate<update>::backward(u, d);
    d.slot[1] = Vec::zero();  // da_r is still to come
  }

  // The second phase of backward, with q the gradient of r⊙h₋: da_r, and what reaches h₋ through it. Returns
  // r.
  static Vec reset(const Units& u, Vec q, UnitGradients& d) {
    const auto& [n, r, z, m] = u.slot;
    auto& [da_n, da_r, da_z, dm] = d.slot;
    da_r = q * u.h_prev * sigmoid_slope(r);
    d.dh = fma(q, r, d.dh);
    return r;
  }
};

}  // namespace recurra::RECURRA_ISA
