#include "sequence/distinct.h"

#include <cstring>

namespace recurra {

void Distinct::find(const View& ids, int64_t limit) {
  if (limit != limit_ || ++round_ == 0) {
    const size_t bytes = static_cast<size_t>(limit) * sizeof(Seen);
    limit_ = 0;
    std::memset(seen_.reserve(bytes), 0, bytes);
    limit_ = limit;
    round_ = 1;
  }
  numbers_ = static_cast<int32_t*>(lists_.reserve(static_cast<size_t>(ids.count) * 2 * sizeof(int32_t)));
  ids_ = numbers_ + ids.count;
  count_ = 0;
  Seen* seen = reinterpret_cast<Seen*>(seen_.data());
  for (int64_t i = 0; i < ids.count; ++i) {
    Seen& entry = seen[ids.integers()[i]];
    if (entry.round != round_) {
      entry = {round_, static_cast<int32_t>(count_)};
      ids_[count_++] = ids.integers()[i];
    }
    numbers_[i] = entry.number;
  }
}

}  // namespace recurra
