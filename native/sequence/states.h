// Between the caller's order and the ranks of a packed batch: initial and final states, and masks.
#pragma once

#include "sequence/ragged.h"

namespace recurra {

// states [rank][stride] = values [batch, units], zero past the units; all zero where `values` is null.
void gather_states(const Ragged& ragged, const float* values, int64_t units, int64_t stride, float* states);
// values [batch, units] = states [rank][stride]
void scatter_states(const Ragged& ragged, const float* states, int64_t units, int64_t stride, float* values);
// gathered [rank][masks][padded width] = values [batch, masks·width], zero past the width.
void gather_masks(const Ragged& ragged, const float* values, int64_t masks, int64_t width, float* gathered);

}  // namespace recurra
