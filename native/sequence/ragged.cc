#include "sequence/ragged.h"

#include <algorithm>
#include <string>
#include <vector>

namespace recurra {

Ragged::Ragged(std::string_view op, const View& offsets, const View& order, int64_t tokens, bool backward)
    : offsets_(offsets.integers()),
      order_(order.integers()),
      steps_(offsets.count),
      batch_(order.count),
      tokens_(tokens),
      backward_(backward) {
  const auto wrong = [&](const std::string& what) {
    return Error("ERR_INDEX", std::string(op) + ": " + what);
  };
  if (steps_ == 0 && tokens_ != 0)
    throw wrong("offsets are empty, but there are " + std::to_string(tokens_) + " tokens");
  if (steps_ > 0 && offsets_[0] != 0)
    throw wrong("offsets[0] is " + std::to_string(offsets_[0]) + ", expected 0");
  int64_t most = batch_;
  for (int64_t t = 0; t < steps_; ++t) {
    const int64_t alive = active(t);
    if (alive < 0 || alive > most)
      throw wrong("offsets[" + std::to_string(t) + "] is " + std::to_string(offsets_[t]) + ", which leaves " +
                  std::to_string(alive) + " sequences at step " + std::to_string(t) + ", expected 0 … " +
                  std::to_string(most));
    most = alive;
  }
  std::vector<bool> seen(static_cast<size_t>(batch_));
  for (int64_t rank = 0; rank < batch_; ++rank) {
    const int64_t index = order_[rank];
    if (index < 0 || index >= batch_ || seen[static_cast<size_t>(index)])
      throw wrong("order[" + std::to_string(rank) + "] is " + std::to_string(index) +
                  ", expected each of 0 … " + std::to_string(batch_ - 1) + " once");
    seen[static_cast<size_t>(index)] = true;
  }
}

int64_t Ragged::last_row(int64_t rank) const {
  int64_t low = 0, high = steps_;  // the length: steps at which the rank is active come first
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (active(middle) > rank)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0) return -1;
  return first(backward_ ? 0 : low - 1) + rank;
}

}  // namespace recurra
