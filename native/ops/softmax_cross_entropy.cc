// Cross-entropy of softmax(x) against class numbers t, from logits x [rows, C];
// lib/ops/softmax-cross-entropy.ts.
//
//   lᵢ = (1−ε)·w[tᵢ]·(ln Zᵢ − x[i,tᵢ]) + (ε/C)·Σ_c w[c]·(ln Zᵢ − x[i,c]),   0 where tᵢ = ignore;   Zᵢ = Σ_c
//   e^{x[i,c]} ∂lᵢ/∂x[i,c] = p[i,c]·((1−ε)·w[tᵢ] + (ε/C)·Σw) − (1−ε)·w[tᵢ]·[c = tᵢ] − (ε/C)·w[c]
#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "ops/loss_reduction.h"

namespace recurra {
namespace {

// What both directions read.
class Terms {
 public:
  explicit Terms(const StepSpec& step)
      : reduction(loss_reduction(step)),
        smoothing(step.number("smoothing")),
        logits_(step.input("logits")),
        targets_(step.input("targets", DType::kInt32)),
        weights_(step.optional("weights")),
        ignore_(step.number("ignore", NAN)) {}

  // Checked against each other; valid until the end of the run.
  void bind(Run& run) {
    const View &logits = run.view(logits_), &targets = run.view(targets_);
    expect_shape(logits, {-1, -1}, "softmaxCrossEntropy: logits");
    rows = logits.axis(0), classes = logits.axis(1);
    expect_shape(targets, {rows}, "softmaxCrossEntropy: targets");
    weights = nullptr;
    if (weights_) {
      const View& given = run.view(weights_);
      expect_shape(given, {classes}, "softmaxCrossEntropy: weights");
      weights = given.real();
    }
    x = logits.real();
    target = targets.integers();
    for (int64_t i = 0; i < rows; ++i)
      if (!ignored(i) && (target[i] < 0 || target[i] >= classes))
        throw Error("ERR_INDEX", "softmaxCrossEntropy: targets[" + std::to_string(i) + "] is " +
                                     std::to_string(target[i]) + ", expected 0 … " +
                                     std::to_string(classes - 1));
  }

  bool ignored(int64_t row) const { return target[row] == ignore_; }
  double weight(int64_t c) const { return weights ? weights[c] : 1.0; }

  const LossReduction reduction;
  const double smoothing;
  int64_t rows = 0, classes = 0;
  const float* x = nullptr;
  const int32_t* target = nullptr;
  const float* weights = nullptr;  // null: all 1

 private:
  Buffer logits_, targets_, weights_;
  double ignore_;  // NaN: none
};

class SoftmaxCrossEntropy final : public Operation {
 public:
  explicit SoftmaxCrossEntropy(const StepSpec& step)
      : terms_(step),
        loss_(step.output("loss")),
        total_(step.output("total")),
        log_sum_exp_(step.output("logSumExp")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const int64_t rows = terms_.rows;
    const View &loss = run.view(loss_), &total = run.view(total_), &log_sum_exp = run.view(log_sum_exp_);
    const bool each = terms_.reduction == LossReduction::kNone;
    expect_count(loss, each ? rows : 1, "softmaxCrossEntropy", "loss");
    expect_count(total, 1, "softmaxCrossEntropy", "total");
    expect_count(log_sum_exp, rows, "softmaxCrossEntropy", "logSumExp");

    double* losses = static_cast<double*>(run.workspace(sizeof(double) * static_cast<uint64_t>(rows)));
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    in_parallel(run, rows, terms_.classes, [&](Range range) {
      for (int64_t i = range.begin; i < range.end; ++i) {
        const float* x = terms_.x + i * terms_.classes;
        const double largest = kernels.largest(x, terms_.classes);
        const double log_sum = kernels.log_sum_exp(x, static_cast<float>(largest), terms_.classes);
        log_sum_exp.real()[i] = static_cast<float>(largest + log_sum);
        losses[i] = terms_.ignored(i) ? 0 : loss_of(kernels, i, largest, log_sum);
      }
    });

    double sum = 0, weight = 0;
    for (int64_t i = 0; i < rows; ++i) {
      sum += losses[i];
      if (!terms_.ignored(i)) weight += terms_.weight(terms_.target[i]);
      if (each) loss.real()[i] = static_cast<float>(losses[i]);
    }
    total.real()[0] = static_cast<float>(weight);
    if (terms_.reduction == LossReduction::kMean) sum = weight == 0 ? 0 : sum / weight;
    if (!each) loss.real()[0] = static_cast<float>(sum);
  }

