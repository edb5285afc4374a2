// One step of every sequence of a ragged batch, in the caller's order, and its gradient.
#include <algorithm>
#include <iterator>

#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "sequence/ragged.h"

namespace recurra {
namespace {

// Copies rows between a packed batch [tokens, F] and [batch, F]; rows without a partner become 0.
template <bool gradient>
class StepAt final : public Operation {
 public:
  explicit StepAt(const StepSpec& step)
      : from_(step.input(gradient ? "dy" : "x")),
        to_(step.output(gradient ? "x" : "y")),
        offsets_(step.input("offsets", DType::kInt32)),
        order_(step.input("order", DType::kInt32)),
        index_(whole_number(step, "index", -kMaxIndex, kMaxIndex)) {}

  void run(Run& run) override {
    const View &from = run.view(from_), &to = run.view(to_);
    const View &packed = gradient ? to : from, &steps = gradient ? from : to;
    expect_shape(packed, {-1, -1}, "stepAt: x");
    const int64_t columns = packed.axis(1);
    const Ragged ragged("stepAt", run.view(offsets_), run.view(order_), packed.axis(0), false);
    expect_shape(steps, {ragged.batch(), columns}, "stepAt: y");
    std::fill_n(to.real(), to.count, 0.0f);
    in_parallel(run, ragged.batch(), columns, [&](Range range) {
      ragged.visit_lengths(range, [&](int64_t rank, int64_t length) {
        const int64_t time = index_ < 0 ? length + index_ : index_;  // counted from the end where negative
        if (time < 0 || time >= length) return;
        const int64_t row = ragged.first(time) + rank, caller = ragged.caller(rank);
        const float* source = from.real() + (gradient ? caller : row) * columns;
        std::copy(source, source + columns, to.real() + (gradient ? row : caller) * columns);
      });
    });
  }

 private:
  static constexpr int64_t kMaxIndex = int64_t{1} << 31;
  Buffer from_, to_, offsets_, order_;
  int64_t index_;
};

constexpr OperationEntry kEntries[] = {
    {"stepAt", make_operation<StepAt<false>>},
    {"stepAtGradient", make_operation<StepAt<true>>},
};

}  // namespace

extern const OperationList kStepAtOperations;
const OperationList kStepAtOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
