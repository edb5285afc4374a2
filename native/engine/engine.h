// A pool of threads, an arena and a queue of runs. JavaScript's thread calls everything here; runs from the
// queue happen on one thread of the engine's own, first in, first out, and that thread is worker 0 of the
// pool.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/run.h"

namespace recurra {

class Engine {
 public:
  // `notify` is called on the engine's thread when a run has ended.
  Engine(int threads, const Kernels& kernels, std::function<void()> notify);
  ~Engine();

  // Queues a run; a null request ends the engine's thread once the runs before it have ended.
  void enqueue(std::unique_ptr<RunRequest> request);
  // The next request that has ended, in order, the null one included. To be called once for each `notify`.
  std::unique_ptr<RunRequest> take_ended();

  // Runs on the calling thread: as worker 0 of the pool, or alone where the pool is busy. Throws ERR_BUSY
  // while a queued or running request writes what the program uses, or reads what it writes.
  void run_now(RunRequest& request);

  // Cancels the run under way, drops the queue and ends the threads. The object is of no use after that.
  void stop();

 private:
  void dispatch();
  void perform(RunRequest& request, Pool& pool);

  const Kernels& kernels_;
  const std::function<void()> notify_;
  std::unique_ptr<Pool> pool_;
  std::mutex pool_mutex_;
  Pool alone_{1};

  // One arena for all programs that write storage: they train, and one of them runs at a time.
  Memory arena_;
  std::mutex arena_mutex_;

  std::atomic<bool> stop_{false};
  std::mutex mutex_;  // of the two queues
  std::condition_variable wake_;
  std::list<std::unique_ptr<RunRequest>> queue_;
  std::list<std::unique_ptr<RunRequest>> ended_;
  std::thread dispatcher_;
};

}  // namespace recurra
