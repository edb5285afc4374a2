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

static inline float sum(Vec a) {
  const float32x2_t two = vadd_f32(vget_low_f32(a.v), vget_high_f32(a.v));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

static inline float max_lane(Vec a) { return vmaxvq_f32(a.v); }

}  // namespace recurra::neon
