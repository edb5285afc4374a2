#include "engine/limits.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include "engine/memory.h"
#include "kernels/limits.h"
#include "parallel/pool.h"

namespace recurra {
namespace {

// Between two looks at the clock: long beside the call of all threads, short beside the time that the system
// leaves a thread alone.
constexpr double kWindowSeconds = 0.001;
constexpr double kSeconds = 0.2;                     // for the best window
constexpr size_t kBeyondCaches = size_t{512} << 20;  // bytes: more than any cache holds
constexpr int64_t kSlices = 16;                      // of those, one per window

// Seconds that every thread takes to have called body(worker).
template <class Body>
double seconds_of(Pool& pool, const Body& body) {
  using clock = std::chrono::steady_clock;
  const clock::time_point begin = clock::now();
  pool.parallel(std::cref(body));
  return std::chrono::duration<double>(clock::now() - begin).count();
}

// The shortest of many times: what was not disturbed.
template <class Time>
double shortest(const Time& time) {
  double best = time();  // may be cold
  for (double total = best; total < kSeconds;) {
    const double seconds = time();
    best = std::min(best, seconds);
    total += seconds;
  }
  return best;
}

double peak(Pool& pool, const LimitKernels& kernels) {
  std::vector<float> sums(static_cast<size_t>(pool.threads()) * 16);  // a line of the cache each
  int64_t rounds = 1024;
  const auto window = [&] {
    return seconds_of(pool, [&](const Worker& worker) {
      // A chain tends to a / (1 − m), far from denormals.
      sums[static_cast<size_t>(worker.index()) * 16] = kernels.chains(0.75f, 0.25f, rounds);
    });
  };
  while (window() < kWindowSeconds) rounds *= 2;
  const double operations = static_cast<double>(rounds) * kernels.operations * pool.threads();
  return operations / shortest(window);
}

double bandwidth(Pool& pool, const LimitKernels& kernels, size_t most_bytes) {
  const int64_t slice =
      static_cast<int64_t>(std::min(kBeyondCaches, most_bytes) / kSlices / (2 * sizeof(float)));
  // Arrays a power of two apart would be in each other's way, in caches and in memory.
  constexpr int64_t kApart = 8192 + 16;
  Memory memory;
  float* const x =
      static_cast<float*>(memory.reserve(sizeof(float) * static_cast<size_t>(2 * kSlices * slice + kApart)));
  float* const y = x + kSlices * slice + kApart;
  const auto part = [&](const Worker& worker, int64_t index) {
    const Range range = share(worker, slice, 16);
    return Range{index * slice + range.begin, index * slice + range.end};
  };
  // A page lies near the thread that touches it first.
  pool.parallel([&](const Worker& worker) {
    for (int64_t index = 0; index < kSlices; ++index) {
      const auto [begin, end] = part(worker, index);
      std::fill(x + begin, x + end, 1.0f);
      std::fill(y + begin, y + end, 0.0f);
    }
  });
  int64_t next = 0;
  const double seconds = shortest([&] {
    const int64_t index = next++ % kSlices;
    return seconds_of(pool, [&](const Worker& worker) {
      const auto [begin, end] = part(worker, index);
      kernels.add_scaled(0.5f, x + begin, y + begin, end - begin);
    });
  });
  return 3.0 * sizeof(float) * static_cast<double>(slice) / seconds;
}

}  // namespace

Limits measure_limits(int threads, const Kernels& kernels, size_t most_bytes) {
  Pool pool(threads);
  return {.operations = peak(pool, *kernels.limits), .bytes = bandwidth(pool, *kernels.limits, most_bytes)};
}

}  // namespace recurra
