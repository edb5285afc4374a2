// The activations that a program names: the function and its slope. Which one it is, is asked once per
// vector.
#pragma once

#include "kernels/activation.h"
#include "kernels/lanes.inl.h"
#include "kernels/math.inl.h"

namespace recurra::RECURRA_ISA {

static inline Vec activate(const Activation& f, Vec x) {
  const Vec alpha = Vec::set(f.alpha), beta = Vec::set(f.beta), zero = Vec::zero(), one = Vec::set(1);
  switch (f.kind) {
    case ActivationKind::kAffine:
      return fma(alpha, x, beta);
    case ActivationKind::kElu:
      return select_positive(-x, alpha * expm1(x), x);
    case ActivationKind::kHardSigmoid:
      return min(max(fma(alpha, x, beta), zero), one);
    case ActivationKind::kIdentity:
      return x;
    case ActivationKind::kLeakyRelu:
      return select_positive(-x, alpha * x, x);
    case ActivationKind::kRelu:
      return max(x, zero);
    case ActivationKind::kScaledTanh:
      return alpha * tanh(beta * x);
    case ActivationKind::kSigmoid:
      return sigmoid(x);
    case ActivationKind::kSoftplus:
      return softplus(x);
    case ActivationKind::kSoftsign:
      return x / (one + abs(x));
    case ActivationKind::kTanh:
      return tanh(x);
    case ActivationKind::kThresholdedRelu:
      return select_positive(alpha - x, zero, x);
  }
  return x;
}

// f′(x), where y = f(x)
static inline Vec slope(const Activation& f, Vec x, Vec y) {
  const Vec alpha = Vec::set(f.alpha), zero = Vec::zero(), one = Vec::set(1);
  switch (f.kind) {
    case ActivationKind::kAffine:
      return alpha;
    case ActivationKind::kElu:
      return select_positive(-x, y + alpha, one);
    case ActivationKind::kHardSigmoid:
      return select_positive(y, select_positive(one - y, alpha, zero), zero);
    case ActivationKind::kIdentity:
      return one;
    case ActivationKind::kLeakyRelu:
      return select_positive(-x, alpha, one);
    case ActivationKind::kRelu:
      return select_positive(x, one, zero);
    case ActivationKind::kScaledTanh:
      return alpha * (Vec::set(f.beta) * tanh_slope(tanh(Vec::set(f.beta) * x)));
    case ActivationKind::kSigmoid:
      return sigmoid_slope(y);
    case ActivationKind::kSoftplus:
      return sigmoid(x);
    case ActivationKind::kSoftsign: {
      const Vec share = one / (one + abs(x));
      return share * share;
    }
    case ActivationKind::kTanh:
      return tanh_slope(y);
    case ActivationKind::kThresholdedRelu:
      return select_positive(alpha - x, zero, one);
  }
  return one;
}

static void activation(const Activation& f, const float* x, float* y, int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) { lanes.store(y + i, activate(f, lanes.load(x + i))); });
}

static void activation_gradient(const Activation& f, const float* x, const float* dy, float* dx,
                                int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec v = lanes.load(x + i);
    lanes.store(dx + i, lanes.load(dy + i) * slope(f, v, activate(f, v)));
  });
}

}  // namespace recurra::RECURRA_ISA
