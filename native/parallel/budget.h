// The cores of this process, shared by the engines that have runs under way at the same time, in any of its
// JavaScript threads. A run always has the thread that it is on; others are lent to it for one operation at a
// time: no more than its share, nor than nobody uses. So where there are more runs than cores each has one
// thread, which the system shares out well: no other waits for it.
#pragma once

#include <atomic>

namespace recurra {

class Budget {
 public:
  static Budget& of_process();

  void begin_run() { runs_.fetch_add(1, std::memory_order_relaxed); }
  void end_run() { runs_.fetch_sub(1, std::memory_order_relaxed); }

  // Threads for an operation of a run on a pool of `size`, the run's own included. A pool that was asked to
  // be larger than the cores has all its threads while it is alone.
  int borrow(int size);
  void give_back(int threads) {
    if (threads > 1) lent_.fetch_sub(threads - 1, std::memory_order_relaxed);
  }

 private:
  explicit Budget(int cores) : cores_(cores) {}

  const int cores_;
  std::atomic<int> runs_{0};
  std::atomic<int> lent_{0};
};

}  // namespace recurra
