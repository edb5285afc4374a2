// Four floats in a 128-bit vector of WebAssembly. Its baseline has no fused multiply-add: `fma` rounds twice
// here, so that results agree with those of the other instruction sets to rounding and not in every bit.
#pragma once

#include <wasm_simd128.h>

namespace recurra::wasm {

struct Vec {
  static constexpr int width = 4;
  v128_t v;

  static Vec load(const float* p) { return {wasm_v128_load(p)}; }
  static Vec load(const float* p, int n) {
    if (n >= 4) return load(p);
    v128_t v = wasm_f32x4_const_splat(0);
    if (n > 0) v = wasm_v128_load32_lane(p, v, 0);
    if (n > 1) v = wasm_v128_load32_lane(p + 1, v, 1);
    if (n > 2) v = wasm_v128_load32_lane(p + 2, v, 2);
    return {v};
  }
  static Vec set(float x) { return {wasm_f32x4_splat(x)}; }
  static Vec zero() { return {wasm_f32x4_const_splat(0)}; }
  void store(float* p) const { wasm_v128_store(p, v); }
  void store(float* p, int n) const {
    if (n >= 4) return store(p);
    if (n > 0) wasm_v128_store32_lane(p, v, 0);
    if (n > 1) wasm_v128_store32_lane(p + 1, v, 1);
    if (n > 2) wasm_v128_store32_lane(p + 2, v, 2);
  }
};

static inline Vec operator+(Vec a, Vec b) { return {wasm_f32x4_add(a.v, b.v)}; }
static inline Vec operator-(Vec a, Vec b) { return {wasm_f32x4_sub(a.v, b.v)}; }
static inline Vec operator*(Vec a, Vec b) { return {wasm_f32x4_mul(a.v, b.v)}; }
static inline Vec operator/(Vec a, Vec b) { return {wasm_f32x4_div(a.v, b.v)}; }
static inline Vec operator-(Vec a) { return {wasm_f32x4_neg(a.v)}; }

static inline Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
// pmin(x, y) is y < x ? y : x, pmax(x, y) is x < y ? y : x.
static inline Vec min(Vec a, Vec b) { return {wasm_f32x4_pmin(a.v, b.v)}; }
static inline Vec max(Vec a, Vec b) { return {wasm_f32x4_pmax(a.v, b.v)}; }
static inline Vec sqrt(Vec a) { return {wasm_f32x4_sqrt(a.v)}; }
static inline Vec abs(Vec a) { return {wasm_f32x4_abs(a.v)}; }

static inline Vec select_positive(Vec x, Vec a, Vec b) {
  return {wasm_v128_bitselect(a.v, b.v, wasm_f32x4_gt(x.v, wasm_f32x4_const_splat(0)))};
}

static inline Vec round_even(Vec a) { return {wasm_f32x4_nearest(a.v)}; }

static inline Vec scale_by_power(Vec a, Vec n) {
  const v128_t exponent = wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n.v), wasm_i32x4_const_splat(127));
  return {wasm_f32x4_mul(a.v, wasm_i32x4_shl(exponent, 23))};
}

static inline Vec split(Vec a, Vec& power) {
  const v128_t root = wasm_i32x4_const_splat(0x3f3504f3);  // √½
  const v128_t bits = wasm_i32x4_sub(a.v, root);
  power = {wasm_f32x4_convert_i32x4(wasm_i32x4_shr(bits, 23))};
  return {wasm_i32x4_add(wasm_v128_and(bits, wasm_i32x4_const_splat(0x007fffff)), root)};
}

// Two bfloat16 to a lane, four bytes to a lane; simd/README.md.
static inline Vec dot_pairs(Vec sum, Vec x, Vec w) {
  const v128_t high = wasm_i32x4_const_splat(static_cast<int>(0xffff0000));
  const Vec second = fma(Vec{wasm_v128_and(x.v, high)}, Vec{wasm_v128_and(w.v, high)}, sum);
  return fma(Vec{wasm_i32x4_shl(x.v, 16)}, Vec{wasm_i32x4_shl(w.v, 16)}, second);
}

static inline Vec dot_bytes(Vec sum, Vec x, Vec w) {
  const v128_t even = wasm_i32x4_dot_i16x8(wasm_v128_and(x.v, wasm_i16x8_const_splat(0xff)),
                                           wasm_i16x8_shr(wasm_i16x8_shl(w.v, 8), 8));
  const v128_t odd = wasm_i32x4_dot_i16x8(wasm_u16x8_shr(x.v, 8), wasm_i16x8_shr(w.v, 8));
  return {wasm_i32x4_add(sum.v, wasm_i32x4_add(even, odd))};
}

static inline Vec from_integers(Vec a) { return {wasm_f32x4_convert_i32x4(a.v)}; }

static inline v128_t halves_of(Vec a) {
  const v128_t even = wasm_v128_and(wasm_u32x4_shr(a.v, 16), wasm_i32x4_const_splat(1));
  const v128_t rounded = wasm_i32x4_add(a.v, wasm_i32x4_add(even, wasm_i32x4_const_splat(0x7fff)));
  const v128_t quiet = wasm_v128_or(a.v, wasm_i32x4_const_splat(0x400000));
  return wasm_u32x4_shr(wasm_v128_bitselect(rounded, quiet, wasm_f32x4_eq(a.v, a.v)), 16);
}

static inline void store_halves(Vec a, void* p) {
  const v128_t half = halves_of(a);
  wasm_v128_store64_lane(p, wasm_u16x8_narrow_i32x4(half, half), 0);
}

static inline void store_pairs(Vec a, Vec b, void* p) {
  wasm_v128_store(p, wasm_v128_or(halves_of(a), wasm_i32x4_shl(halves_of(b), 16)));
}

static inline void store_bytes(Vec a, void* p) {
  const v128_t integers = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(a.v));
  const v128_t words = wasm_i16x8_narrow_i32x4(integers, integers);
  wasm_v128_store32_lane(p, wasm_u8x16_narrow_i16x8(words, words), 0);
}

static inline float sum(Vec a) {
  const v128_t two = wasm_f32x4_add(a.v, wasm_i32x4_shuffle(a.v, a.v, 2, 3, 2, 3));
  return wasm_f32x4_extract_lane(two, 0) + wasm_f32x4_extract_lane(two, 1);
}

static inline float max_lane(Vec a) {
  const v128_t two = wasm_f32x4_max(a.v, wasm_i32x4_shuffle(a.v, a.v, 2, 3, 2, 3));
  return wasm_f32x4_extract_lane(wasm_f32x4_max(two, wasm_i32x4_shuffle(two, two, 1, 1, 1, 1)), 0);
}

// Two 64-bit lanes; simd/README.md.
using Words [[gnu::vector_size(16)]] = unsigned long long;
static inline Words multiply_words(Words a, Words b) { return (a & 0xffffffff) * (b & 0xffffffff); }

}  // namespace recurra::wasm
