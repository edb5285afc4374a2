// Stochastic gradient descent with momentum; lib/optimizers/sgd.ts.
#include <functional>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/update.h"

namespace recurra {
namespace {

class Sgd final : public Update {
 public:
  explicit Sgd(const StepSpec& step)
      : Update(step),
        b_(optional_in_place(step, "b")),
        momentum_(step.number("momentum")),
        dampening_(step.number("dampening")),
        nesterov_(step.flag("nesterov")) {}

 private:
  void step(Run& run, const Moment& moment) override {
    float* b = state(run, b_, moment);
    const bool first = moment.t == 1;
    const SgdStep step = {
        .gradient = moment.gradient,
        .rate = static_cast<float>(moment.learning_rate),
        .momentum = static_cast<float>(momentum_),
        .keep = static_cast<float>(first ? 0 : momentum_),
        .take = static_cast<float>(first ? 1 : 1 - dampening_),
        .nesterov = nesterov_,
    };
    const auto sgd = run.kernels().elementwise->sgd;
    const auto part = [&](Range r, const float* gradients) {
      sgd(step, gradients, moment.parameters + r.begin, b ? b + r.begin : nullptr, r.end - r.begin);
    };
    each_part(run, moment, b == nullptr && weight_decay() == 0, std::cref(part));
  }

  Buffer b_;
  double momentum_, dampening_;
  bool nesterov_;
};

constexpr OperationEntry kEntries[] = {{"sgd", make_operation<Sgd>}};

}  // namespace

extern const OperationList kSgdOperations;
const OperationList kSgdOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
