#include "ops/row_gradients.h"

#include <algorithm>

#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {

int64_t rows_at(const View& at) {
  return std::find(at.integers(), at.integers() + at.count, -1) - at.integers();
}

RowGradients::RowGradients(const StepSpec& step) : op_(step.op()) {
  const size_t count = step.inputs("rows").size();
  for (size_t k = 0; k < count; ++k) {
    const std::string number = std::to_string(k);
    parts_.push_back(
        {step.input(("rows" + number).c_str()), step.input(("at" + number).c_str(), DType::kInt32)});
  }
}

void RowGradients::bind(const Run& run, const View& table) {
  expect_shape(table, {-1, -1}, (op_ + ": parameters").c_str());
  table_rows_ = table.axis(0), columns_ = table.axis(1), count_ = 0;
  bound_.clear();
  for (const Part& part : parts_) {
    const View &rows = run.view(part.rows), &at = run.view(part.at);
    expect_count(rows, at.count * columns_, op_, "rows");
    expect_indices(at, -1, table_rows_, (op_ + ": at").c_str());
    bound_.push_back({rows.real(), at.integers(), rows_at(at)});
    count_ += bound_.back().count;
  }
}

// Threads share columns: a row that came twice would not be written by two of them.
void RowGradients::each_given(Run& run, const UpdatePart& part) const {
  const auto some_columns = [&](Range columns) {
    for (const Bound& bound : bound_)
      for (int64_t i = 0; i < bound.count; ++i) {
        const int64_t first = bound.at[i] * columns_;
        part({first + columns.begin, first + columns.end}, bound.rows + i * columns_ + columns.begin);
      }
  };
  in_parallel(run, columns_, count_, some_columns, 16);
}

void RowGradients::each(Run& run, const UpdatePart& part) const {
  const uint64_t bytes = sizeof(const float*) * static_cast<uint64_t>(table_rows_);
  const float** gradients = static_cast<const float**>(run.workspace(bytes));
  std::fill_n(gradients, table_rows_, nullptr);
  for (const Bound& bound : bound_)
    for (int64_t i = 0; i < bound.count; ++i) gradients[bound.at[i]] = bound.rows + i * columns_;
  in_parallel(run, table_rows_, columns_, [&](Range rows) {
    for (int64_t row = rows.begin, end; row < rows.end; row = end) {
      end = row + 1;
      while (!gradients[row] && end < rows.end && !gradients[end]) ++end;
      part({row * columns_, end * columns_}, gradients[row]);
    }
  });
}

}  // namespace recurra
