// Adadelta; lib/optimizers/adadelta.ts.
#include <functional>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/update.h"

namespace recurra {
namespace {

class Adadelta final : public Update {
 public:
  explicit Adadelta(const StepSpec& step)
      : Update(step),
        v_(in_place(step, "v")),
        u_(in_place(step, "u")),
        rho_(step.number("rho")),
        epsilon_(step.number("epsilon")) {}

 private:
  void step(Run& run, const Moment& moment) override {
    float* const v = state(run, v_, moment);
    float* const u = state(run, u_, moment);
    const AdadeltaStep step = {
        .gradient = moment.gradient,
        .rho = static_cast<float>(rho_),
        .fresh = static_cast<float>(1 - rho_),
        .epsilon = static_cast<float>(epsilon_),
        .rate = static_cast<float>(moment.learning_rate),
    };
    const auto adadelta = run.kernels().elementwise->adadelta;
    const auto part = [&](Range r, const float* gradients) {
      adadelta(step, gradients, moment.parameters + r.begin, v + r.begin, u + r.begin, r.end - r.begin);
    };
    each_part(run, moment, false, std::cref(part));
  }

  Buffer v_, u_;
  double rho_, epsilon_;
};

constexpr OperationEntry kEntries[] = {{"adadelta", make_operation<Adadelta>}};

}  // namespace

extern const OperationList kAdadeltaOperations;
const OperationList kAdadeltaOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
