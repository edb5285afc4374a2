// The gradient of a table as the rows of it that are not 0: what lib/ops/merge-rows.ts says and an
// optimizer's operation reads as rows0, at0, rows1, at1, …
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/operation.h"

namespace recurra {

// Steps over a range of parameters with their gradients, null where all of them are 0.
using UpdatePart = std::function<void(Range range, const float* gradients)>;

// How many rows there are: `at` says which ones of the table, up to the first -1.
int64_t rows_at(const View& at);

class RowGradients {
 public:
  explicit RowGradients(const StepSpec& step);
  // Whether the step has any.
  explicit operator bool() const { return !parts_.empty(); }

  // Takes a run's rows. Throws ERR_SHAPE or ERR_INDEX where they are none of the table's.
  void bind(const Run& run, const View& table);
  // Hands the rows that have a gradient to `part`, on several threads.
  void each_given(Run& run, const UpdatePart& part) const;
  // Hands all rows of the table to it.
  void each(Run& run, const UpdatePart& part) const;

 private:
  struct Part {
    Buffer rows, at;
  };
  struct Bound {
    const float* rows;  // [count, columns]
    const int32_t* at;  // [count]
    int64_t count;
  };

  const std::string op_;
  std::vector<Part> parts_;
  std::vector<Bound> bound_;
  int64_t table_rows_ = 0, columns_ = 0, count_ = 0;
};

}  // namespace recurra
