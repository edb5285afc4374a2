#include "parallel/pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cpu/flush_denormals.h"
#include "parallel/budget.h"
#include "parallel/doorbell.h"

namespace recurra {

// Multiply-adds of a run that pay for waking somebody who sleeps.
constexpr int64_t kWorthWaking = 4 * 1024 * 1024;

struct Pool::State {
  // A call is a ticket: how many calls there were and, in the low bits, how many workers this one has. A
  // worker heeds, and is woken for, those that count it in alone, and the caller waits for it before it
  // writes the next.
  static constexpr uint64_t kWorkerBits = 16, kWorkers = (1u << kWorkerBits) - 1;

  explicit State(int size) : claims(static_cast<size_t>(size)), called(static_cast<size_t>(size)) {}

  std::vector<std::thread> threads;
  std::vector<Claims> claims;
  std::vector<Doorbell> called;  // per worker
  const std::function<void(const Worker&)>* body = nullptr;
  alignas(64) std::atomic<uint64_t> ticket{0};
  alignas(64) std::atomic<uint32_t> running{0};
  alignas(64) std::atomic<uint32_t> arrived{0};
  alignas(64) std::atomic<uint32_t> phase{0};
  Doorbell finished, passed;
  std::atomic<bool> stop{false};
  int64_t asked = 0;                            // multiply-adds that the run has asked about
  std::chrono::steady_clock::time_point began;  // the last run that found workers asleep

  void work(Pool& pool, int index) {
    const FlushDenormals flush;
    uint64_t seen = 0;
    for (;;) {
      called[static_cast<size_t>(index)].wait([&] {
        const uint64_t now = ticket.load();
        return now != seen && index < static_cast<int>(now & kWorkers);
      });
      seen = ticket.load();
      if (stop.load(std::memory_order_relaxed)) return;
      (*body)(Worker(pool, index, static_cast<int>(seen & kWorkers)));
      if (running.fetch_sub(1) == 1) finished.ring();
    }
  }

  void call(int count) {
    running.store(static_cast<uint32_t>(count - 1), std::memory_order_relaxed);
    const uint64_t calls = (ticket.load(std::memory_order_relaxed) >> kWorkerBits) + 1;
    ticket.store(calls << kWorkerBits | static_cast<uint64_t>(count));
    for (int index = 1; index < count; ++index) called[static_cast<size_t>(index)].ring();
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

Pool::Pool(int threads) : state_(std::make_unique<State>(threads)), threads_(threads) {
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
  state_->call(size());
  for (std::thread& thread : state_->threads) thread.join();
}

int Pool::size() const { return static_cast<int>(state_->called.size()); }

void Pool::parallel(const std::function<void(const Worker&)>& body, int threads) {
  const int count = threads <= 0 || threads > threads_ ? threads_ : threads;
  if (count == 1) return body(Worker(*this, 0, 1));
  std::fill_n(state_->claims.begin(), count, Claims());
  state_->body = &body;
  state_->call(count);
  body(Worker(*this, 0, count));
  state_->join();
}

bool Pool::anybody_sleeps() const {
  const auto first = state_->called.begin() + 1;
  return std::any_of(first, first + (threads_ - 1),
                     [](const Doorbell& bell) { return bell.anybody_sleeps(); });
}

bool Pool::ready(int64_t multiply_adds) {
  state_->asked += multiply_adds;
  return state_->asked >= kWorthWaking || !anybody_sleeps();
}

RunUnderWay::RunUnderWay(Pool& pool) {
  using clock = std::chrono::steady_clock;
  constexpr auto kSoon = std::chrono::microseconds(500);  // from run to run, with what a run takes alone
  Budget::of_process().begin_run();
  Pool::State& state = *pool.state_;
  state.asked = 0;
  if (!pool.anybody_sleeps()) return;
  const clock::time_point now = clock::now();
  if (now - state.began < kSoon) state.asked = kWorthWaking;
  state.began = now;
}

RunUnderWay::~RunUnderWay() { Budget::of_process().end_run(); }

Loan::Loan(Pool& pool) : pool_(pool) { pool.threads_ = Budget::of_process().borrow(pool.size()); }

Loan::~Loan() {
  Budget::of_process().give_back(pool_.threads_);
  pool_.threads_ = pool_.size();
}

Claims* Worker::claims() const { return pool_.state_->claims.data(); }

void Worker::barrier() const {
  if (count_ > 1) pool_.state_->barrier(count_);
}

}  // namespace recurra
