// x held between two bounds, and its gradient; lib/ops/clip.ts.
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

struct Bounds {
  explicit Bounds(const StepSpec& step)
      : low(static_cast<float>(step.number("low"))), high(static_cast<float>(step.number("high"))) {
    if (!(low <= high)) throw Error("ERR_ARGUMENT", step.op() + ": low must be a number of at most high");
  }
  float low, high;
};

class Clip final : public Operation {
 public:
  explicit Clip(const StepSpec& step) : x_(step.input("x")), y_(step.output("y")), bounds_(step) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_count(y, x.count, "clip", "y");
    const auto clip = run.kernels().elementwise->clip;
    const auto part = [&](Range r) {
      clip(bounds_.low, bounds_.high, x.real() + r.begin, y.real() + r.begin, r.end - r.begin);
    };
    in_parallel(run, x.count, 1, part, 16);
  }

 private:
  Buffer x_, y_;
  Bounds bounds_;
};

class ClipGradient final : public Operation {
 public:
  explicit ClipGradient(const StepSpec& step)
      : x_(step.input("x")), dy_(step.input("dy")), dx_(step.output("x")), bounds_(step) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &dy = run.view(dy_), &dx = run.view(dx_);
    expect_count(dy, x.count, "clipGradient", "dy");
    expect_count(dx, x.count, "clipGradient", "x");
    const auto gradient = run.kernels().elementwise->clip_gradient;
    const auto part = [&](Range r) {
      gradient(bounds_.low, bounds_.high, x.real() + r.begin, dy.real() + r.begin, dx.real() + r.begin,
               r.end - r.begin);
    };
    in_parallel(run, x.count, 1, part, 16);
  }

 private:
  Buffer x_, dy_, dx_;
  Bounds bounds_;
};

constexpr OperationEntry kEntries[] = {
    {"clip", make_operation<Clip>},
    {"clipGradient", make_operation<ClipGradient>},
};

}  // namespace

extern const OperationList kClipOperations;
const OperationList kClipOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
