// Adam, AMSGrad and, with decoupled weight decay, AdamW; lib/optimizers/adam.ts.
#include <cmath>
#include <functional>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/update.h"

namespace recurra {
namespace {

// xⁿ for n >= 0, by squaring: the C library's pow rounds in other ways on other systems.
double power(double x, int64_t n) {
  double result = 1;
  for (; n > 0; n /= 2, x *= x)
    if (n % 2 == 1) result *= x;
  return result;
}

class Adam final : public Update {
 public:
  explicit Adam(const StepSpec& step)
      : Update(step, step.flag("decoupled") ? Decay::kDecoupled : Decay::kInGradient),
        m_(in_place(step, "m")),
        v_(in_place(step, "v")),
        v_max_(optional_in_place(step, "vMax")),
        beta1_(step.number("beta1")),
        beta2_(step.number("beta2")),
        epsilon_(step.number("epsilon")),
        decoupled_(step.flag("decoupled")) {}

 private:
  void step(Run& run, const Moment& moment) override {
    float* const m = state(run, m_, moment);
    float* const v = state(run, v_, moment);
    float* const v_max = state(run, v_max_, moment);
    const double rate = moment.learning_rate;
    const auto t = static_cast<int64_t>(moment.t);
    const AdamStep step = {
        .gradient = moment.gradient,
        .beta1 = static_cast<float>(beta1_),
        .new1 = static_cast<float>(1 - beta1_),
        .beta2 = static_cast<float>(beta2_),
        .new2 = static_cast<float>(1 - beta2_),
        .keep = static_cast<float>(decoupled_ ? 1 - rate * weight_decay() : 1),
        .rate = static_cast<float>(rate / (1 - power(beta1_, t))),
        .correction = static_cast<float>(1 / std::sqrt(1 - power(beta2_, t))),
        .epsilon = static_cast<float>(epsilon_),
    };
    const auto adam = run.kernels().elementwise->adam;
    const auto part = [&](Range r, const float* gradients) {
      adam(step, gradients, moment.parameters + r.begin, m + r.begin, v + r.begin,
           v_max ? v_max + r.begin : nullptr, r.end - r.begin);
    };
    each_part(run, moment, false, std::cref(part));
  }

  Buffer m_, v_, v_max_;
  double beta1_, beta2_, epsilon_;
  bool decoupled_;
};

constexpr OperationEntry kEntries[] = {{"adam", make_operation<Adam>}};

}  // namespace

extern const OperationList kAdamOperations;
const OperationList kAdamOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
