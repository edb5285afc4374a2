// Sums over axes: sum and mean over one or all, sumTo over those along which a shape would be stretched.
// Every sum is kept in double and cut at the same places whatever the number of threads.
#include <algorithm>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "ops/stretch.h"

namespace recurra {
namespace {

// x, and y as it would be stretched to x: y stands still along the axes that are summed over.
struct Sums {
  const float* x;
  float* y;
  int64_t outputs;
  int64_t terms;  // of each output
  double divisor;
  Stretched shape;
};

// A place in x by numbers of kept and of summed axes, both counted from `lowest_axis` out.
class Places {
 public:
  Places(const Stretched& shape, int lowest_axis) {
    int64_t elements = 1;
    for (int axis = 0; axis < shape.axes; ++axis) {
      if (axis >= lowest_axis) {
        Side& side = shape.step[axis][0] != 0 ? kept_ : summed_;
        side.extent[side.axes] = shape.extent[axis];
        side.step[side.axes++] = elements;
      }
      elements *= shape.extent[axis];
    }
  }
  int64_t kept(int64_t number) const { return kept_.at(number); }
  int64_t summed(int64_t number) const { return summed_.at(number); }

 private:
  struct Side {
    int axes = 0;
    int64_t extent[kMaxAxes], step[kMaxAxes];

    int64_t at(int64_t number) const {
      int64_t place = 0;
      for (int axis = 0; axis < axes; ++axis) {
        place += number % extent[axis] * step[axis];
        number /= extent[axis];
      }
      return place;
    }
  };
  Side kept_, summed_;
};

// The innermost axis is summed over: blocks of it are, by any thread, then each output adds up its blocks in
// order.
void sum_rows(Run& run, const Sums& sums) {
  const ElementwiseKernels& kernels = *run.kernels().elementwise;
  const Places places(sums.shape, 1);
  const int64_t row = sums.shape.extent[0], blocks = (row + kSumBlock - 1) / kSumBlock;
  const int64_t pieces = sums.terms / row * blocks;
  double* partial =
      static_cast<double*>(run.workspace(sizeof(double) * static_cast<uint64_t>(sums.outputs * pieces)));
  in_parallel(run, sums.outputs * pieces, std::min(row, kSumBlock), [&](Range range) {
    for (int64_t i = range.begin; i < range.end; ++i) {
      const int64_t piece = i % pieces, start = piece % blocks * kSumBlock;
      const float* x = sums.x + places.kept(i / pieces) + places.summed(piece / blocks);
      partial[i] = kernels.sum(x + start, std::min(kSumBlock, row - start));
    }
  });
  in_parallel(run, sums.outputs, pieces, [&](Range range) {
    for (int64_t k = range.begin; k < range.end; ++k) {
      double total = 0;
      for (int64_t i = k * pieces; i < (k + 1) * pieces; ++i) total += partial[i];
      sums.y[k] = static_cast<float>(total / sums.divisor);
    }
  });
}

// The innermost axis is kept: each thread adds up columns of its own, row by row.
void sum_columns(Run& run, const Sums& sums) {
  const ElementwiseKernels& kernels = *run.kernels().elementwise;
  const int64_t columns = sums.shape.extent[0];
  // The rows along the axis next to the innermost lie evenly: they go to the kernel in one call.
  const int64_t rows = sums.shape.axes > 1 ? sums.shape.extent[1] : 1;
  const Places places(sums.shape, 2);
  in_parallel(
      run, sums.outputs, sums.terms,
      [&](Range range) {
        constexpr int64_t at_a_time = 1024;
        for (int64_t first = range.begin; first < range.end;) {
          const int64_t column = first % columns;
          const int64_t count = std::min({at_a_time, columns - column, range.end - first});
          const float* x = sums.x + places.kept(first / columns) + column;
          double total[at_a_time] = {};
          for (int64_t i = 0; i < sums.terms / rows; ++i)
            kernels.add_rows(x + places.summed(i), columns, rows, count, total);
          for (int64_t k = 0; k < count; ++k) sums.y[first + k] = static_cast<float>(total[k] / sums.divisor);
          first += count;
        }
      },
      16);
}

// y, of which `kept` is the shape with the axes that are summed over kept with extent 1.
void reduce(Run& run, const View& x, const std::vector<int64_t>& kept, const View& y, bool mean,
            const char* op) {
  int64_t outputs = 1;
  for (const int64_t extent : kept) outputs *= extent;
  expect_count(y, outputs, op, "y");
  const Stretched shape = stretch(x.shape, kept, {}, op);
  if (x.count == 0) {
    std::fill_n(y.real(), y.count, 0.0f);
    return;
  }
  const int64_t terms = x.count / outputs;
  const Sums sums = {x.real(), y.real(), outputs, terms, mean ? static_cast<double>(terms) : 1, shape};
  if (shape.step[0][0] == 0)
    sum_rows(run, sums);
  else
    sum_columns(run, sums);
}

template <bool mean>
class OverAxes final : public Operation {
 public:
  explicit OverAxes(const StepSpec& step)
      : x_(step.input("x")),
        y_(step.output("y")),
        all_(step.flag("all")),
        axis_(all_ ? 0 : static_cast<size_t>(whole_number(step, "axis", 0, kMaxAxes))) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    std::vector<int64_t> kept(x.shape.size(), 1);
    if (!all_) {
      if (axis_ >= kept.size()) throw Error("ERR_SHAPE", std::string(op) + ": x has no such axis");
      kept = x.shape;
      kept[axis_] = 1;
    }
    reduce(run, x, kept, y, mean, op);
  }

 private:
  static constexpr const char* op = mean ? "mean" : "sum";
  Buffer x_, y_;
  bool all_;
  size_t axis_;
};

class SumTo final : public Operation {
 public:
  explicit SumTo(const StepSpec& step) : x_(step.input("x")), y_(step.output("y")) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    reduce(run, x, y.shape, y, false, "sumTo");
  }

 private:
  Buffer x_, y_;
};

constexpr OperationEntry kEntries[] = {
    {"mean", make_operation<OverAxes<true>>},
    {"sum", make_operation<OverAxes<false>>},
    {"sumTo", make_operation<SumTo>},
};

}  // namespace

extern const OperationList kReductionOperations;
const OperationList kReductionOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
