// Rows of a table by their numbers, and the reverse: rows added into a table of zeros.
#include <algorithm>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

class Gather final : public Operation {
 public:
  explicit Gather(const StepSpec& step)
      : table_(step.input("table")), ids_(step.input("ids", DType::kInt32)), y_(step.output("y")) {}

  void run(Run& run) override {
    const View table = run.view(table_), ids = run.view(ids_), y = run.view(y_);
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

// Each thread adds up columns of its own, or, of a narrow table, rows of its own: always in the order of x.
class ScatterAdd final : public Operation {
 public:
  explicit ScatterAdd(const StepSpec& step)
      : x_(step.input("x")),
        ids_(step.input("ids", DType::kInt32)),
        y_(step.output("y")),
        ignore_(step.number("ignore")) {}

  void run(Run& run) override {
    const View x = run.view(x_), ids = run.view(ids_), y = run.view(y_);
    expect_shape(y, {-1, -1}, "scatterAdd: y");
    const int64_t rows = y.axis(0), columns = y.axis(1);
    expect_count(x, ids.count * columns, "scatterAdd", "x");
    expect_indices(ids, 0, rows, "scatterAdd: ids");
    const auto add = run.kernels().elementwise->add.both;
    const auto add_up = [&](Range some_rows, Range some_columns) {
      const int64_t width = some_columns.end - some_columns.begin;
      for (int64_t row = some_rows.begin; row < some_rows.end; ++row)
        std::fill_n(y.real() + row * columns + some_columns.begin, width, 0.0f);
      for (int64_t i = 0; i < ids.count; ++i) {
        const int32_t id = ids.integers()[i];
        if (id == ignore_ || id < some_rows.begin || id >= some_rows.end) continue;
        float* to = y.real() + id * columns + some_columns.begin;
        add(to, x.real() + i * columns + some_columns.begin, to, width);
      }
    };
    const int64_t work = std::max(x.count, y.count);
    constexpr int64_t line = 16;  // floats of a cache line
    if (columns >= line * run.pool().threads())
      in_parallel(run, columns, work / columns, [&](Range range) { add_up({0, rows}, range); }, line);
    else if (columns > 0)
      in_parallel(run, rows, rows > 0 ? work / rows : 0, [&](Range range) { add_up(range, {0, columns}); });
  }

 private:
  Buffer x_, ids_, y_;
  double ignore_;
};

constexpr OperationEntry kEntries[] = {
    {"gather", make_operation<Gather>},
    {"scatterAdd", make_operation<ScatterAdd>},
};

}  // namespace

extern const OperationList kGatherOperations;
const OperationList kGatherOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
