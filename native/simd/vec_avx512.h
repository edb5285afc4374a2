// Sixteen floats in a 512-bit register.
#pragma once

#include <immintrin.h>

namespace recurra::RECURRA_ISA {

struct Vec {
  static constexpr int width = 16;
  __m512 v;

  static Vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static Vec load(const float* p, int n) { return {_mm512_maskz_loadu_ps(first(n), p)}; }
  static Vec set(float x) { return {_mm512_set1_ps(x)}; }
  static Vec zero() { return {_mm512_setzero_ps()}; }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
  void store(float* p, int n) const { _mm512_mask_storeu_ps(p, first(n), v); }

 private:
  static __mmask16 first(int n) { return static_cast<__mmask16>((1u << n) - 1); }
};

static inline Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
static inline Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
static inline Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
static inline Vec operator/(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
static inline Vec operator-(Vec a) { return {_mm512_xor_ps(a.v, _mm512_set1_ps(-0.0f))}; }

static inline Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
// The instructions return their second operand where the operands do not compare.
static inline Vec min(Vec a, Vec b) { return {_mm512_min_ps(b.v, a.v)}; }
static inline Vec max(Vec a, Vec b) { return {_mm512_max_ps(b.v, a.v)}; }
static inline Vec sqrt(Vec a) { return {_mm512_sqrt_ps(a.v)}; }
static inline Vec abs(Vec a) { return {_mm512_andnot_ps(_mm512_set1_ps(-0.0f), a.v)}; }

static inline Vec select_positive(Vec x, Vec a, Vec b) {
  return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(x.v, _mm512_setzero_ps(), _CMP_GT_OQ), b.v, a.v)};
}

static inline Vec round_even(Vec a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

static inline Vec scale_by_power(Vec a, Vec n) {
  const __m512i exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n.v), _mm512_set1_epi32(127));
  return {_mm512_mul_ps(a.v, _mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23)))};
}

static inline Vec split(Vec a, Vec& power) {
  const __m512i root = _mm512_set1_epi32(0x3f3504f3);  // √½
  const __m512i bits = _mm512_sub_epi32(_mm512_castps_si512(a.v), root);
  power = {_mm512_cvtepi32_ps(_mm512_srai_epi32(bits, 23))};
  const __m512i fraction = _mm512_and_si512(bits, _mm512_set1_epi32(0x007fffff));
  return {_mm512_castsi512_ps(_mm512_add_epi32(fraction, root))};
}

// Two bfloat16 to a lane, four bytes to a lane; simd/README.md.
static inline Vec dot_pairs(Vec sum, Vec x, Vec w) {
#ifdef __AVX512BF16__
  return {_mm512_dpbf16_ps(sum.v, (__m512bh)x.v, (__m512bh)w.v)};
#else
  const __m512i high = _mm512_set1_epi32(static_cast<int>(0xffff0000));
  const __m512i xi = _mm512_castps_si512(x.v), wi = _mm512_castps_si512(w.v);
  const auto real = [](__m512i bits) { return _mm512_castsi512_ps(bits); };
  const __m512 second =
      _mm512_fmadd_ps(real(_mm512_and_si512(xi, high)), real(_mm512_and_si512(wi, high)), sum.v);
  return {_mm512_fmadd_ps(real(_mm512_slli_epi32(xi, 16)), real(_mm512_slli_epi32(wi, 16)), second)};
#endif
}

static inline Vec dot_bytes(Vec sum, Vec x, Vec w) {
#ifdef __AVX512VNNI__
  // As _mm512_dpbusd_epi32; compilers would keep a sum twice, as floats and as integers.
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum.v) : "v"(x.v), "v"(w.v));
  return sum;
#else
  const __m512i si = _mm512_castps_si512(sum.v), xi = _mm512_castps_si512(x.v), wi = _mm512_castps_si512(w.v);
  const __m512i even = _mm512_madd_epi16(_mm512_and_si512(xi, _mm512_set1_epi16(0xff)),
                                         _mm512_srai_epi16(_mm512_slli_epi16(wi, 8), 8));
  const __m512i odd = _mm512_madd_epi16(_mm512_srli_epi16(xi, 8), _mm512_srai_epi16(wi, 8));
  return {_mm512_castsi512_ps(_mm512_add_epi32(si, _mm512_add_epi32(even, odd)))};
#endif
}

static inline Vec from_integers(Vec a) { return {_mm512_cvtepi32_ps(_mm512_castps_si512(a.v))}; }

static inline __m512i halves_of(Vec a) {
  const __m512i bits = _mm512_castps_si512(a.v);
  const __m512i even = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(even, _mm512_set1_epi32(0x7fff)));
  const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
  const __mmask16 is_nan = _mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q);
  return _mm512_srli_epi32(_mm512_mask_blend_epi32(is_nan, rounded, quiet), 16);
}

static inline void store_halves(Vec a, void* p) {
  _mm256_storeu_si256(static_cast<__m256i*>(p), _mm512_cvtepi32_epi16(halves_of(a)));
}

static inline void store_pairs(Vec a, Vec b, void* p) {
  _mm512_storeu_si512(p, _mm512_or_si512(halves_of(a), _mm512_slli_epi32(halves_of(b), 16)));
}

static inline void store_bytes(Vec a, void* p) {
  _mm_storeu_si128(static_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a.v)));
}

static inline float sum(Vec a) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static inline float max_lane(Vec a) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

// Eight 64-bit lanes; simd/README.md.
using Words [[gnu::vector_size(64)]] = unsigned long long;
static inline Words multiply_words(Words a, Words b) {
  return (Words)_mm512_mul_epu32((__m512i)a, (__m512i)b);
}

}  // namespace recurra::RECURRA_ISA
