// Four floats in a 128-bit register.
#pragma once

#include <arm_neon.h>

namespace recurra::neon {

struct Vec {
  static constexpr int width = 4;
  float32x4_t v;

  static Vec load(const float* p) { return {vld1q_f32(p)}; }
  static Vec load(const float* p, int n) {
    if (n >= 4) return load(p);
    float32x4_t v = vdupq_n_f32(0);
    if (n > 0) v = vld1q_lane_f32(p, v, 0);
    if (n > 1) v = vld1q_lane_f32(p + 1, v, 1);
    if (n > 2) v = vld1q_lane_f32(p + 2, v, 2);
    return {v};
  }
  static Vec set(float x) { return {vdupq_n_f32(x)}; }
  static Vec zero() { return {vdupq_n_f32(0)}; }
  void store(float* p) const { vst1q_f32(p, v); }
  void store(float* p, int n) const {
    if (n >= 4) return store(p);
    if (n > 0) vst1q_lane_f32(p, v, 0);
    if (n > 1) vst1q_lane_f32(p + 1, v, 1);
    if (n > 2) vst1q_lane_f32(p + 2, v, 2);
  }
};

static inline Vec operator+(Vec a, Vec b) { return {vaddq_f32(a.v, b.v)}; }
static inline Vec operator-(Vec a, Vec b) { return {vsubq_f32(a.v, b.v)}; }
static inline Vec operator*(Vec a, Vec b) { return {vmulq_f32(a.v, b.v)}; }
static inline Vec operator/(Vec a, Vec b) { return {vdivq_f32(a.v, b.v)}; }
static inline Vec operator-(Vec a) { return {vnegq_f32(a.v)}; }

static inline Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
// As on x86 the result is `a` where the operands do not compare; the instructions would order −0 before +0.
static inline Vec min(Vec a, Vec b) { return {vbslq_f32(vcltq_f32(b.v, a.v), b.v, a.v)}; }
static inline Vec max(Vec a, Vec b) { return {vbslq_f32(vcgtq_f32(b.v, a.v), b.v, a.v)}; }
static inline Vec sqrt(Vec a) { return {vsqrtq_f32(a.v)}; }
static inline Vec abs(Vec a) { return {vabsq_f32(a.v)}; }

static inline Vec select_positive(Vec x, Vec a, Vec b) { return {vbslq_f32(vcgtzq_f32(x.v), a.v, b.v)}; }

static inline Vec round_even(Vec a) { return {vrndnq_f32(a.v)}; }

static inline Vec scale_by_power(Vec a, Vec n) {
  const int32x4_t exponent = vaddq_s32(vcvtnq_s32_f32(n.v), vdupq_n_s32(127));
  return {vmulq_f32(a.v, vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23)))};
}

static inline Vec split(Vec a, Vec& power) {
  const int32x4_t root = vdupq_n_s32(0x3f3504f3);  // √½
  const int32x4_t bits = vsubq_s32(vreinterpretq_s32_f32(a.v), root);
  power = {vcvtq_f32_s32(vshrq_n_s32(bits, 23))};
  const int32x4_t fraction = vandq_s32(bits, vdupq_n_s32(0x007fffff));
  return {vreinterpretq_f32_s32(vaddq_s32(fraction, root))};
}

// Two bfloat16 to a lane, four bytes to a lane; simd/README.md.
static inline Vec dot_pairs(Vec sum, Vec x, Vec w) {
  const uint32x4_t high = vdupq_n_u32(0xffff0000);
  const uint32x4_t xi = vreinterpretq_u32_f32(x.v), wi = vreinterpretq_u32_f32(w.v);
  const auto real = [](uint32x4_t bits) { return vreinterpretq_f32_u32(bits); };
  const float32x4_t second = vfmaq_f32(sum.v, real(vandq_u32(xi, high)), real(vandq_u32(wi, high)));
  return {vfmaq_f32(second, real(vshlq_n_u32(xi, 16)), real(vshlq_n_u32(wi, 16)))};
}

static inline Vec dot_bytes(Vec sum, Vec x, Vec w) {
  const uint8x16_t xi = vreinterpretq_u8_f32(x.v);
  const int8x16_t wi = vreinterpretq_s8_f32(w.v);
  const auto wide = [](uint8x8_t bytes) { return vreinterpretq_s16_u16(vmovl_u8(bytes)); };
  const int16x8_t x_low = wide(vget_low_u8(xi)), x_high = wide(vget_high_u8(xi));
  const int16x8_t w_low = vmovl_s8(vget_low_s8(wi)), w_high = vmovl_s8(vget_high_s8(wi));
  const auto product = [](int16x8_t a, int16x8_t b) {  // of neighbouring pairs
    return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
  };
  const int32x4_t four = vpaddq_s32(product(x_low, w_low), product(x_high, w_high));
  return {vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(sum.v), four))};
}

static inline Vec from_integers(Vec a) { return {vcvtq_f32_s32(vreinterpretq_s32_f32(a.v))}; }

static inline uint32x4_t halves_of(Vec a) {
  const uint32x4_t bits = vreinterpretq_u32_f32(a.v);
  const uint32x4_t even = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
  const uint32x4_t rounded = vaddq_u32(bits, vaddq_u32(even, vdupq_n_u32(0x7fff)));
  const uint32x4_t quiet = vorrq_u32(bits, vdupq_n_u32(0x400000));
  return vshrq_n_u32(vbslq_u32(vceqq_f32(a.v, a.v), rounded, quiet), 16);
}

static inline void store_halves(Vec a, void* p) {
  vst1_u16(static_cast<uint16_t*>(p), vmovn_u32(halves_of(a)));
}

static inline void store_pairs(Vec a, Vec b, void* p) {
  vst1q_u32(static_cast<uint32_t*>(p), vorrq_u32(halves_of(a), vshlq_n_u32(halves_of(b), 16)));
}

static inline void store_bytes(Vec a, void* p) {
  const uint16x4_t words = vmovn_u32(vreinterpretq_u32_s32(vcvtnq_s32_f32(a.v)));
  const uint8x8_t bytes = vmovn_u16(vcombine_u16(words, words));
  vst1_lane_u32(static_cast<uint32_t*>(p), vreinterpret_u32_u8(bytes), 0);
}

static inline float sum(Vec a) {
  const float32x2_t two = vadd_f32(vget_low_f32(a.v), vget_high_f32(a.v));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

static inline float max_lane(Vec a) { return vmaxvq_f32(a.v); }

// Two 64-bit lanes; simd/README.md.
using Words [[gnu::vector_size(16)]] = unsigned long long;
static inline Words multiply_words(Words a, Words b) {
  return (Words)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
}

}  // namespace recurra::neon
