// Σ v·tanh(q + k) over the features of a query and a key, and what comes back through it.
//
//   t = tanh(q + k)        dq += ds·v·(1 − t²)        dk += ds·v·(1 − t²)        dv += ds·t
#pragma once

#include "kernels/lanes.inl.h"
#include "kernels/math.inl.h"
#include "kernels/sum.inl.h"

namespace recurra::RECURRA_ISA {

static float additive_score(const float* q, const float* k, const float* v, int64_t size) {
  constexpr int64_t at_a_time = 512;
  float terms[at_a_time];
  Lanes sums;
  for (int64_t first = 0; first < size; first += at_a_time) {
    const int64_t count = size - first < at_a_time ? size - first : at_a_time;
    for_each_vector(count, [=, &terms](int64_t i, auto lanes) {
      const int64_t a = first + i;
      lanes.store(terms + i, lanes.load(v + a) * tanh(lanes.load(q + a) + lanes.load(k + a)));
    });
    sums.add(terms, count, [](double term) { return term; });
  }
  return static_cast<float>(sums.fold());
}

static void additive_score_gradient(float ds, const float* q, const float* k, const float* v, float* dq,
                                    float* dk, float* dv, int64_t size) {
  const Vec upstream = Vec::set(ds);
  for_each_vector(size, [=](int64_t i, auto lanes) {
    const Vec t = tanh(lanes.load(q + i) + lanes.load(k + i));
    const Vec slope = upstream * lanes.load(v + i) * fma(-t, t, Vec::set(1));
    lanes.store(dq + i, lanes.load(dq + i) + slope);
    lanes.store(dk + i, lanes.load(dk + i) + slope);
    lanes.store(dv + i, fma(upstream, t, lanes.load(dv + i)));
  });
}

}  // namespace recurra::RECURRA_ISA
