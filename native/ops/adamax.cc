// Adam with the infinity norm; lib/optimizers/adamax.ts.
#include <cmath>
#include <functional>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/update.h"

namespace recurra {
namespace {

class Adamax final : public Update {
 public:
  explicit Adamax(const StepSpec& step)
      : Update(step),
        m_(in_place(step, "m")),
        u_(in_place(step, "u")),
        beta1_(step.number("beta1")),
        beta2_(step.number("beta2")),
        epsilon_(step.number("epsilon")) {}

 private:
  void step(Run& run, const Moment& moment) override {
    float* const m = state(run, m_, moment);
    float* const u = state(run, u_, moment);
    const AdamaxStep step = {
        .gradient = moment.gradient,
        .beta1 = static_cast<float>(beta1_),
        .new1 = static_cast<float>(1 - beta1_),
        .beta2 = static_cast<float>(beta2_),
        .epsilon = static_cast<float>(epsilon_),
        .rate = static_cast<float>(moment.learning_rate / (1 - std::pow(beta1_, moment.t))),
    };
    const auto adamax = run.kernels().elementwise->adamax;
    const auto part = [&](Range r, const float* gradients) {
      adamax(step, gradients, moment.parameters + r.begin, m + r.begin, u + r.begin, r.end - r.begin);
    };
    each_part(run, moment, false, std::cref(part));
  }

  Buffer m_, u_;
  double beta1_, beta2_, epsilon_;
};

constexpr OperationEntry kEntries[] = {{"adamax", make_operation<Adamax>}};

}  // namespace

extern const OperationList kAdamaxOperations;
const OperationList kAdamaxOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
