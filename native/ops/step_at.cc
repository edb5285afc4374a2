// One step of every sequence of a ragged batch, in the caller's order, and its gradient.
#include <algorithm>
#include <iterator>

#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "sequence/ragged.h"

namespace recurra {
namespace {

// Calls visit(row, caller) for the ranks in `range` that have the step: `index` from the start or, negative,
// from the end.
template <class Visit>
void visit_steps(const Ragged& ragged, int64_t index, Range range, const Visit& visit) {
  int64_t length = ragged.steps();  // of the rank at hand: ranks are sorted by length, longest first
  for (int64_t rank = range.begin; rank < range.end; ++rank) {
    while (length > 0 && ragged.active(length - 1) <= rank) --length;
    const int64_t time = index < 0 ? length + index : index;
    if (time >= 0 && time < length) visit(ragged.first(time) + rank, ragged.caller(rank));
  }
}

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
    const View from = run.view(from_), to = run.view(to_);
    const View &packed = gradient ? to : from, &steps = gradient ? from : to;
    expect_shape(packed, {-1, -1}, "stepAt: x");
    const int64_t columns = packed.axis(1);
    const Ragged ragged(run.view(offsets_), run.view(order_), packed.axis(0), false);
    expect_shape(steps, {ragged.batch(), columns}, "stepAt: y");
    std::fill_n(to.real(), to.count, 0.0f);
    in_parallel(run, ragged.batch(), columns, [&](Range range) {
      visit_steps(ragged, index_, range, [&](int64_t row, int64_t caller) {
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
