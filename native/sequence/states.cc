#include "sequence/states.h"

#include <algorithm>

#include "sequence/kernels.h"

namespace recurra {

void gather_states(const Ragged& ragged, const float* values, int64_t units, int64_t stride, float* states) {
  for (int64_t rank = 0; rank < ragged.batch(); ++rank) {
    float* to = states + rank * stride;
    const int64_t given = values ? units : 0;
    if (values) std::copy_n(values + ragged.caller(rank) * units, units, to);
    std::fill(to + given, to + stride, 0.0f);
  }
}

void scatter_states(const Ragged& ragged, const float* states, int64_t units, int64_t stride, float* values) {
  for (int64_t rank = 0; rank < ragged.batch(); ++rank)
    std::copy_n(states + rank * stride, units, values + ragged.caller(rank) * units);
}

void gather_masks(const Ragged& ragged, const float* values, int64_t masks, int64_t width, float* gathered) {
  const int64_t stride = padded(width);
  for (int64_t rank = 0; rank < ragged.batch(); ++rank)
    for (int64_t m = 0; m < masks; ++m) {
      float* to = gathered + (rank * masks + m) * stride;
      std::copy_n(values + (ragged.caller(rank) * masks + m) * width, width, to);
      std::fill(to + width, to + stride, 0.0f);
    }
}

}  // namespace recurra
