// Rows of several tensors, one below the other, and sums of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/elementwise.h"
#include "ops/in_parallel.h"

namespace recurra {

class StackedRows {
 public:
  void reset(int64_t columns) { parts_.clear(), columns_ = columns, count_ = 0; }
  void push(float* rows, int64_t count) {
    parts_.push_back({rows, count_});
    count_ += count;
  }

  int64_t columns() const { return columns_; }
  int64_t count() const { return count_; }
  float* row(int64_t i) const {
    size_t part = parts_.size() - 1;
    while (parts_[part].first > i) --part;
    return parts_[part].rows + (i - parts_[part].first) * columns_;
  }

 private:
  struct Part {
    float* rows;
    int64_t first;
  };
  std::vector<Part> parts_;
  int64_t columns_ = 0, count_ = 0;
};

// Adds row i of x to row to(i) of y, or to none where that is -1; y from zeros, in the order of x. Each
// thread adds up columns of its own, or, of narrow rows, rows of its own.
template <class To>
void add_up_rows(Run& run, const StackedRows& x, const StackedRows& y, const To& to) {
  const auto add = run.kernels().elementwise->add.both;
  const auto add_up = [&](Range rows, Range columns) {
    const int64_t width = columns.end - columns.begin;
    for (int64_t row = rows.begin; row < rows.end; ++row)
      std::fill_n(y.row(row) + columns.begin, width, 0.0f);
    for (int64_t i = 0; i < x.count(); ++i) {
      const int64_t row = to(i);
      if (row < rows.begin || row >= rows.end) continue;
      float* sum = y.row(row) + columns.begin;
      add(sum, x.row(i) + columns.begin, sum, width);
    }
  };
  const int64_t columns = y.columns(), rows = y.count(), most = std::max(x.count(), rows);
  constexpr int64_t line = 16;  // floats of a cache line
  if (columns >= line * run.pool().threads())
    in_parallel(run, columns, most, [&](Range range) { add_up({0, rows}, range); }, line);
  else if (columns > 0 && rows > 0)
    in_parallel(run, rows, most * columns / rows, [&](Range range) { add_up(range, {0, columns}); });
}

}  // namespace recurra
