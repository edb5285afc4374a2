// A row brought to mean 0 and variance 1, and the gradient of that; lib/ops/layer-norm.ts. Ba, Kiros & Hinton
// 2016.
//
//   x̂ = (x − μ)/√(σ² + ε)    y = x̂⊙gain + shift                     μ, σ²: of the row
//   g = dy⊙gain               dx = (g − mean(g) − x̂·mean(g⊙x̂))/√(σ² + ε)
#pragma once

#include "kernels/lanes.inl.h"
#include "kernels/sum.inl.h"

namespace recurra::RECURRA_ISA {

struct RowMoments {
  double mean, inverse;  // μ and 1/√(σ² + ε)

  RowMoments(const float* x, int64_t count, double epsilon) {
    mean = sum(x, count) / static_cast<double>(count);
    Lanes squares;
    squares.add(x, count, [this](double v) { return (v - mean) * (v - mean); });
    inverse = 1 / __builtin_sqrt(squares.fold() / static_cast<double>(count) + epsilon);
  }
  double normalized(double v) const { return (v - mean) * inverse; }
};

// The same in float: the mean in two parts, of which a large first one leaves nothing of itself behind.
struct RowScale {
  Vec high, low, inverse;

  explicit RowScale(const RowMoments& row)
      : high(Vec::set(static_cast<float>(row.mean))),
        low(Vec::set(static_cast<float>(row.mean - static_cast<float>(row.mean)))),
        inverse(Vec::set(static_cast<float>(row.inverse))) {}
  Vec normalized(Vec v) const { return ((v - high) - low) * inverse; }
};

static void layer_norm(const float* x, const float* gain, const float* shift, double epsilon, float* y,
                       int64_t count) {
  const RowScale row(RowMoments(x, count, epsilon));
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec scaled = gain ? lanes.load(gain + i) : Vec::set(1);
    const Vec shifted = shift ? lanes.load(shift + i) : Vec::zero();
    lanes.store(y + i, fma(row.normalized(lanes.load(x + i)), scaled, shifted));
  });
}

static void layer_norm_gradient(const float* x, const float* gain, const float* dy, double epsilon, float* dx,
                                int64_t count) {
  const RowMoments moments(x, count, epsilon);
  const auto g = [=](int64_t i) { return static_cast<double>(dy[i]) * (gain ? gain[i] : 1.0); };
  Lanes of_g, along_x;
  of_g.add_each(count, g);
  along_x.add_each(count, [&](int64_t i) { return g(i) * moments.normalized(x[i]); });
  const Vec mean = Vec::set(static_cast<float>(of_g.fold() / static_cast<double>(count)));
  const Vec slope = Vec::set(static_cast<float>(along_x.fold() / static_cast<double>(count)));
  const RowScale row(moments);
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec scaled = gain ? lanes.load(gain + i) : Vec::set(1);
    const Vec rest = lanes.load(dy + i) * scaled - mean;
    lanes.store(dx + i, fma(-row.normalized(lanes.load(x + i)), slope, rest) * row.inverse);
  });
}

}  // namespace recurra::RECURRA_ISA
