// |x| with its corner rounded, and its gradient; lib/ops/smooth-abs.ts.
#include <cmath>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

float beta_of(const StepSpec& step) {
  const double beta = step.number("beta");
  if (!(beta >= 0) || std::isinf(beta))
    throw Error("ERR_ARGUMENT", step.op() + ": beta must be a number of at least 0");
  return static_cast<float>(beta);
}

class SmoothAbs final : public Operation {
 public:
  explicit SmoothAbs(const StepSpec& step)
      : x_(step.input("x")), y_(step.output("y")), beta_(beta_of(step)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_count(y, x.count, "smoothAbs", "y");
    const auto smooth_abs = run.kernels().elementwise->smooth_abs;
    in_parallel(
        run, x.count, 1,
        [&](Range r) { smooth_abs(beta_, x.real() + r.begin, y.real() + r.begin, r.end - r.begin); }, 16);
  }

 private:
  Buffer x_, y_;
  float beta_;
};

class SmoothAbsGradient final : public Operation {
 public:
  explicit SmoothAbsGradient(const StepSpec& step)
      : x_(step.input("x")), dy_(step.input("dy")), dx_(step.output("x")), beta_(beta_of(step)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &dy = run.view(dy_), &dx = run.view(dx_);
    expect_count(dy, x.count, "smoothAbsGradient", "dy");
    expect_count(dx, x.count, "smoothAbsGradient", "x");
    const auto gradient = run.kernels().elementwise->smooth_abs_gradient;
    const auto part = [&](Range r) {
      gradient(beta_, x.real() + r.begin, dy.real() + r.begin, dx.real() + r.begin, r.end - r.begin);
    };
    in_parallel(run, x.count, 1, part, 16);
  }

 private:
  Buffer x_, dy_, dx_;
  float beta_;
};

constexpr OperationEntry kEntries[] = {
    {"smoothAbs", make_operation<SmoothAbs>},
    {"smoothAbsGradient", make_operation<SmoothAbsGradient>},
};

}  // namespace

extern const OperationList kSmoothAbsOperations;
const OperationList kSmoothAbsOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
