// Where threads wait for what another thread does: they spin for some 20 µs, then sleep.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace recurra {

class Doorbell {
 public:
  // Returns once `done()` is true. Whoever makes it true rings afterwards. Both are sequentially consistent:
  // either the one who waits sees the change, or the one who rings sees that somebody sleeps.
  template <class Done>
  void wait(Done done) {
    if (spin(done)) return;
    std::unique_lock lock(mutex_);
    asleep_.fetch_add(1);
    bell_.wait(lock, done);
    asleep_.fetch_sub(1);
  }

  bool anybody_sleeps() const { return asleep_.load() != 0; }

  void ring() {
    if (!anybody_sleeps()) return;
    {
      const std::lock_guard lock(mutex_);
    }  // whoever was about to sleep sleeps now
    bell_.notify_all();
  }

 private:
  static void pause() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }

  // False where the time was not long enough. Other threads get the core after the first few turns.
  template <class Done>
  static bool spin(Done done) {
    for (int i = 0; i < 100; ++i) {
      if (done()) return true;
      pause();
    }
    using clock = std::chrono::steady_clock;
    const clock::time_point end = clock::now() + std::chrono::microseconds(20);
    do {
      std::this_thread::yield();
      for (int i = 0; i < 8; ++i) {
        if (done()) return true;
        pause();
      }
    } while (clock::now() < end);
    return done();
  }

  alignas(64) std::atomic<int> asleep_{0};
  std::mutex mutex_;
  std::condition_variable bell_;
};

}  // namespace recurra
