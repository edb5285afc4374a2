// y = a ∘ b, with shapes that broadcast as in NumPy.
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/in_parallel.h"
#include "ops/stretch.h"

namespace recurra {
namespace {

template <ElementwiseKernels::Arithmetic ElementwiseKernels::* function>
class Arithmetic final : public Operation {
 public:
  explicit Arithmetic(const StepSpec& step)
      : op_(step.op()), a_(step.input("a")), b_(step.input("b")), y_(step.output("y")) {}

  void run(Run& run) override {
    const View &a = run.view(a_), &b = run.view(b_), &y = run.view(y_);
    const Stretched shape = stretch(y.shape, a.shape, b.shape, op_);
    const bool a_moves = shape.step[0][0] != 0, b_moves = shape.step[0][1] != 0;
    if (!a_moves && !b_moves && shape.extent[0] > 1)
      throw Error("ERR_SHAPE", op_ + ": y has an axis that neither a nor b has");
    const ElementwiseKernels::Arithmetic& f = run.kernels().elementwise->*function;
    const auto part = [&](Range range) {
      visit_runs(shape, range, [&](int64_t first, int64_t length, int64_t p, int64_t q) {
        if (!a_moves)
          f.left(a.real()[p], b.real() + q, y.real() + first, length);
        else if (!b_moves)
          f.right(a.real() + p, b.real()[q], y.real() + first, length);
        else
          f.both(a.real() + p, b.real() + q, y.real() + first, length);
      });
    };
    in_parallel(run, y.count, 1, part, 16);
  }

 private:
  std::string op_;
  Buffer a_, b_, y_;
};

constexpr OperationEntry kEntries[] = {
    {"add", make_operation<Arithmetic<&ElementwiseKernels::add>>},
    {"divide", make_operation<Arithmetic<&ElementwiseKernels::divide>>},
    {"multiply", make_operation<Arithmetic<&ElementwiseKernels::multiply>>},
    {"subtract", make_operation<Arithmetic<&ElementwiseKernels::subtract>>},
};

}  // namespace

extern const OperationList kArithmeticOperations;
const OperationList kArithmeticOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
