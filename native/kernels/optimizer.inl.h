// Optimizer steps: one pass over parameters, gradients and states, in place. kernels/optimizer.h states the
// equations.
#pragma once

#include "kernels/lanes.inl.h"
#include "kernels/optimizer.h"

namespace recurra::RECURRA_ISA {

// Of the parameters p from element i on; all gradients are 0 where there are none.
template <class Lanes>
static inline Vec prepared(const GradientRule& rule, Lanes lanes, const float* gradients, int64_t i, Vec p) {
  const Vec g = gradients ? lanes.load(gradients + i) : Vec::zero();
  const Vec bounded = min(max(Vec::set(rule.scale) * g, Vec::set(-rule.limit)), Vec::set(rule.limit));
  return fma(Vec::set(rule.decay), p, bounded);
}

static void sgd(const SgdStep& step, const float* gradients, float* parameters, float* averages,
                int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec p = lanes.load(parameters + i);
    const Vec g = prepared(step.gradient, lanes, gradients, i, p);
    Vec direction = g;
    if (averages) {
      const Vec taken = Vec::set(step.take) * g;
      const Vec b = step.keep == 0 ? taken : fma(Vec::set(step.keep), lanes.load(averages + i), taken);
      lanes.store(averages + i, b);
      direction = step.nesterov ? fma(Vec::set(step.momentum), b, g) : b;
    }
    lanes.store(parameters + i, fma(Vec::set(-step.rate), direction, p));
  });
}

static void adam(const AdamStep& step, const float* gradients, float* parameters, float* means,
                 float* squares, float* bounds, int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec p = lanes.load(parameters + i);
    const Vec g = prepared(step.gradient, lanes, gradients, i, p);
    const Vec m = fma(Vec::set(step.beta1), lanes.load(means + i), Vec::set(step.new1) * g);
    Vec v = fma(Vec::set(step.beta2), lanes.load(squares + i), Vec::set(step.new2) * (g * g));
    lanes.store(means + i, m);
    lanes.store(squares + i, v);
    if (bounds) {
      v = max(v, lanes.load(bounds + i));
      lanes.store(bounds + i, v);
    }
    const Vec divisor = fma(sqrt(v), Vec::set(step.correction), Vec::set(step.epsilon));
    lanes.store(parameters + i, fma(Vec::set(step.keep), p, -(Vec::set(step.rate) * m / divisor)));
  });
}

static void rmsprop(const RmspropStep& step, const float* gradients, float* parameters, float* squares,
                    float* means, float* averages, int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec p = lanes.load(parameters + i);
    const Vec g = prepared(step.gradient, lanes, gradients, i, p);
    Vec v = fma(Vec::set(step.alpha), lanes.load(squares + i), Vec::set(step.fresh) * (g * g));
    lanes.store(squares + i, v);
    if (means) {
      const Vec a = fma(Vec::set(step.alpha), lanes.load(means + i), Vec::set(step.fresh) * g);
      lanes.store(means + i, a);
      v = max(fma(-a, a, v), Vec::zero());  // below 0 only by rounding
    }
    Vec direction = g / (sqrt(v) + Vec::set(step.epsilon));
    if (averages) {
      direction = fma(Vec::set(step.momentum), lanes.load(averages + i), direction);
      lanes.store(averages + i, direction);
    }
    lanes.store(parameters + i, fma(Vec::set(-step.rate), direction, p));
  });
}

static void adadelta(const AdadeltaStep& step, const float* gradients, float* parameters, float* squares,
                     float* steps, int64_t count) {
  const Vec rho = Vec::set(step.rho), fresh = Vec::set(step.fresh), epsilon = Vec::set(step.epsilon);
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec p = lanes.load(parameters + i), u = lanes.load(steps + i);
    const Vec g = prepared(step.gradient, lanes, gradients, i, p);
    const Vec v = fma(rho, lanes.load(squares + i), fresh * (g * g));
    const Vec d = sqrt(u + epsilon) / sqrt(v + epsilon) * g;
    lanes.store(squares + i, v);
    lanes.store(steps + i, fma(rho, u, fresh * (d * d)));
    lanes.store(parameters + i, fma(Vec::set(-step.rate), d, p));
  });
}

static void adamax(const AdamaxStep& step, const float* gradients, float* parameters, float* means,
                   float* bounds, int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec p = lanes.load(parameters + i);
    const Vec g = prepared(step.gradient, lanes, gradients, i, p);
    const Vec m = fma(Vec::set(step.beta1), lanes.load(means + i), Vec::set(step.new1) * g);
    const Vec u = max(Vec::set(step.beta2) * lanes.load(bounds + i), abs(g) + Vec::set(step.epsilon));
    lanes.store(means + i, m);
    lanes.store(bounds + i, u);
    lanes.store(parameters + i, p - Vec::set(step.rate) * m / u);
  });
}

static void nadam(const NadamStep& step, const float* gradients, float* parameters, float* means,
                  float* squares, int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec p = lanes.load(parameters + i);
    const Vec g = prepared(step.gradient, lanes, gradients, i, p);
    const Vec m = fma(Vec::set(step.beta1), lanes.load(means + i), Vec::set(step.new1) * g);
    const Vec v = fma(Vec::set(step.beta2), lanes.load(squares + i), Vec::set(step.new2) * (g * g));
    lanes.store(means + i, m);
    lanes.store(squares + i, v);
    const Vec direction = fma(Vec::set(step.own_rate), g, Vec::set(step.mean_rate) * m);
    const Vec divisor = fma(sqrt(v), Vec::set(step.correction), Vec::set(step.epsilon));
    lanes.store(parameters + i, p - direction / divisor);
  });
}

static void adagrad(const AdagradStep& step, const float* gradients, float* parameters, float* squares,
                    int64_t count) {
  for_each_vector(count, [&](int64_t i, auto lanes) {
    const Vec p = lanes.load(parameters + i);
    const Vec g = prepared(step.gradient, lanes, gradients, i, p);
    const Vec v = fma(g, g, lanes.load(squares + i));
    lanes.store(squares + i, v);
    lanes.store(parameters + i, p - Vec::set(step.rate) * g / (sqrt(v) + Vec::set(step.epsilon)));
  });
}

}  // namespace recurra::RECURRA_ISA
