// One float, on any processor.
#pragma once

namespace recurra::scalar {

struct Vec {
  static constexpr int width = 1;
  float v;

  static Vec load(const float* p) { return {*p}; }
  static Vec load(const float* p, int n) { return {n > 0 ? *p : 0.0f}; }
  static Vec set(float x) { return {x}; }
  static Vec zero() { return {0.0f}; }
  void store(float* p) const { *p = v; }
  void store(float* p, int n) const {
    if (n > 0) *p = v;
  }
};

static inline Vec operator+(Vec a, Vec b) { return {a.v + b.v}; }
static inline Vec operator-(Vec a, Vec b) { return {a.v - b.v}; }
static inline Vec operator*(Vec a, Vec b) { return {a.v * b.v}; }
static inline Vec operator/(Vec a, Vec b) { return {a.v / b.v}; }
static inline Vec operator-(Vec a) { return {-a.v}; }

static inline Vec fma(Vec a, Vec b, Vec c) { return {__builtin_fmaf(a.v, b.v, c.v)}; }
static inline Vec min(Vec a, Vec b) { return {b.v < a.v ? b.v : a.v}; }
static inline Vec max(Vec a, Vec b) { return {b.v > a.v ? b.v : a.v}; }
static inline Vec sqrt(Vec a) { return {__builtin_sqrtf(a.v)}; }
static inline Vec abs(Vec a) { return {__builtin_fabsf(a.v)}; }

static inline Vec select_positive(Vec x, Vec a, Vec b) { return {x.v > 0 ? a.v : b.v}; }

static inline Vec round_even(Vec a) { return {__builtin_rintf(a.v)}; }

static inline Vec scale_by_power(Vec a, Vec n) {
  const unsigned bits = (static_cast<unsigned>(__builtin_lrintf(n.v)) + 127u) << 23;
  float power;
  __builtin_memcpy(&power, &bits, sizeof power);
  return {a.v * power};
}

static inline Vec split(Vec a, Vec& power) {
  const int root = 0x3f3504f3;  // √½
  int bits;
  __builtin_memcpy(&bits, &a.v, sizeof bits);
  bits = static_cast<int>(static_cast<unsigned>(bits) - root);
  power = {static_cast<float>(bits >> 23)};
  bits = (bits & 0x007fffff) + root;
  __builtin_memcpy(&a.v, &bits, sizeof bits);
  return a;
}

static inline float sum(Vec a) { return a.v; }
static inline float max_lane(Vec a) { return a.v; }

}  // namespace recurra::scalar
