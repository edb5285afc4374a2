// Exponential, logarithm and the two squashing functions, over the vector type and so the same bits on every
// instruction set: every rounding is written out. NaN passes; bounds on the error are in units in the last
// place.
#pragma once

#include "simd/vec.h"

namespace recurra::RECURRA_ISA {

// eˣ = 2ⁿ·(1 + q) for |x| <= 104, returning q: n = round(x·log₂e), r = x − n·ln 2, q = eʳ − 1. The polynomial
// is the minimax fit of (eʳ − 1 − r)/r² on |r| <= ½·ln 2, ln 2 comes in two parts of which n times the first
// is exact.
static inline Vec exp_parts(Vec x, Vec& n) {
  n = round_even(x * Vec::set(1.44269504f));
  Vec r = fma(n, Vec::set(-0.693145752f), x);
  r = fma(n, Vec::set(-1.42860677e-6f), r);
  Vec p = Vec::set(0.0013882508501410484f);
  p = fma(p, r, Vec::set(0.008366580121219158f));
  p = fma(p, r, Vec::set(0.04166720062494278f));
  p = fma(p, r, Vec::set(0.1666654348373413f));
  p = fma(p, r, Vec::set(0.4999999701976776f));
  return fma(r * r, p, r);
}

// eˣ to 1.1 ulp; infinity above 88.73, and 0 below −103.98. 2ⁿ is applied in two halves, so that neither
// overflows early.
static inline Vec exp(Vec x) {
  Vec n;
  const Vec q = exp_parts(min(max(x, Vec::set(-104)), Vec::set(89)), n);
  const Vec half = round_even(n * Vec::set(0.5f));
  return scale_by_power(scale_by_power(Vec::set(1) + q, half), n - half);
}

// 1 / (1 + e⁻ˣ) to 2.5 ulp. Below the bound the result is a denormal number.
static inline Vec sigmoid(Vec x) {
  Vec n;
  const Vec q = exp_parts(min(max(-x, Vec::set(-87)), Vec::set(88.3f)), n);
  return Vec::set(1) / (Vec::set(1) + scale_by_power(Vec::set(1) + q, n));
}

// a − a², its derivative in terms of its value.
static inline Vec sigmoid_slope(Vec a) { return fma(-a, a, a); }

// tanh x = m/(m + 2) with m = e²ˣ − 1 = 2ⁿ·q + (2ⁿ − 1), to 2.5 ulp: nothing cancels near 0. Beyond ±10 it is
// ±1.
static inline Vec tanh(Vec x) {
  const Vec bounded = min(max(x, Vec::set(-10)), Vec::set(10));
  Vec n;
  const Vec q = exp_parts(bounded + bounded, n);
  const Vec m = scale_by_power(q, n) + (scale_by_power(Vec::set(1), n) - Vec::set(1));
  return m / (m + Vec::set(2));
}

// 1 − a², its derivative in terms of its value.
static inline Vec tanh_slope(Vec a) { return fma(-a, a, Vec::set(1)); }

// eˣ − 1 for x <= 88, to 2 ulp: nothing cancels near 0.
static inline Vec expm1(Vec x) {
  Vec n;
  const Vec q = exp_parts(max(x, Vec::set(-87)), n);
  return scale_by_power(q, n) + (scale_by_power(Vec::set(1), n) - Vec::set(1));
}

// ln x for normal x > 0, with x = m·2ⁿ: ln x = n·ln 2 + ln(1 + f), s = f/(2 + f), ln(1 + f) = 2·atanh(s) =
// f − s·(f − R), R = s²·P(s²) the minimax fit of 2·atanh(s)/s − 2.
static inline Vec log_normal(Vec x) {
  Vec n;
  const Vec f = split(x, n) - Vec::set(1);
  const Vec s = f / (f + Vec::set(2));
  const Vec z = s * s;
  Vec p = Vec::set(0.29871729016304016f);
  p = fma(p, z, Vec::set(0.3997754156589508f));
  p = fma(p, z, Vec::set(0.6666677594184875f));
  const Vec low = fma(n, Vec::set(1.42860677e-6f), -(s * (f - z * p)));
  return fma(n, Vec::set(0.693145752f), f + low);
}

// ln x to 1 ulp: −∞ at 0, NaN below.
static inline Vec log(Vec x) {
  const Vec huge = Vec::set(3.40282347e38f), infinity = Vec::set(__builtin_inff());
  const Vec large = x - Vec::set(0x1p-100f);  // smaller ones may be denormal
  const Vec shift = select_positive(large, Vec::zero(), Vec::set(25));
  const Vec y =
      fma(shift, Vec::set(-0.693147182f), log_normal(select_positive(large, x, x * Vec::set(0x1p25f))));
  const Vec not_positive = select_positive(-x, Vec::set(__builtin_nanf("")), x - infinity);
  return select_positive(x - huge, x, select_positive(x, y, not_positive));
}

// ln(1 + x) for 0 <= x < 2²⁴, to 1.5 ulp: what 1 + x rounds off is added back.
static inline Vec log1p(Vec x) {
  const Vec u = Vec::set(1) + x;
  return log_normal(u) + (x - (u - Vec::set(1))) / u;
}

// ln(1 + eˣ), without overflow and, where it is small, to the precision of eˣ.
static inline Vec softplus(Vec x) { return max(x, Vec::zero()) + log1p(exp(-abs(x))); }

}  // namespace recurra::RECURRA_ISA
