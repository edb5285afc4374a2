#include "sequence/distinct.h"

#include <algorithm>
#include <cstring>

namespace recurra {

void Distinct::begin(int64_t most, int64_t limit) {
  if (limit != limit_ || ++round_ == 0) {
    const uint64_t bytes = static_cast<uint64_t>(limit) * sizeof(Seen);
    limit_ = 0;
    std::memset(seen_.reserve(bytes), 0, static_cast<size_t>(bytes));
    limit_ = limit;
    round_ = 1;
  }
  numbers_ = static_cast<int32_t*>(lists_.reserve(static_cast<uint64_t>(most) * 2 * sizeof(int32_t)));
  next_ = numbers_;
  ids_ = numbers_ + most;
  count_ = 0;
}

void Distinct::add(const View& ids, double ignore) {
  Seen* seen = reinterpret_cast<Seen*>(seen_.data());
  for (int64_t i = 0; i < ids.count; ++i) {
    const int32_t id = ids.integers()[i];
    if (id < 0 || id == ignore) {
      *next_++ = -1;
      continue;
    }
    Seen& entry = seen[id];
    if (entry.round != round_) {
      entry = {round_, static_cast<int32_t>(count_)};
      ids_[count_++] = id;
    }
    *next_++ = entry.number;
  }
}

void Distinct::list(int64_t first, const View& at) const {
  int32_t* end = std::copy(ids_ + first, ids_ + count_, at.integers());
  std::fill(end, at.integers() + at.count, -1);
}

}  // namespace recurra
