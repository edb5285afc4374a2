#include "sequence/segments.h"

#include <algorithm>
#include <cmath>

namespace recurra {
namespace {

int64_t root(int64_t steps) { return static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(steps)))); }

}  // namespace

Segments::Segments(const StepSpec& step) {
  constexpr const char* kName = "recompute";
  if (!step.has(kName)) return;
  if (step.is_flag(kName)) {
    given_ = step.flag(kName);
    return;
  }
  constexpr double kMost = 9007199254740992.0;  // 2⁵³
  const double length = step.number(kName);
  if (!(length >= 1 && length <= kMost && length == std::floor(length)))
    throw Error("ERR_ARGUMENT",
                step.op() + ": recompute must be true, false or a whole number of at least 1");
  given_ = true;
  length_ = static_cast<int64_t>(length);
}

int64_t Segments::length(int64_t steps) const { return length_ > 0 ? std::min(length_, steps) : root(steps); }

int64_t Segments::most(int64_t steps) const {
  return length_ > 0 ? (steps + length_ - 1) / length_ : root(steps);
}

}  // namespace recurra
