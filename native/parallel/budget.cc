#include "parallel/budget.h"

#include <algorithm>

#include "cpu/cores.h"

namespace recurra {

Budget& Budget::of_process() {
  static Budget budget(usable_cores());
  return budget;
}

int Budget::borrow(int size) {
  const int cores = std::max(cores_, size);
  int lent = lent_.load(std::memory_order_relaxed);
  for (;;) {
    const int runs = runs_.load(std::memory_order_relaxed);
    const int share = std::min(size, (cores + runs - 1) / runs);
    const int more = std::max(0, std::min(share - 1, cores - runs - lent));
    if (more == 0) return 1;
    if (lent_.compare_exchange_weak(lent, lent + more, std::memory_order_relaxed)) return 1 + more;
  }
}

}  // namespace recurra
