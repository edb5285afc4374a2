// One float, on any processor.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace recurra::scalar {

// a·b + c with one rounding. Where the compiler may not count on the processor there is no asking the C
// library: that of Windows rounds more than once.
static inline float fused(float a, float b, float c) {
#if defined(__FP_FAST_FMAF)
  return __builtin_fmaf(a, b, c);
#else
  const double product = static_cast<double>(a) * static_cast<double>(b), addend = static_cast<double>(c);
  double sum = product + addend;  // the product is exact, this is not
  unsigned long long bits;
  __builtin_memcpy(&bits, &sum, sizeof bits);
  // Midway between two floats, or a float: what the sum has lost decides. It is made odd, away from that.
  // Boldo and Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding
  // to odd".
  if ((bits & 0x0fffffff) == 0) {
    const double of_addend = sum - product;
    const double lost = (product - (sum - of_addend)) + (addend - of_addend);  // exactly: Knuth's two-sum
    if (lost > 0 || lost < 0) bits += (lost > 0) == (sum > 0) ? 1 : -1ull;     // neither where not finite
    __builtin_memcpy(&sum, &bits, sizeof sum);
  }
  return static_cast<float>(sum);
#endif
}

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

static inline Vec fma(Vec a, Vec b, Vec c) { return {fused(a.v, b.v, c.v)}; }
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

// Two bfloat16 to a lane, four bytes to a lane; simd/README.md.
static inline unsigned bits_of(float v) {
  unsigned bits;
  __builtin_memcpy(&bits, &v, sizeof bits);
  return bits;
}
static inline float float_of(unsigned bits) {
  float v;
  __builtin_memcpy(&v, &bits, sizeof v);
  return v;
}

static inline Vec dot_pairs(Vec sum, Vec x, Vec w) {
  const unsigned xi = bits_of(x.v), wi = bits_of(w.v);
  const float second = fused(float_of(xi & 0xffff0000), float_of(wi & 0xffff0000), sum.v);
  return {fused(float_of(xi << 16), float_of(wi << 16), second)};
}

static inline Vec dot_bytes(Vec sum, Vec x, Vec w) {
  unsigned char xi[4];
  signed char wi[4];
  __builtin_memcpy(xi, &x.v, sizeof xi);
  __builtin_memcpy(wi, &w.v, sizeof wi);
  const int four = xi[0] * wi[0] + xi[1] * wi[1] + xi[2] * wi[2] + xi[3] * wi[3];
  return {float_of(bits_of(sum.v) + static_cast<unsigned>(four))};
}

static inline Vec from_integers(Vec a) { return {static_cast<float>(static_cast<int>(bits_of(a.v)))}; }

static inline unsigned half_of(Vec a) {
  const unsigned bits = bits_of(a.v);
  return (a.v == a.v ? bits + 0x7fff + (bits >> 16 & 1) : bits | 0x400000) >> 16;
}

static inline void store_halves(Vec a, void* p) {
  const unsigned short half = static_cast<unsigned short>(half_of(a));
  __builtin_memcpy(p, &half, sizeof half);
}

static inline void store_pairs(Vec a, Vec b, void* p) {
  const unsigned pair = half_of(a) | half_of(b) << 16;
  __builtin_memcpy(p, &pair, sizeof pair);
}

static inline void store_bytes(Vec a, void* p) {
  *static_cast<unsigned char*>(p) = static_cast<unsigned char>(__builtin_lrintf(a.v));
}

static inline float sum(Vec a) { return a.v; }
static inline float max_lane(Vec a) { return a.v; }

// Two 64-bit lanes; simd/README.md. What the compiler makes of them is slow where it may use an instruction.
using Words [[gnu::vector_size(16)]] = unsigned long long;
static inline Words multiply_words(Words a, Words b) {
#ifdef __SSE2__
  return (Words)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
  return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

}  // namespace recurra::scalar
