// Deals the tiles of a piece of work out to the workers. Each takes its own share first, then what others
// have not come to: a worker that the system has stopped, or whose core is slower, holds nobody up for longer
// than what it has taken. Who computes a tile has no influence on its bits.
//
// A share is taken in pieces, each a part of what is left of it, by counting in its owner's Claims; that
// waits for all that the core has still to write, so the pieces are few. Deals are numbered, and a worker
// that begins one finds all tiles of the deals before it taken: an older number there means that nobody has
// begun. Where there is little to do, each just does its share: a look at another's Claims costs as much as a
// barrier.
#pragma once

#include "sequence/product.inl.h"

namespace recurra::RECURRA_ISA::sequence {

class Deal {
 public:
  // The tiles are 0 … count − 1, of some `work` multiply-adds each. All workers make the same deals in turn.
  // `turned`: each share is gone through from its end, so that what its last tiles read serves first.
  Deal(Part part, int64_t count, int64_t work, bool turned = false)
      : part_(part),
        count_(count),
        piece_(1 + kPieceWork / (work + 1)),
        number_(++*part.deals),
        turned_(turned) {
    if (part.count == 1 || count * work < kWorthTaking * part.count) {
      share_ = share(part, count);
      at_ = share_.begin - 1;
      end_ = share_.end;
      visited_ = part.count;
    }
  }

  // Goes on to this worker's next tile; false where none is left.
  bool next() {
    if (++at_ < end_) return true;
    for (; visited_ < part_.count; ++visited_)
      if (take((part_.index + visited_) % part_.count)) return true;
    return false;
  }
  int64_t tile() const { return turned_ ? share_.begin + share_.end - 1 - at_ : at_; }
  // The tile after it, if this worker goes on with the share; −1 where there is none.
  int64_t next_tile() const {
    if (at_ + 1 >= share_.end) return -1;
    return turned_ ? tile() - 1 : tile() + 1;
  }

 private:
  static constexpr int64_t kPieceWork = 1 << 16;  // at least, about a microsecond
  static constexpr int64_t kPiecesOfRest = 4;
  static constexpr int64_t kWorthTaking = 1 << 21;  // some tens of microseconds for each

  bool take(int worker) {
    share_ = share({worker, part_.count, part_.claims, part_.deals}, count_);
    uint64_t& taken = part_.claims[worker].taken;
    uint64_t seen = __atomic_load_n(&taken, __ATOMIC_RELAXED);
    for (;;) {
      const uint32_t number = static_cast<uint32_t>(seen >> 32);
      if (number > number_) return false;
      at_ = share_.begin + (number == number_ ? static_cast<uint32_t>(seen) : 0);
      const int64_t left = share_.end - at_;
      if (left <= 0) return false;
      end_ = at_ + smaller(left, left / kPiecesOfRest > piece_ ? left / kPiecesOfRest : piece_);
      const uint64_t mine = static_cast<uint64_t>(number_) << 32 | static_cast<uint32_t>(end_ - share_.begin);
      if (__atomic_compare_exchange_n(&taken, &seen, mine, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return true;
    }
  }

  const Part part_;
  const int64_t count_, piece_;
  const uint32_t number_;
  const bool turned_;
  Span share_ = {0, 0};        // that tiles are being taken from
  int64_t at_ = -1, end_ = 0;  // in the order in which they are taken
  int visited_ = 0;            // workers whose shares are all taken
};

}  // namespace recurra::RECURRA_ISA::sequence
