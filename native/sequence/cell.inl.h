// What the time loops hand to a cell: one vector of units of one row, in registers.
#pragma once

#include "kernels/math.inl.h"
#include "sequence/kernels.h"
#include "simd/vec.h"

namespace recurra::RECURRA_ISA {

struct Units {
  Vec slot[kMaxSlots];  // forward: in the sums, out what backward wants to see again
  Vec h_prev, h;
  Vec c_prev, c;
  const CellOptions* options;  // of a cell with options
  Vec peephole[kPeepholes];
  Vec zone_h, zone_c;  // of a zoned cell: shares of the old state that stay
};

struct UnitGradients {
  Vec slot[kMaxSlots];     // out: of the sums
  Vec beside[kPeepholes];  // out: what a row adds to the gradients of the peepholes
  Vec dh;                  // in: of h; out: of h₋, but for what goes through the products
  Vec dc;                  // in: of c; out: of c₋
};

}  // namespace recurra::RECURRA_ISA
