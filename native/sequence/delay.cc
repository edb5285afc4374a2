// Every sequence of a ragged batch one step later; lib/ops/delay.ts.
#include <algorithm>
#include <iterator>

#include "ops/in_parallel.h"
#include "sequence/direction.h"
#include "sequence/ragged.h"

namespace recurra {
namespace {

class Delay final : public Operation {
 public:
  explicit Delay(const StepSpec& step)
      : x_(step.input("x")),
        before_(step.optional("before")),
        offsets_(step.input("offsets", DType::kInt32)),
        order_(step.input("order", DType::kInt32)),
        y_(step.output("y")),
        last_(step.output("last")),
        backward_(reads_backward(step)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_), &last = run.view(last_);
    expect_shape(x, {-1, -1}, "delay: x");
    const int64_t tokens = x.axis(0), columns = x.axis(1);
    expect_shape(y, {tokens, columns}, "delay: y");
    const Ragged ragged("delay", run.view(offsets_), run.view(order_), tokens, backward_);
    expect_shape(last, {ragged.batch(), columns}, "delay: last");
    if (before_) expect_shape(run.view(before_), {ragged.batch(), columns}, "delay: before");
    const float* before = before_ ? run.view(before_).real() : nullptr;

    const auto copy_row = [columns](const float* from, float* to) {
      if (from)
        std::copy_n(from, columns, to);
      else
        std::fill_n(to, columns, 0.0f);
    };
    const auto enter = [&](int64_t rank, float* to) {
      copy_row(before ? before + ragged.caller(rank) * columns : nullptr, to);
    };
    in_parallel(run, ragged.steps(), ragged.most_active() * columns, [&](Range range) {
      for (int64_t p = range.begin; p < range.end; ++p) {
        const int64_t time = ragged.time(p), active = ragged.active(time);
        const int64_t earlier = p > 0 ? ragged.time(p - 1) : 0;
        const int64_t carried = p > 0 ? std::min(active, ragged.active(earlier)) : 0;
        float* to = y.real() + ragged.first(time) * columns;
        std::copy_n(x.real() + ragged.first(earlier) * columns, carried * columns, to);
        for (int64_t rank = carried; rank < active; ++rank) enter(rank, to + rank * columns);
      }
    });
    in_parallel(run, ragged.batch(), columns, [&](Range range) {
      for (int64_t rank = range.begin; rank < range.end; ++rank) {
        float* to = last.real() + ragged.caller(rank) * columns;
        const int64_t row = ragged.last_row(rank);
        if (row < 0)
          enter(rank, to);
        else
          copy_row(x.real() + row * columns, to);
      }
    });
  }

 private:
  Buffer x_, before_, offsets_, order_, y_, last_;
  bool backward_;
};

constexpr OperationEntry kEntries[] = {{"delay", make_operation<Delay>}};

}  // namespace

extern const OperationList kDelayOperations;
const OperationList kDelayOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
