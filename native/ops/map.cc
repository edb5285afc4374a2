// Functions of one element: y = f(x).
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

template <ElementwiseKernels::Map ElementwiseKernels::* function>
class Map final : public Operation {
 public:
  explicit Map(const StepSpec& step) : op_(step.op()), x_(step.input("x")), y_(step.output("y")) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_count(y, x.count, op_, "y");
    const ElementwiseKernels::Map f = run.kernels().elementwise->*function;
    in_parallel(
        run, x.count, 1, [&](Range r) { f(x.real() + r.begin, y.real() + r.begin, r.end - r.begin); }, 16);
  }

 private:
  std::string op_;
  Buffer x_, y_;
};

// y = factor·x + shift
class Scale final : public Operation {
 public:
  explicit Scale(const StepSpec& step)
      : x_(step.input("x")),
        y_(step.output("y")),
        factor_(static_cast<float>(step.number("factor"))),
        shift_(static_cast<float>(step.number("shift"))) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_count(y, x.count, "scale", "y");
    const auto scale = run.kernels().elementwise->scale;
    in_parallel(
        run, x.count, 1,
        [&](Range r) { scale(factor_, shift_, x.real() + r.begin, y.real() + r.begin, r.end - r.begin); },
        16);
  }

 private:
  Buffer x_, y_;
  float factor_, shift_;
};

constexpr OperationEntry kEntries[] = {
    {"exp", make_operation<Map<&ElementwiseKernels::exp>>},
    {"log", make_operation<Map<&ElementwiseKernels::log>>},
    {"positive", make_operation<Map<&ElementwiseKernels::positive>>},
    {"relu", make_operation<Map<&ElementwiseKernels::relu>>},
    {"scale", make_operation<Scale>},
    {"sigmoid", make_operation<Map<&ElementwiseKernels::sigmoid>>},
    {"sqrt", make_operation<Map<&ElementwiseKernels::sqrt>>},
    {"square", make_operation<Map<&ElementwiseKernels::square>>},
    {"tanh", make_operation<Map<&ElementwiseKernels::tanh>>},
};

}  // namespace

extern const OperationList kMapOperations;
const OperationList kMapOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
