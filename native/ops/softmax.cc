// yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ} over the last axis, as far as it counts; lib/ops/softmax.ts.
#include <algorithm>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

class Softmax final : public Operation {
 public:
  explicit Softmax(const StepSpec& step)
      : x_(step.input("x")), lengths_(step.optional("lengths", DType::kInt32)), y_(step.output("y")) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    if (x.shape.empty()) throw Error("ERR_SHAPE", "softmax: x is a scalar, expected at least one axis");
    expect_count(y, x.count, "softmax", "y");
    const int64_t columns = x.axis(-1), rows = x.rows();
    const int32_t* lengths = nullptr;
    int64_t rows_per_length = 1;
    if (lengths_ && x.count > 0) {
      const View& given = run.view(lengths_);
      expect_shape(given, {x.axis(0)}, "softmax: lengths");
      expect_indices(given, 0, columns + 1, "softmax: lengths");
      if (x.shape.size() < 2) throw Error("ERR_SHAPE", "softmax: lengths are of the last of several axes");
      lengths = given.integers();
      rows_per_length = rows / x.axis(0);
    }
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    in_parallel(run, rows, columns, [&](Range range) {
      for (int64_t row = range.begin; row < range.end; ++row) {
        const int64_t count = lengths ? lengths[row / rows_per_length] : columns;
        const float* scores = x.real() + row * columns;
        float* weights = y.real() + row * columns;
        if (count > 0) kernels.softmax(scores, kernels.largest(scores, count), 1, weights, count);
        std::fill(weights + count, weights + columns, 0.0f);
      }
    });
  }

 private:
  Buffer x_, lengths_, y_;
};

constexpr OperationEntry kEntries[] = {{"softmax", make_operation<Softmax>}};

}  // namespace

extern const OperationList kSoftmaxOperations;
const OperationList kSoftmaxOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
