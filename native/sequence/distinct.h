// The different ids among those of a batch: a row of a table that many tokens read needs to be multiplied
// only once, and its gradient once.
#pragma once

#include <cstdint>

#include "engine/memory.h"
#include "engine/operation.h"

namespace recurra {

class Distinct {
 public:
  // Numbers the ids by first occurrence. `limit`: they are below it, which has been checked.
  void find(const View& ids, int64_t limit) { begin(ids.count, limit), add(ids); }
  // The same of several tensors: `most` ids in all, after each other.
  void begin(int64_t most, int64_t limit);
  void add(const View& ids, double ignore = -1);

  int64_t count() const { return count_; }
  // [count]
  const int32_t* ids() const { return ids_; }
  // Writes them from number `first` on, then -1 to the end.
  void list(int64_t first, const View& at) const;
  // Of each token the number of its id, -1 where that is -1 or ignored.
  const int32_t* numbers() const { return numbers_; }

 private:
  struct Seen {
    uint32_t round;  // in which `number` was given
    int32_t number;
  };

  Memory seen_, lists_;
  int64_t limit_ = 0;
  uint32_t round_ = 0;
  int64_t count_ = 0;
  int32_t* ids_ = nullptr;
  int32_t* numbers_ = nullptr;
  int32_t* next_ = nullptr;
};

}  // namespace recurra
