// Which rows of a packed batch are alive when. Rows lie time-major over sequences sorted by length, longest
// first; the rank of a sequence is its place in that order.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/operation.h"

namespace recurra {

class Ragged {
 public:
  // offsets [steps], order [batch]. Throws ERR_INDEX, naming the operation, unless they describe `tokens`
  // rows.
  Ragged(std::string_view op, const View& offsets, const View& order, int64_t tokens, bool backward);

  int64_t steps() const { return steps_; }
  int64_t batch() const { return batch_; }
  int64_t tokens() const { return tokens_; }

  // The time step that is processed p-th: the last one first where the direction is backward.
  int64_t time(int64_t p) const { return backward_ ? steps_ - 1 - p : p; }
  // First row of a time step and how many there are, of the ranks 0, 1, …
  int64_t first(int64_t time) const { return offsets_[time]; }
  int64_t active(int64_t time) const {
    return (time + 1 < steps_ ? offsets_[time + 1] : tokens_) - offsets_[time];
  }
  int64_t most_active() const { return steps_ > 0 ? active(0) : 0; }
  // The row that is processed last of the sequence at this rank; -1 where its length is 0.
  int64_t last_row(int64_t rank) const;
  // Calls visit(rank, length) for the ranks in `range`.
  template <class Visit>
  void visit_lengths(Range range, const Visit& visit) const {
    int64_t length = steps_;
    for (int64_t rank = range.begin; rank < range.end; ++rank) {
      while (length > 0 && active(length - 1) <= rank) --length;
      visit(rank, length);
    }
  }
  // The caller's index of the sequence at this rank.
  int64_t caller(int64_t rank) const { return order_[rank]; }

 private:
  const int32_t* offsets_;
  const int32_t* order_;
  int64_t steps_;
  int64_t batch_;
  int64_t tokens_;
  bool backward_;
};

}  // namespace recurra
