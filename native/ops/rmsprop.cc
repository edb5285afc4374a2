// RMSprop, centered or not, with momentum or without; lib/optimizers/rmsprop.ts.
#include <functional>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/update.h"

namespace recurra {
namespace {

class Rmsprop final : public Update {
 public:
  explicit Rmsprop(const StepSpec& step)
      : Update(step),
        v_(in_place(step, "v")),
        a_(optional_in_place(step, "a")),
        b_(optional_in_place(step, "b")),
        alpha_(step.number("alpha")),
        epsilon_(step.number("epsilon")),
        momentum_(step.number("momentum")) {}

 private:
  void step(Run& run, const Moment& moment) override {
    float* const v = state(run, v_, moment);
    float* const a = state(run, a_, moment);
    float* const b = state(run, b_, moment);
    const RmspropStep step = {
        .gradient = moment.gradient,
        .alpha = static_cast<float>(alpha_),
        .fresh = static_cast<float>(1 - alpha_),
        .epsilon = static_cast<float>(epsilon_),
        .momentum = static_cast<float>(momentum_),
        .rate = static_cast<float>(moment.learning_rate),
    };
    const auto rmsprop = run.kernels().elementwise->rmsprop;
    const auto part = [&](Range r, const float* gradients) {
      rmsprop(step, gradients, moment.parameters + r.begin, v + r.begin, a ? a + r.begin : nullptr,
              b ? b + r.begin : nullptr, r.end - r.begin);
    };
    each_part(run, moment, false, std::cref(part));
  }

  Buffer v_, a_, b_;
  double alpha_, epsilon_, momentum_;
};

constexpr OperationEntry kEntries[] = {{"rmsprop", make_operation<Rmsprop>}};

}  // namespace

extern const OperationList kRmspropOperations;
const OperationList kRmspropOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
