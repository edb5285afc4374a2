// Eight floats in a 256-bit register.
#pragma once

#include <immintrin.h>

namespace recurra::avx2 {

struct Vec {
  static constexpr int width = 8;
  __m256 v;

  static Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Vec load(const float* p, int n) { return {_mm256_maskload_ps(p, first(n))}; }
  static Vec set(float x) { return {_mm256_set1_ps(x)}; }
  static Vec zero() { return {_mm256_setzero_ps()}; }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void store(float* p, int n) const { _mm256_maskstore_ps(p, first(n), v); }

 private:
  static __m256i first(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
};

static inline Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
static inline Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
static inline Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
static inline Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
static inline Vec operator-(Vec a) { return {_mm256_xor_ps(a.v, _mm256_set1_ps(-0.0f))}; }

static inline Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
// The instructions return their second operand where the operands do not compare.
static inline Vec min(Vec a, Vec b) { return {_mm256_min_ps(b.v, a.v)}; }
static inline Vec max(Vec a, Vec b) { return {_mm256_max_ps(b.v, a.v)}; }
static inline Vec sqrt(Vec a) { return {_mm256_sqrt_ps(a.v)}; }
static inline Vec abs(Vec a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }

static inline Vec select_positive(Vec x, Vec a, Vec b) {
  return {_mm256_blendv_ps(b.v, a.v, _mm256_cmp_ps(x.v, _mm256_setzero_ps(), _CMP_GT_OQ))};
}

static inline Vec round_even(Vec a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

static inline Vec scale_by_power(Vec a, Vec n) {
  const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127));
  return {_mm256_mul_ps(a.v, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)))};
}

static inline Vec split(Vec a, Vec& power) {
  const __m256i root = _mm256_set1_epi32(0x3f3504f3);  // √½
  const __m256i bits = _mm256_sub_epi32(_mm256_castps_si256(a.v), root);
  power = {_mm256_cvtepi32_ps(_mm256_srai_epi32(bits, 23))};
  const __m256i fraction = _mm256_and_si256(bits, _mm256_set1_epi32(0x007fffff));
  return {_mm256_castsi256_ps(_mm256_add_epi32(fraction, root))};
}

// Two bfloat16 to a lane, four bytes to a lane; simd/README.md.
static inline Vec dot_pairs(Vec sum, Vec x, Vec w) {
  const __m256i high = _mm256_set1_epi32(static_cast<int>(0xffff0000));
  const __m256i xi = _mm256_castps_si256(x.v), wi = _mm256_castps_si256(w.v);
  const auto real = [](__m256i bits) { return _mm256_castsi256_ps(bits); };
  const __m256 second =
      _mm256_fmadd_ps(real(_mm256_and_si256(xi, high)), real(_mm256_and_si256(wi, high)), sum.v);
  return {_mm256_fmadd_ps(real(_mm256_slli_epi32(xi, 16)), real(_mm256_slli_epi32(wi, 16)), second)};
}

static inline Vec dot_bytes(Vec sum, Vec x, Vec w) {
  const __m256i si = _mm256_castps_si256(sum.v), xi = _mm256_castps_si256(x.v), wi = _mm256_castps_si256(w.v);
  const __m256i even = _mm256_madd_epi16(_mm256_and_si256(xi, _mm256_set1_epi16(0xff)),
                                         _mm256_srai_epi16(_mm256_slli_epi16(wi, 8), 8));
  const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(xi, 8), _mm256_srai_epi16(wi, 8));
  return {_mm256_castsi256_ps(_mm256_add_epi32(si, _mm256_add_epi32(even, odd)))};
}

static inline Vec from_integers(Vec a) { return {_mm256_cvtepi32_ps(_mm256_castps_si256(a.v))}; }

static inline __m256i halves_of(Vec a) {
  const __m256i bits = _mm256_castps_si256(a.v);
  const __m256i even = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i rounded = _mm256_add_epi32(bits, _mm256_add_epi32(even, _mm256_set1_epi32(0x7fff)));
  const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const __m256 is_nan = _mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q);
  return _mm256_srli_epi32(_mm256_blendv_epi8(rounded, quiet, _mm256_castps_si256(is_nan)), 16);
}

static inline void store_halves(Vec a, void* p) {
  const __m256i half = halves_of(a);
  const __m128i low = _mm256_castsi256_si128(half), high = _mm256_extracti128_si256(half, 1);
  _mm_storeu_si128(static_cast<__m128i*>(p), _mm_packus_epi32(low, high));
}

static inline void store_pairs(Vec a, Vec b, void* p) {
  _mm256_storeu_si256(static_cast<__m256i*>(p),
                      _mm256_or_si256(halves_of(a), _mm256_slli_epi32(halves_of(b), 16)));
}

static inline void store_bytes(Vec a, void* p) {
  const __m256i integers = _mm256_cvtps_epi32(a.v);
  const __m128i low = _mm256_castsi256_si128(integers), high = _mm256_extracti128_si256(integers, 1);
  const __m128i words = _mm_packus_epi32(low, high);
  _mm_storel_epi64(static_cast<__m128i*>(p), _mm_packus_epi16(words, words));
}

static inline float sum(Vec a) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

static inline float max_lane(Vec a) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

// Four 64-bit lanes; simd/README.md.
using Words [[gnu::vector_size(32)]] = unsigned long long;
static inline Words multiply_words(Words a, Words b) {
  return (Words)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}

}  // namespace recurra::avx2
