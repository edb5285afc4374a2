// Between the packed rows of a ragged batch, [tokens, ...], and a block [batch, steps, ...] in the caller's
// order, 0 past each sequence's length; lib/ops/pad-steps.ts.
#include <cstring>
#include <iterator>
#include <vector>

#include "engine/program.h"
#include "ops/in_parallel.h"
#include "sequence/ragged.h"

namespace recurra {
namespace {

// Calls visit(rank, length) for the ranks in `range`.
template <class Visit>
void visit_lengths(const Ragged& ragged, Range range, const Visit& visit) {
  int64_t length = ragged.steps();  // ranks are sorted by length, longest first
  for (int64_t rank = range.begin; rank < range.end; ++rank) {
    while (length > 0 && ragged.active(length - 1) <= rank) --length;
    visit(rank, length);
  }
}

template <bool pads>
class Steps final : public Operation {
 public:
  explicit Steps(const StepSpec& step)
      : x_(step.any_input("x")),
        y_(step.any_output("y")),
        lengths_(pads ? step.output("lengths", DType::kInt32) : Buffer{}),
        offsets_(step.input("offsets", DType::kInt32)),
        order_(step.input("order", DType::kInt32)) {
    if (step.dtype(x_) != step.dtype(y_))
      throw Error("ERR_ARGUMENT", step.op() + ": x and y are of different types");
  }

  void run(Run& run) override {
    const View x = run.view(x_), y = run.view(y_);
    const View &packed = pads ? x : y, &block = pads ? y : x;
    if (packed.shape.empty()) throw Error("ERR_SHAPE", "padSteps: a sequence has no rows");
    const Ragged ragged(run.view(offsets_), run.view(order_), packed.axis(0), false);
    std::vector<int64_t> padded = {ragged.batch(), ragged.steps()};
    padded.insert(padded.end(), packed.shape.begin() + 1, packed.shape.end());
    if (block.shape != padded)
      throw Error("ERR_SHAPE", "padSteps: rows of another shape than those of the block");
    const int64_t columns = block.count == 0 ? 0 : block.count / (ragged.batch() * ragged.steps());
    int32_t* lengths = nullptr;
    if (pads) {
      const View view = run.view(lengths_);
      expect_shape(view, {ragged.batch()}, "padSteps: lengths");
      lengths = view.integers();
    }
    const auto bytes = static_cast<size_t>(columns) * kElementBytes;
    const auto row = [&](const View& of, int64_t index) {
      return static_cast<char*>(of.data) + static_cast<size_t>(index) * bytes;
    };
    in_parallel(run, ragged.batch(), ragged.steps() * columns, [&](Range range) {
      visit_lengths(ragged, range, [&](int64_t rank, int64_t length) {
        const int64_t caller = ragged.caller(rank), first = caller * ragged.steps();
        if (pads) lengths[caller] = static_cast<int32_t>(length);
        if (bytes == 0) return;
        for (int64_t t = 0; t < length; ++t) {
          const int64_t token = ragged.first(t) + rank;
          std::memcpy(row(y, pads ? first + t : token), row(x, pads ? token : first + t), bytes);
        }
        const auto rest = static_cast<size_t>(ragged.steps() - length) * bytes;
        if (pads && rest > 0) std::memset(row(y, first + length), 0, rest);
      });
    });
  }

 private:
  Buffer x_, y_, lengths_, offsets_, order_;
};

constexpr OperationEntry kEntries[] = {
    {"padSteps", make_operation<Steps<true>>},
    {"packSteps", make_operation<Steps<false>>},
};

}  // namespace

extern const OperationList kPadStepsOperations;
const OperationList kPadStepsOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
