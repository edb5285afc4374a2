// Deals the tiles of a piece of work out to the workers. Each takes its own share first, then what others
// have not come to: a worker that the system has stopped, or whose core is slower, holds nobody up for longer
// than a tile. Who computes a tile has no influence on its bits.
//
// A share is taken in pieces, by counting in its owner's Claims. Deals are numbered, and a worker that begins
// one finds all tiles of the deals before it taken: an older number there means that nobody has begun. Where
// there is little to do, each just does its share: a look at another's Claims costs as much as a barrier.
#pragma once

#include "sequence/product.inl.h"

namespace recurra::RECURRA_ISA::sequence {

class Deal {
 public:
  // The tiles are 0 … count − 1, of some `work` multiply-adds each. All workers make the same deals in turn.
  Deal(Part part, int64_t count, int64_t work)
      : part_(part), count_(count), piece_(1 + kPieceWork / (work + 1)), number_(++*part.deals) {
    if (part.count == 1 || count * work < kWorthTaking * part.count) {
      const Span mine = share(part, count);
      tile_ = mine.begin - 1;
      end_ = mine.end;
      visited_ = part.count;
    }
  }

  // Goes on to this worker's next tile; false where none is left.
  bool next() {
    if (++tile_ < end_) return true;
    for (; visited_ < part_.count; ++visited_)
      if (take((part_.index + visited_) % part_.count)) return true;
    return false;
  }
  int64_t tile() const { return tile_; }

 private:
  static constexpr int64_t kPieceWork = 1 << 16;    // about a microsecond
  static constexpr int64_t kShareOfRest = 4;
  static constexpr int64_t kWorthTaking = 1 << 21;  // some tens of microseconds for each

  bool take(int worker) {
    const Span share = sequence::share({worker, part_.count, part_.claims, part_.deals}, count_);
    uint64_t& taken = part_.claims[worker].taken;
    uint64_t seen = __atomic_load_n(&taken, __ATOMIC_RELAXED);
    for (;;) {
      const uint32_t number = static_cast<uint32_t>(seen >> 32);
      if (number > number_) return false;
      tile_ = share.begin + (number == number_ ? static_cast<uint32_t>(seen) : 0);
      const int64_t left = share.end - tile_;
      if (left <= 0) return false;
      end_ = tile_ + smaller(left, left / kShareOfRest > piece_ ? left / kShareOfRest : piece_);
      const uint64_t mine = static_cast<uint64_t>(number_) << 32 | static_cast<uint32_t>(end_ - share.begin);
      if (__atomic_compare_exchange_n(&taken, &seen, mine, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return true;
    }
  }

  const Part part_;
  const int64_t count_, piece_;
  const uint32_t number_;
  int64_t tile_ = -1, end_ = 0;
  int visited_ = 0;  // workers whose shares are all taken
};

}  // namespace recurra::RECURRA_ISA::sequence
