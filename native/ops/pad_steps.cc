// Between the packed rows of a ragged batch, [tokens, ...], and a block [batch, steps, ...] in the caller's
// order, 0 past each sequence's length; lib/ops/pad-steps.ts.
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "engine/program.h"
#include "ops/in_parallel.h"
#include "sequence/ragged.h"

namespace recurra {
namespace {

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
    const View &x = run.view(x_), &y = run.view(y_);
    const View &packed = pads ? x : y, &block = pads ? y : x;
    if (packed.shape.empty()) throw Error("ERR_SHAPE", std::string(kOp) + ": a sequence has no rows");
    const Ragged ragged(kOp, run.view(offsets_), run.view(order_), packed.axis(0), false);
    std::vector<int64_t> padded = {ragged.batch(), ragged.steps()};
    padded.insert(padded.end(), packed.shape.begin() + 1, packed.shape.end());
    if (block.shape != padded)
      throw Error("ERR_SHAPE", std::string(kOp) + ": rows of another shape than those of the block");
    const int64_t columns = block.count == 0 ? 0 : block.count / (ragged.batch() * ragged.steps());
    int32_t* lengths = nullptr;
    if (pads) {
      const View& view = run.view(lengths_);
      expect_shape(view, {ragged.batch()}, "padSteps: lengths");
      lengths = view.integers();
    }
    const auto bytes = static_cast<size_t>(columns) * kElementBytes;
    const auto row = [&](const View& of, int64_t index) {
      return static_cast<char*>(of.data) + static_cast<size_t>(index) * bytes;
    };
    in_parallel(run, ragged.batch(), ragged.steps() * columns, [&](Range range) {
      ragged.visit_lengths(range, [&](int64_t rank, int64_t length) {
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
  static constexpr const char* kOp = pads ? "padSteps" : "packSteps";
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
