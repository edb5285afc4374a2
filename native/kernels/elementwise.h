// What one instruction set gives to the operations of native/ops: arithmetic over arrays.
//
// Counts are in elements and may be 0; arrays need no alignment; an output may be one of the inputs, but must
// not overlap one otherwise. Results have the same bits on every instruction set: roundings are written out,
// and sums are kept in double over 16 lanes, element i in lane i mod 16, that are folded in one order.
#pragma once

#include <cstdint>

#include "kernels/activation.h"
#include "kernels/optimizer.h"

namespace recurra {

// Whose mask dropout draws; lib/ops/dropout.ts defines it.
struct DropoutKey {
  uint32_t seed, layer;
  uint32_t training_step;
  uint32_t threshold;  // the upper 24 bits of a kept element's word are at least this
  float scale;         // of kept elements
};

// Stands for ln 0: stays what it is whatever is added, and nothing that is computed with it becomes NaN.
constexpr float kLogZero = -1e30f;

struct ElementwiseKernels {
  // y = f(x)
  using Map = void (*)(const float* x, float* y, int64_t count);
  Map exp, log, positive, relu, sigmoid, sqrt, square, tanh;
  // y = factor·x + shift
  void (*scale)(float factor, float shift, const float* x, float* y, int64_t count);

  // y = f(x); dx = dy·f′(x)
  void (*activation)(const Activation& f, const float* x, float* y, int64_t count);
  void (*activation_gradient)(const Activation& f, const float* x, const float* dy, float* dx, int64_t count);

  // y = a ∘ b: element by element, with one a for all of b, with one b for all of a.
  struct Arithmetic {
    void (*both)(const float* a, const float* b, float* y, int64_t count);
    void (*left)(float a, const float* b, float* y, int64_t count);
    void (*right)(const float* a, float b, float* y, int64_t count);
  };
  Arithmetic add, divide, multiply, subtract;

  // Σx and Σx²
  double (*sum)(const float* x, int64_t count);
  double (*sum_of_squares)(const float* x, int64_t count);
  // sums[c] += Σᵣ x[r·stride + c], in the order of the rows
  void (*add_rows)(const float* x, int64_t stride, int64_t rows, int64_t columns, double* sums);

  // The first of the largest elements; 0 where there is none. A NaN is never larger.
  int64_t (*argmax)(const float* x, int64_t count);
  // The largest element that is not NaN; −∞ where there is none.
  float (*largest)(const float* x, int64_t count);
  // ln Σ e^{x − largest}
  float (*log_sum_exp)(const float* x, float largest, int64_t count);
  // y = factor · e^{x − shift} / Σ e^{x − shift}
  void (*softmax)(const float* x, float shift, double factor, float* y, int64_t count);

  // Σ v·tanh(q + k), and, for a gradient ds that arrives there, what it adds to those of q, k and v.
  float (*additive_score)(const float* q, const float* k, const float* v, int64_t size);
  void (*additive_score_gradient)(float ds, const float* q, const float* k, const float* v, float* dq,
                                  float* dk, float* dv, int64_t size);

  // l = w·(p·y·softplus(−x) + (1−y)·softplus(x)) and factor·∂l/∂x; p and w count as 1 where they are null.
  void (*binary_cross_entropy)(const float* x, const float* y, const float* p, const float* w, float* l,
                               int64_t count);
  void (*binary_cross_entropy_gradient)(const float* x, const float* y, const float* p, const float* w,
                                        float factor, float* dx, int64_t count);

  // y = ln(eᵃ + eᵇ + e^{c + gate})
  void (*log_add)(const float* a, const float* b, const float* c, const float* gate, float* y, int64_t count);
  // y = e^{a + b + shift}
  void (*exp_of_sum)(const float* a, const float* b, float shift, float* y, int64_t count);

  // y = min(max(x, low), high); dx = dy where x is within the bounds, else 0
  void (*clip)(float low, float high, const float* x, float* y, int64_t count);
  void (*clip_gradient)(float low, float high, const float* x, const float* dy, float* dx, int64_t count);

  // One row of at least one element: y = (x − μ)/√(σ² + ε)⊙gain + shift, and dx of it. Without a gain it
  // counts as 1, without a shift as 0: null.
  void (*layer_norm)(const float* x, const float* gain, const float* shift, double epsilon, float* y,
                     int64_t count);
  void (*layer_norm_gradient)(const float* x, const float* gain, const float* dy, double epsilon, float* dx,
                              int64_t count);

  // y = x²/(2β) where |x| < β, else |x| − β/2; dx = dy·∂y/∂x
  void (*smooth_abs)(float beta, const float* x, float* y, int64_t count);
  void (*smooth_abs_gradient)(float beta, const float* x, const float* dy, float* dx, int64_t count);

  // y = h ← a·h + b; p ← a·p and e ← a·e + b
  void (*linear_step)(const float* a, const float* b, float* h, float* y, int64_t count);
  void (*compose_linear_step)(const float* a, const float* b, float* p, float* e, int64_t count);

  // y = x·mask for one row of elements at one time step
  void (*dropout)(const DropoutKey& key, uint32_t time, uint32_t row, const float* x, float* y,
                  int64_t units);
  // y = 1 where dropout sets an element of that row to 0, else 0
  void (*dropped)(const DropoutKey& key, uint32_t time, uint32_t row, float* y, int64_t units);

  // One step over `count` parameters p with gradients g, in place; null where all gradients are 0. States
  // that the step does not use may be null.
  void (*sgd)(const SgdStep& step, const float* g, float* p, float* b, int64_t count);
  void (*adam)(const AdamStep& step, const float* g, float* p, float* m, float* v, float* v_max,
               int64_t count);
  void (*adadelta)(const AdadeltaStep& step, const float* g, float* p, float* v, float* u, int64_t count);
  void (*adamax)(const AdamaxStep& step, const float* g, float* p, float* m, float* u, int64_t count);
  void (*nadam)(const NadamStep& step, const float* g, float* p, float* m, float* v, int64_t count);
  void (*rmsprop)(const RmspropStep& step, const float* g, float* p, float* v, float* a, float* b,
                  int64_t count);
  void (*adagrad)(const AdagradStep& step, const float* g, float* p, float* v, int64_t count);
};

}  // namespace recurra
