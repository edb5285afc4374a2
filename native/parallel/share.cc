#include "parallel/pool.h"

namespace recurra {

Range share(const Worker& worker, int64_t count, int64_t grain) {
  const int64_t grains = (count + grain - 1) / grain, workers = worker.count(), index = worker.index();
  const auto begin = [&](int64_t i) {
    const int64_t at = (grains / workers * i + (i < grains % workers ? i : grains % workers)) * grain;
    return at < count ? at : count;
  };
  return {begin(index), begin(index + 1)};
}

}  // namespace recurra
