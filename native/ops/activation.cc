// An activation that the program names, and its gradient; lib/ops/activation.ts.
#include "kernels/activation.h"

#include <cmath>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

struct Name {
  const char* name;
  ActivationKind kind;
};
constexpr Name kNames[] = {
    {"affine", ActivationKind::kAffine},
    {"elu", ActivationKind::kElu},
    {"hardSigmoid", ActivationKind::kHardSigmoid},
    {"identity", ActivationKind::kIdentity},
    {"leakyRelu", ActivationKind::kLeakyRelu},
    {"relu", ActivationKind::kRelu},
    {"scaledTanh", ActivationKind::kScaledTanh},
    {"sigmoid", ActivationKind::kSigmoid},
    {"softplus", ActivationKind::kSoftplus},
    {"softsign", ActivationKind::kSoftsign},
    {"tanh", ActivationKind::kTanh},
    {"thresholdedRelu", ActivationKind::kThresholdedRelu},
};

Activation activation_of(const StepSpec& step) {
  return recurra::activation_of(step.op(), step.text("name"), step.number("alpha"), step.number("beta"));
}

class ActivationOperation final : public Operation {
 public:
  explicit ActivationOperation(const StepSpec& step)
      : x_(step.input("x")), y_(step.output("y")), f_(activation_of(step)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_count(y, x.count, "activation", "y");
    const auto activation = run.kernels().elementwise->activation;
    in_parallel(
        run, x.count, 1,
        [&](Range r) { activation(f_, x.real() + r.begin, y.real() + r.begin, r.end - r.begin); }, 16);
  }

 private:
  Buffer x_, y_;
  Activation f_;
};

class ActivationGradient final : public Operation {
 public:
  explicit ActivationGradient(const StepSpec& step)
      : x_(step.input("x")), dy_(step.input("dy")), dx_(step.output("x")), f_(activation_of(step)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &dy = run.view(dy_), &dx = run.view(dx_);
    expect_count(dy, x.count, "activationGradient", "dy");
    expect_count(dx, x.count, "activationGradient", "x");
    const auto gradient = run.kernels().elementwise->activation_gradient;
    const auto part = [&](Range r) {
      gradient(f_, x.real() + r.begin, dy.real() + r.begin, dx.real() + r.begin, r.end - r.begin);
    };
    in_parallel(run, x.count, 1, part, 16);
  }

 private:
  Buffer x_, dy_, dx_;
  Activation f_;
};

constexpr OperationEntry kEntries[] = {
    {"activation", make_operation<ActivationOperation>},
    {"activationGradient", make_operation<ActivationGradient>},
};

}  // namespace

Activation activation_of(const std::string& op, const std::string& name, double alpha, double beta) {
  if (!std::isfinite(alpha) || !std::isfinite(beta))
    throw Error("ERR_ARGUMENT", op + ": alpha and beta of an activation must be finite");
  for (const Name& known : kNames)
    if (name == known.name) return {known.kind, static_cast<float>(alpha), static_cast<float>(beta)};
  throw Error("ERR_ARGUMENT", op + ": there is no activation '" + name + "'");
}

extern const OperationList kActivationOperations;
const OperationList kActivationOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
