// yᵢ = e^{xᵢ} / Σⱼ e^{xⱼ} over the last axis.
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

class Softmax final : public Operation {
 public:
  explicit Softmax(const StepSpec& step) : x_(step.input("x")), y_(step.output("y")) {}

  void run(Run& run) override {
    const View x = run.view(x_), y = run.view(y_);
    if (x.shape.empty()) throw Error("ERR_SHAPE", "softmax: x is a scalar, expected at least one axis");
    expect_count(y, x.count, "softmax", "y");
    const int64_t columns = x.axis(-1);
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    in_parallel(run, x.rows(), columns, [&](Range range) {
      for (int64_t row = range.begin; row < range.end; ++row) {
        const float* scores = x.real() + row * columns;
        kernels.softmax(scores, kernels.largest(scores, columns), 1, y.real() + row * columns, columns);
      }
    });
  }

 private:
  Buffer x_, y_;
};

constexpr OperationEntry kEntries[] = {{"softmax", make_operation<Softmax>}};

}  // namespace

extern const OperationList kSoftmaxOperations;
const OperationList kSoftmaxOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
