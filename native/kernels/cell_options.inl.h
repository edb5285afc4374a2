// What the cells with options share: gates with any activation and a clip.
//
//   y = f(clip(a))        da = dy·f'(clip(a)) where |a| <= clip, else 0
#pragma once

#include "kernels/activation.inl.h"
#include "sequence/cell.inl.h"

namespace recurra::RECURRA_ISA {

struct Gate {
  Vec sum, value;
};

static inline Vec clip(Vec x, float bound) { return min(max(x, Vec::set(-bound)), Vec::set(bound)); }
// What arrives at clip(x), at x.
static inline Vec through_clip(Vec x, float bound, Vec d) {
  return select_positive(abs(x) - Vec::set(bound), Vec::zero(), d);
}

static inline Gate gate_of(const CellOptions& o, int gate, Vec sum) {
  return {sum, activate(o.gates[gate], clip(sum, o.clip))};
}
// What arrives at a gate's value, at its sum.
static inline Vec through_gate(const CellOptions& o, int gate, const Gate& g, Vec d) {
  return through_clip(g.sum, o.clip, d * slope(o.gates[gate], clip(g.sum, o.clip), g.value));
}

}  // namespace recurra::RECURRA_ISA
