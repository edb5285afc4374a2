#include "parallel/pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cpu/flush_denormals.h"
#include "parallel/doorbell.h"

namespace recurra {

struct Pool::State {
  // A call is a ticket: how many calls there were and, in the low bits, how many workers this one has. A
  // worker looks at `body` only where the ticket counts it in, and the caller waits for those before it
  // writes the next.
  static constexpr uint64_t kWorkerBits = 16, kWorkers = (1u << kWorkerBits) - 1;

  std::vector<std::thread> threads;
  std::vector<Claims> claims;
  const std::function<void(const Worker&)>* body = nullptr;
  alignas(64) std::atomic<uint64_t> ticket{0};
  alignas(64) std::atomic<uint32_t> running{0};
  alignas(64) std::atomic<uint32_t> arrived{0};
  alignas(64) std::atomic<uint32_t> phase{0};
  Doorbell called, finished, passed;
  std::atomic<bool> stop{false};
  std::chrono::steady_clock::time_point asked;  // when `ready` was last asked while workers slept

  void work(Pool& pool, int index) {
    const FlushDenormals flush;
    uint64_t seen = 0;
    for (;;) {
      called.wait([&] { return ticket.load() != seen; });
      seen = ticket.load();
      if (stop.load(std::memory_order_relaxed)) return;
      const int count = static_cast<int>(seen & kWorkers);
      if (index >= count) continue;
      (*body)(Worker(pool, index, count));
      if (running.fetch_sub(1) == 1) finished.ring();
    }
  }

  void call(int count) {
    running.store(static_cast<uint32_t>(count - 1), std::memory_order_relaxed);
    const uint64_t calls = (ticket.load(std::memory_order_relaxed) >> kWorkerBits) + 1;
    ticket.store(calls << kWorkerBits | static_cast<uint64_t>(count));
    called.ring();
  }

  void join() {
    finished.wait([&] { return running.load() == 0; });
  }

  void barrier(int count) {
    const uint32_t now = phase.load(std::memory_order_relaxed);
    if (arrived.fetch_add(1) + 1 == static_cast<uint32_t>(count)) {
      arrived.store(0, std::memory_order_relaxed);
      phase.store(now + 1);
      passed.ring();
    } else {
      passed.wait([&] { return phase.load() != now; });
    }
  }
};

Pool::Pool(int threads) : state_(std::make_unique<State>()) {
  state_->claims.resize(static_cast<size_t>(threads));
  try {
    for (int index = 1; index < threads; ++index)
      state_->threads.emplace_back([this, index] { state_->work(*this, index); });
  } catch (...) {
    stop();
    throw;
  }
}

Pool::~Pool() { stop(); }

void Pool::stop() {
  state_->stop = true;
  state_->call(1);
  for (std::thread& thread : state_->threads) thread.join();
}

int Pool::threads() const { return static_cast<int>(state_->threads.size()) + 1; }

void Pool::parallel(const std::function<void(const Worker&)>& body, int threads) {
  const int count = threads <= 0 || threads > this->threads() ? this->threads() : threads;
  if (count == 1) return body(Worker(*this, 0, 1));
  std::fill_n(state_->claims.begin(), count, Claims());
  state_->body = &body;
  state_->call(count);
  body(Worker(*this, 0, count));
  state_->join();
}

bool Pool::ready() {
  using clock = std::chrono::steady_clock;
  constexpr auto kSoon = std::chrono::microseconds(500);  // from call to call, with what a call takes alone
  if (!state_->called.anybody_sleeps()) return true;
  const clock::time_point now = clock::now(), before = state_->asked;
  state_->asked = now;
  return now - before < kSoon;
}

Claims* Worker::claims() const { return pool_.state_->claims.data(); }

void Worker::barrier() const {
  if (count_ > 1) pool_.state_->barrier(count_);
}

Range share(const Worker& worker, int64_t count, int64_t grain) {
  const int64_t grains = (count + grain - 1) / grain, workers = worker.count(), index = worker.index();
  const auto begin = [&](int64_t i) {
    const int64_t at = (grains / workers * i + (i < grains % workers ? i : grains % workers)) * grain;
    return at < count ? at : count;
  };
  return {begin(index), begin(index + 1)};
}

}  // namespace recurra
