// A pool of threads that all run one function at a time: fork, barriers inside, join.
// Worker 0 is the calling thread; the others spin some 20 µs for the next call that counts them in, then
// sleep.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "parallel/claims.h"

namespace recurra {

class Pool;

// One thread's place in a parallel call.
class Worker {
 public:
  Worker(Pool& pool, int index, int count) : pool_(pool), index_(index), count_(count) {}
  int index() const { return index_; }
  int count() const { return count_; }
  // Of every worker of the call, and the number of deals that this one has had: for sequence/deal.inl.h.
  Claims* claims() const;
  uint32_t* deals() const { return &deals_; }
  // Returns when every worker of the call has arrived; what they wrote before is visible after.
  void barrier() const;

 private:
  Pool& pool_;
  int index_;
  int count_;
  mutable uint32_t deals_ = 0;
};

struct Range {
  int64_t begin;
  int64_t end;
};

// This worker's contiguous share of `count` items in multiples of `grain`; the shares are as equal as they
// can be.
Range share(const Worker& worker, int64_t count, int64_t grain = 1);

class Pool {
 public:
  explicit Pool(int threads);  // threads >= 1, the caller included
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Those that a call may have now, the caller included: all, or what the operation under way was lent.
  int threads() const { return threads_; }

  // Whether a call of so many multiply-adds may count on the other workers: they are awake, or worth waking
  // for what the run has had to do by then, or as one run follows the other.
  bool ready(int64_t multiply_adds);

  // Runs `body` on `threads` workers (as many as there may be when 0) and returns when every one has. `body`
  // must not throw: check before, allocate before. One caller at a time.
  void parallel(const std::function<void(const Worker&)>& body, int threads = 0);

 private:
  friend class Worker;
  friend class RunUnderWay;
  friend class Loan;
  struct State;
  int size() const;
  bool anybody_sleeps() const;
  void stop();
  std::unique_ptr<State> state_;
  int threads_;
};

// While this lives, a run is under way on the calling thread and counts where the engines of the process
// share its cores.
class RunUnderWay {
 public:
  explicit RunUnderWay(Pool& pool);
  ~RunUnderWay();
  RunUnderWay(const RunUnderWay&) = delete;
  RunUnderWay& operator=(const RunUnderWay&) = delete;
};

// The threads that an operation of a run under way has.
class Loan {
 public:
  explicit Loan(Pool& pool);
  ~Loan();
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

 private:
  Pool& pool_;
};

}  // namespace recurra