 private:
  // ln Z − x[c] = log_sum − (x[c] − largest): nothing large cancels.
  double loss_of(const ElementwiseKernels& kernels, int64_t i, double largest, double log_sum) const {
    const float* x = terms_.x + i * terms_.classes;
    const int32_t t = terms_.target[i];
    const double hit = (1 - terms_.smoothing) * terms_.weight(t) * (log_sum - (x[t] - largest));
    if (terms_.smoothing == 0) return hit;
    const auto C = static_cast<double>(terms_.classes);
    double others = 0;
    if (terms_.weights)
      for (int64_t c = 0; c < terms_.classes; ++c) others += terms_.weights[c] * (log_sum - (x[c] - largest));
    else
      others = C * (log_sum + largest) - kernels.sum(x, terms_.classes);
    return hit + terms_.smoothing / C * others;
  }

  Terms terms_;
  Buffer loss_, total_, log_sum_exp_;
};

class SoftmaxCrossEntropyGradient final : public Operation {
 public:
  explicit SoftmaxCrossEntropyGradient(const StepSpec& step)
      : terms_(step),
        log_sum_exp_(step.input("logSumExp")),
        total_(step.input("total")),
        d_loss_(step.input("dLoss")),
        d_logits_(step.output("logits")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const int64_t rows = terms_.rows, classes = terms_.classes;
    const View &log_sum_exp = run.view(log_sum_exp_), &total = run.view(total_), &d_loss = run.view(d_loss_);
    const View& d_logits = run.view(d_logits_);
    const bool each = terms_.reduction == LossReduction::kNone;
    expect_count(log_sum_exp, rows, "softmaxCrossEntropyGradient", "logSumExp");
    expect_count(total, 1, "softmaxCrossEntropyGradient", "total");
    expect_count(d_loss, each ? rows : 1, "softmaxCrossEntropyGradient", "dLoss");
    expect_shape(d_logits, {rows, classes}, "softmaxCrossEntropyGradient: logits");

    double divisor = 1, weight_sum = 0;
    if (terms_.reduction == LossReduction::kMean) divisor = total.real()[0];
    for (int64_t c = 0; c < classes; ++c) weight_sum += terms_.weight(c);
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    in_parallel(run, rows, classes, [&](Range range) {
      for (int64_t i = range.begin; i < range.end; ++i) {
        const float* x = terms_.x + i * classes;
        float* dx = d_logits.real() + i * classes;
        if (terms_.ignored(i) || divisor == 0) {
          std::fill_n(dx, classes, 0.0f);
          continue;
        }
        const int32_t t = terms_.target[i];
        const double upstream = d_loss.real()[each ? i : 0] / divisor;
        const double hit = upstream * (1 - terms_.smoothing) * terms_.weight(t);
        const double spread = upstream * terms_.smoothing / static_cast<double>(classes);
        kernels.softmax(x, log_sum_exp.real()[i], hit + spread * weight_sum, dx, classes);
        if (terms_.smoothing > 0)
          for (int64_t c = 0; c < classes; ++c) dx[c] -= static_cast<float>(spread * terms_.weight(c));
        dx[t] -= static_cast<float>(hit);
      }
    });
  }

 private:
  Terms terms_;
  Buffer log_sum_exp_, total_, d_loss_, d_logits_;
};

constexpr OperationEntry kEntries[] = {
    {"softmaxCrossEntropy", make_operation<SoftmaxCrossEntropy>},
    {"softmaxCrossEntropyGradient", make_operation<SoftmaxCrossEntropyGradient>},
};

}  // namespace

extern const OperationList kSoftmaxCrossEntropyOperations;
const OperationList kSoftmaxCrossEntropyOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
