// Rows of a table by their numbers, and the reverse: rows added into a table of zeros.
#include <algorithm>
#include <iterator>

#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "ops/stacked_rows.h"

namespace recurra {
namespace {

class Gather final : public Operation {
 public:
  explicit Gather(const StepSpec& step)
      : table_(step.input("table")), ids_(step.input("ids", DType::kInt32)), y_(step.output("y")) {}

  void run(Run& run) override {
    const View &table = run.view(table_), &ids = run.view(ids_), &y = run.view(y_);
    expect_shape(table, {-1, -1}, "gather: table");
    const int64_t columns = table.axis(1);
    expect_count(y, ids.count * columns, "gather", "y");
    expect_indices(ids, 0, table.axis(0), "gather: ids");
    in_parallel(run, ids.count, columns, [&](Range range) {
      for (int64_t i = range.begin; i < range.end; ++i) {
        const float* row = table.real() + ids.integers()[i] * columns;
        std::copy(row, row + columns, y.real() + i * columns);
      }
    });
  }

 private:
  Buffer table_, ids_, y_;
};

class ScatterAdd final : public Operation {
 public:
  explicit ScatterAdd(const StepSpec& step)
      : x_(step.input("x")),
        ids_(step.input("ids", DType::kInt32)),
        y_(step.output("y")),
        ignore_(step.number("ignore")) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &ids = run.view(ids_), &y = run.view(y_);
    expect_shape(y, {-1, -1}, "scatterAdd: y");
    const int64_t columns = y.axis(1);
    expect_count(x, ids.count * columns, "scatterAdd", "x");
    expect_indices(ids, -1, y.axis(0), "scatterAdd: ids");
    addends_.reset(columns);
    addends_.push(x.real(), ids.count);
    sums_.reset(columns);
    sums_.push(y.real(), y.axis(0));
    const int32_t* id = ids.integers();
    add_up_rows(run, addends_, sums_, [&](int64_t i) { return id[i] == ignore_ ? -1 : id[i]; });
  }

 private:
  Buffer x_, ids_, y_;
  double ignore_;
  StackedRows addends_, sums_;
};

constexpr OperationEntry kEntries[] = {
    {"gather", make_operation<Gather>},
    {"scatterAdd", make_operation<ScatterAdd>},
};

}  // namespace

extern const OperationList kGatherOperations;
const OperationList kGatherOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
