// Adagrad; lib/optimizers/adagrad.ts.
#include <functional>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/update.h"

namespace recurra {
namespace {

class Adagrad final : public Update {
 public:
  explicit Adagrad(const StepSpec& step)
      : Update(step),
        v_(in_place(step, "v")),
        learning_rate_decay_(step.number("learningRateDecay")),
        epsilon_(step.number("epsilon")) {}

 private:
  void step(Run& run, const Moment& moment) override {
    float* const v = state(run, v_, moment);
    const AdagradStep step = {
        .gradient = moment.gradient,
        .rate = static_cast<float>(moment.learning_rate / (1 + (moment.t - 1) * learning_rate_decay_)),
        .epsilon = static_cast<float>(epsilon_),
    };
    const auto adagrad = run.kernels().elementwise->adagrad;
    const auto part = [&](Range r, const float* gradients) {
      adagrad(step, gradients, moment.parameters + r.begin, v + r.begin, r.end - r.begin);
    };
    each_part(run, moment, weight_decay() == 0, std::cref(part));
  }

  Buffer v_;
  double learning_rate_decay_, epsilon_;
};

constexpr OperationEntry kEntries[] = {{"adagrad", make_operation<Adagrad>}};

}  // namespace

extern const OperationList kAdagradOperations;
const OperationList kAdagradOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
