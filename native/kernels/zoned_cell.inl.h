// Zoneout around a cell: of each state, units keep a share p of what it was. Krueger et al. 2017.
//
//   h = p⊙h₋ + (1−p)⊙h'        dh' = (1−p)⊙dh        dh₋ += p⊙dh        h' of the cell inside, and c alike
#pragma once

#include "sequence/cell.inl.h"

namespace recurra::RECURRA_ISA {

// Exactly the old state where the share is 1, exactly the new one where it is 0.
static inline Vec zone_out(Vec share, Vec old, Vec fresh) {
  return fma(share, old, (Vec::set(1) - share) * fresh);
}

template <class Cell>
struct ZonedCell : Cell {
  static constexpr bool saves_slots = true;
  static constexpr bool reads_h = true;
  static constexpr bool carries_h = true;
  static constexpr bool is_zoned = true;

  static void forward(Units& u) {
    Cell::forward(u);
    if constexpr (!Cell::saves_slots) u.slot[0] = u.h;
    u.h = zone_out(u.zone_h, u.h_prev, u.h);
    if constexpr (Cell::has_c) u.c = zone_out(u.zone_c, u.c_prev, u.c);
  }

  static void backward(Units& u, UnitGradients& d) {
    if constexpr (!Cell::saves_slots) u.h = u.slot[0];
    const Vec kept_h = u.zone_h * d.dh;
    d.dh = d.dh - kept_h;
    if constexpr (Cell::has_c) {
      const Vec kept_c = u.zone_c * d.dc;
      d.dc = d.dc - kept_c;
      Cell::backward(u, d);
      d.dc = kept_c + d.dc;
    } else {
      Cell::backward(u, d);
    }
    d.dh = Cell::carries_h ? kept_h + d.dh : kept_h;
  }
};

}  // namespace recurra::RECURRA_ISA
