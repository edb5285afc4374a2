// How time steps are cut where backward computes gates and cell states again, a segment at a time, instead of
// reading what forward kept of all: `recompute` in lib/ops/recurrent.ts. Chen et al. 2016.
#pragma once

#include <cstdint>

#include "engine/operation.h"

namespace recurra {

class Segments {
 public:
  explicit Segments(const StepSpec& step);

  // Whether gates are computed again.
  explicit operator bool() const { return given_; }

  // Steps of each segment but the last, which may have fewer; how many segments there are at most.
  int64_t length(int64_t steps) const;
  int64_t most(int64_t steps) const;

 private:
  bool given_ = false;
  int64_t length_ = 0;  // 0: ⌈√steps⌉
};

}  // namespace recurra
