// Normalization over the last axis, and its gradient; lib/ops/layer-norm.ts.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/program.h"
#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

double epsilon_of(const StepSpec& step) {
  const double epsilon = step.number("epsilon");
  if (!(epsilon > 0) || std::isinf(epsilon))
    throw Error("ERR_ARGUMENT", step.op() + ": epsilon must be a positive number");
  return epsilon;
}

// A gain or a shift, which goes along the last axes of x: as many rows of it as there are, over and over.
// None where the buffer is absent.
class Affine {
 public:
  Affine(const Run& run, Buffer buffer, const View& x, const char* what) {
    if (!buffer) return;
    const View& view = run.view(buffer);
    if (view.shape.empty() || view.shape.size() > x.shape.size() ||
        !std::equal(view.shape.rbegin(), view.shape.rend(), x.shape.rbegin()))
      throw Error("ERR_SHAPE", std::string(what) + " has shape " + describe_shape(view.shape) +
                                   ", expected the last axes of " + describe_shape(x.shape));
    data_ = view.real(), rows_ = view.rows(), columns_ = x.axis(-1);
  }
  const float* row(int64_t row) const { return data_ ? data_ + row % rows_ * columns_ : nullptr; }

 private:
  const float* data_ = nullptr;
  int64_t rows_ = 1, columns_ = 0;
};

void expect_axes(const View& x, const std::string& op) {
  if (x.shape.empty()) throw Error("ERR_SHAPE", op + ": x is a scalar, expected at least one axis");
}

class LayerNorm final : public Operation {
 public:
  explicit LayerNorm(const StepSpec& step)
      : x_(step.input("x")),
        gain_(step.optional("gain")),
        shift_(step.optional("shift")),
        y_(step.output("y")),
        epsilon_(epsilon_of(step)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_axes(x, "layerNorm");
    expect_count(y, x.count, "layerNorm", "y");
    const Affine gain(run, gain_, x, "layerNorm: gain"), shift(run, shift_, x, "layerNorm: shift");
    if (x.count == 0) return;
    const int64_t columns = x.axis(-1);
    const auto layer_norm = run.kernels().elementwise->layer_norm;
    in_parallel(run, x.rows(), columns, [&](Range range) {
      for (int64_t row = range.begin; row < range.end; ++row) {
        const int64_t first = row * columns;
        layer_norm(x.real() + first, gain.row(row), shift.row(row), epsilon_, y.real() + first, columns);
      }
    });
  }

 private:
  Buffer x_, gain_, shift_, y_;
  double epsilon_;
};

class LayerNormGradient final : public Operation {
 public:
  explicit LayerNormGradient(const StepSpec& step)
      : x_(step.input("x")),
        gain_(step.optional("gain")),
        dy_(step.input("dy")),
        dx_(step.output("x")),
        epsilon_(epsilon_of(step)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &dy = run.view(dy_), &dx = run.view(dx_);
    expect_axes(x, "layerNormGradient");
    expect_count(dy, x.count, "layerNormGradient", "dy");
    expect_count(dx, x.count, "layerNormGradient", "x");
    const Affine gain(run, gain_, x, "layerNormGradient: gain");
    if (x.count == 0) return;
    const int64_t columns = x.axis(-1);
    const auto gradient = run.kernels().elementwise->layer_norm_gradient;
    in_parallel(run, x.rows(), columns, [&](Range range) {
      for (int64_t row = range.begin; row < range.end; ++row) {
        const int64_t first = row * columns;
        gradient(x.real() + first, gain.row(row), dy.real() + first, epsilon_, dx.real() + first, columns);
      }
    });
  }

 private:
  Buffer x_, gain_, dy_, dx_;
  double epsilon_;
};

constexpr OperationEntry kEntries[] = {
    {"layerNorm", make_operation<LayerNorm>},
    {"layerNormGradient", make_operation<LayerNormGradient>},
};

}  // namespace

extern const OperationList kLayerNormOperations;
const OperationList kLayerNormOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
