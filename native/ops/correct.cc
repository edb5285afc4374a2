// Which class scores best, and how many rows are right.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

class Argmax final : public Operation {
 public:
  explicit Argmax(const StepSpec& step) : x_(step.input("x")), y_(step.output("y", DType::kInt32)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    if (x.shape.empty()) throw Error("ERR_SHAPE", "argmax: x is a scalar, expected at least one axis");
    expect_count(y, x.rows(), "argmax", "y");
    const int64_t columns = x.axis(-1);
    const auto argmax = run.kernels().elementwise->argmax;
    in_parallel(run, y.count, columns, [&](Range range) {
      for (int64_t row = range.begin; row < range.end; ++row)
        y.integers()[row] = static_cast<int32_t>(argmax(x.real() + row * columns, columns));
    });
  }

 private:
  Buffer x_, y_;
};

class Correct final : public Operation {
 public:
  explicit Correct(const StepSpec& step)
      : logits_(step.input("logits")),
        targets_(step.any_input("targets")),
        count_(step.output("count")),
        binary_(step.dtype(targets_) == DType::kReal),
        ignore_(step.number("ignore", NAN)) {}

  void run(Run& run) override {
    const View &logits = run.view(logits_), &targets = run.view(targets_), &count = run.view(count_);
    expect_count(count, 1, "correct", "count");
    if (binary_)
      expect_count(targets, logits.count, "correct", "targets");
    else
      expect_shape(logits, {targets.count, -1}, "correct: logits");
    const int64_t rows = targets.count, classes = binary_ ? 1 : logits.axis(1);
    const auto argmax = run.kernels().elementwise->argmax;
    const auto hit = [&](int64_t row) {
      if (binary_) {
        const float target = targets.real()[row];
        return target != ignore_ && (logits.real()[row] > 0) == (target > 0.5f);
      }
      const int32_t target = targets.integers()[row];
      return target != ignore_ && argmax(logits.real() + row * classes, classes) == target;
    };
    bool* hits = static_cast<bool*>(run.workspace(sizeof(bool) * static_cast<uint64_t>(rows)));
    in_parallel(run, rows, classes, [&](Range range) {
      for (int64_t row = range.begin; row < range.end; ++row) hits[row] = hit(row);
    });
    count.real()[0] = static_cast<float>(std::count(hits, hits + rows, true));
  }

 private:
  Buffer logits_, targets_, count_;
  bool binary_;
  double ignore_;  // NaN: none
};

constexpr OperationEntry kEntries[] = {
    {"argmax", make_operation<Argmax>},
    {"correct", make_operation<Correct>},
};

}  // namespace

extern const OperationList kCorrectOperations;
const OperationList kCorrectOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
