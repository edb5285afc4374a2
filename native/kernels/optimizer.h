// The numbers that one optimizer step applies to every element.
#pragma once

namespace recurra {

// g ← clamp(scale·g, ±limit) + decay·p. `scale` clips by the joint norm and, negative, goes uphill.
struct GradientRule {
  float scale;
  float limit;
  float decay;
};

// b ← keep·b + take·g; p ← p − rate·(b, or g + momentum·b with nesterov, or g without b)
struct SgdStep {
  GradientRule gradient;
  float rate;
  float momentum;
  float keep, take;
  bool nesterov;
};

// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← keep·p − rate·m/(√v·correction + ε), with max(v, v_max) for v
// where it is given
struct AdamStep {
  GradientRule gradient;
  float beta1, new1;
  float beta2, new2;
  float keep;
  float rate;
  float correction;
  float epsilon;
};

// v ← αv + (1−α)g²; q = g/(√v + ε); b ← momentum·b + q; p ← p − rate·(b, or q without b)
// Centered, where a is given: a ← αa + (1−α)g, and v − a² in place of v.
struct RmspropStep {
  GradientRule gradient;
  float alpha, fresh;
  float epsilon;
  float momentum;
  float rate;
};

// v ← ρv + (1−ρ)g²; d = √(u+ε)/√(v+ε)·g; u ← ρu + (1−ρ)d²; p ← p − rate·d
struct AdadeltaStep {
  GradientRule gradient;
  float rho, fresh;
  float epsilon;
  float rate;
};

// m ← β₁m + (1−β₁)g; u ← max(β₂u, |g| + ε); p ← p − rate·m/u
struct AdamaxStep {
  GradientRule gradient;
  float beta1, new1;
  float beta2;
  float epsilon;
  float rate;
};

// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − (own_rate·g + mean_rate·m)/(√v·correction + ε)
struct NadamStep {
  GradientRule gradient;
  float beta1, new1;
  float beta2, new2;
  float own_rate, mean_rate;
  float correction;
  float epsilon;
};

// v ← v + g²; p ← p − rate·g/(√v + ε)
struct AdagradStep {
  GradientRule gradient;
  float rate;
  float epsilon;
};

}  // namespace recurra
