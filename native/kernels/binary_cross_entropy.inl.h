// Binary cross-entropy of σ(x) against a target y in [0, 1], from x.
//
//   l = w·(p·y·softplus(−x) + (1−y)·softplus(x))        softplus(±x) = max(±x, 0) + ln(1 + e^{−|x|})
//   ∂l/∂x = w·((1−y)·σ(x) − p·y·σ(−x))                  σ(|x|) = 1/(1 + e^{−|x|}), σ(−|x|) = e^{−|x|}·σ(|x|)
#pragma once

#include "kernels/lanes.inl.h"
#include "kernels/math.inl.h"

namespace recurra::RECURRA_ISA {

template <class Some>
static inline Vec load_or_one(Some lanes, const float* values, int64_t i) {
  return values ? lanes.load(values + i) : Vec::set(1);
}

static void binary_cross_entropy(const float* x, const float* y, const float* p, const float* w, float* l,
                                 int64_t count) {
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec score = lanes.load(x + i), target = lanes.load(y + i);
    const Vec tail = log1p(exp(-abs(score)));
    const Vec hit = load_or_one(lanes, p, i) * target * (max(-score, Vec::zero()) + tail);
    const Vec miss = (Vec::set(1) - target) * (max(score, Vec::zero()) + tail);
    lanes.store(l + i, load_or_one(lanes, w, i) * (hit + miss));
  });
}

static void binary_cross_entropy_gradient(const float* x, const float* y, const float* p, const float* w,
                                          float factor, float* dx, int64_t count) {
  for_each_vector(count, [=](int64_t i, auto lanes) {
    const Vec score = lanes.load(x + i), target = lanes.load(y + i);
    const Vec e = exp(-abs(score));
    const Vec large = Vec::set(1) / (Vec::set(1) + e), small = e * large;
    const Vec yes = select_positive(score, large, small), no = select_positive(score, small, large);
    const Vec slope = (Vec::set(1) - target) * yes - load_or_one(lanes, p, i) * target * no;
    lanes.store(dx + i, Vec::set(factor) * (load_or_one(lanes, w, i) * slope));
  });
}

}  // namespace recurra::RECURRA_ISA
