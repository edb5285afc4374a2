// Adam with Nesterov's momentum; lib/optimizers/nadam.ts.
#include <cmath>
#include <functional>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/update.h"

namespace recurra {
namespace {

class Nadam final : public Update {
 public:
  explicit Nadam(const StepSpec& step)
      : Update(step),
        m_(in_place(step, "m")),
        v_(in_place(step, "v")),
        beta1_(step.number("beta1")),
        beta2_(step.number("beta2")),
        epsilon_(step.number("epsilon")),
        momentum_decay_(step.number("momentumDecay")) {
    if (!(beta1_ >= 0 && beta1_ < 1)) throw Error("ERR_ARGUMENT", "nadam: beta1 must be in [0, 1)");
  }

 private:
  // μᵢ
  double momentum(double i) const { return beta1_ * (1 - 0.5 * std::pow(0.96, i * momentum_decay_)); }

  // Pₜ = μ₁·…·μₜ, or something smaller than 2⁻⁶⁰ where it is that small: 1 − P is then 1.
  double momenta(double t) const {
    double product = 1;
    for (double i = 1; i <= t && product > 0x1p-60; ++i) product *= momentum(i);
    return product;
  }

  void step(Run& run, const Moment& moment) override {
    float* const m = state(run, m_, moment);
    float* const v = state(run, v_, moment);
    const double rate = moment.learning_rate, t = moment.t;
    const double now = momentum(t), next = momentum(t + 1), product = momenta(t);
    const NadamStep step = {
        .gradient = moment.gradient,
        .beta1 = static_cast<float>(beta1_),
        .new1 = static_cast<float>(1 - beta1_),
        .beta2 = static_cast<float>(beta2_),
        .new2 = static_cast<float>(1 - beta2_),
        .own_rate = static_cast<float>(rate * (1 - now) / (1 - product)),
        .mean_rate = static_cast<float>(rate * next / (1 - product * next)),
        .correction = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2_, t))),
        .epsilon = static_cast<float>(epsilon_),
    };
    const auto nadam = run.kernels().elementwise->nadam;
    const auto part = [&](Range r, const float* gradients) {
      nadam(step, gradients, moment.parameters + r.begin, m + r.begin, v + r.begin, r.end - r.begin);
    };
    each_part(run, moment, false, std::cref(part));
  }

  Buffer m_, v_;
  double beta1_, beta2_, epsilon_, momentum_decay_;
};

constexpr OperationEntry kEntries[] = {{"nadam", make_operation<Nadam>}};

}  // namespace

extern const OperationList kNadamOperations;
const OperationList kNadamOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
