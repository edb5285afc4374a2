// Dropout with masks that depend on seed, layer, training step, row in the global batch, time step and unit
// alone; lib/ops/dropout.ts defines them.
#include <cmath>
#include <iterator>
#include <optional>
#include <string>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "sequence/ragged.h"

namespace recurra {
namespace {

// What both operations draw their masks with.
class Mask {
 public:
  explicit Mask(const StepSpec& step)
      : op_(step.op()),
        clock_(step.input("clock", DType::kInt32)),
        offsets_(step.optional("offsets", DType::kInt32)),
        order_(step.optional("order", DType::kInt32)) {
    const double rate = step.number("rate");
    if (!(rate >= 0 && rate < 1)) throw Error("ERR_ARGUMENT", op_ + ": rate must be in [0, 1)");
    constexpr int64_t words = int64_t{1} << 32;
    key_.seed = static_cast<uint32_t>(whole_number(step, "seed", 0, words));
    key_.layer = static_cast<uint32_t>(whole_number(step, "layer", 0, words));
    key_.threshold = static_cast<uint32_t>(std::llround(rate * (1 << 24)));
    key_.scale = static_cast<float>(1 / (1 - rate));
  }

  // Calls draw(key, time step, row of the global batch, row) for each of `rows`, which are tokens where there
  // is a layout, else sequences.
  template <class Draw>
  void for_each_row(Run& run, int64_t rows, int64_t units, Draw draw) const {
    const View& clock = run.view(clock_);
    expect_shape(clock, {2}, (op_ + ": clock").c_str());
    if (rows == 0 || units == 0) return;
    DropoutKey key = key_;
    key.training_step = static_cast<uint32_t>(clock.integers()[0]);
    const auto first_row = static_cast<uint32_t>(clock.integers()[1]);
    std::optional<Ragged> ragged;
    if (offsets_ && order_) ragged.emplace(op_, run.view(offsets_), run.view(order_), rows, false);
    in_parallel(run, rows, units, [&](Range range) {
      int64_t time = 0;
      for (int64_t row = range.begin; row < range.end; ++row) {
        int64_t place = row;
        if (ragged) {
          while (time + 1 < ragged->steps() && ragged->first(time + 1) <= row) ++time;
          place = ragged->caller(row - ragged->first(time));
        }
        draw(key, static_cast<uint32_t>(time), first_row + static_cast<uint32_t>(place), row);
      }
    });
  }

 private:
  std::string op_;
  Buffer clock_, offsets_, order_;
  DropoutKey key_;
};

class Dropout final : public Operation {
 public:
  explicit Dropout(const StepSpec& step) : x_(step.input("x")), y_(step.output("y")), mask_(step) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_count(y, x.count, "dropout", "y");
    const int64_t rows = x.shape.empty() ? 1 : x.axis(0), units = rows == 0 ? 0 : x.count / rows;
    const auto dropout = run.kernels().elementwise->dropout;
    mask_.for_each_row(run, rows, units,
                       [&](const DropoutKey& key, uint32_t time, uint32_t place, int64_t row) {
                         dropout(key, time, place, x.real() + row * units, y.real() + row * units, units);
                       });
  }

 private:
  Buffer x_, y_;
  Mask mask_;
};

class Dropped final : public Operation {
 public:
  explicit Dropped(const StepSpec& step) : y_(step.output("y")), mask_(step) {}

  void run(Run& run) override {
    const View& y = run.view(y_);
    expect_shape(y, {-1, -1}, "dropped: y");
    const int64_t units = y.axis(1);
    const auto dropped = run.kernels().elementwise->dropped;
    mask_.for_each_row(run, y.axis(0), units,
                       [&](const DropoutKey& key, uint32_t time, uint32_t place, int64_t row) {
                         dropped(key, time, place, y.real() + row * units, units);
                       });
  }

 private:
  Buffer y_;
  Mask mask_;
};

constexpr OperationEntry kEntries[] = {
    {"dropout", make_operation<Dropout>},
    {"dropped", make_operation<Dropped>},
};

}  // namespace

extern const OperationList kDropoutOperations;
const OperationList kDropoutOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
