// Stochastic gradient descent with momentum; lib/optimizers/sgd.ts.
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/in_parallel.h"
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
    const auto part = [&](Range r) {
      sgd(step, moment.gradients + r.begin, moment.parameters + r.begin, b ? b + r.begin : nullptr,
          r.end - r.begin);
    };
    in_parallel(run, moment.count, 1, part, 16);
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
