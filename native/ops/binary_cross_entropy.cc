// Binary cross-entropy of σ(logits) against targets in [0, 1]; lib/ops/binary-cross-entropy.ts defines it,
// the kernel states the arithmetic. Sums are cut at the same places whatever the number of threads.
#include <algorithm>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "ops/loss_reduction.h"

namespace recurra {
namespace {

constexpr int64_t kChunk = 512;  // elements that go to the kernel at a time

// What both directions read.
class Terms {
 public:
  explicit Terms(const StepSpec& step)
      : reduction(loss_reduction(step)),
        logits_(step.input("logits")),
        targets_(step.input("targets")),
        positive_weight_(step.optional("positiveWeight")),
        weights_(step.optional("weights")) {}

  // Checked against each other; valid until the end of the run.
  void bind(Run& run) {
    const View &logits = run.view(logits_), &targets = run.view(targets_);
    count = logits.count;
    expect_count(targets, count, "binaryCrossEntropy", "targets");
    x = logits.real(), y = targets.real();
    weights = positive = nullptr;
    if (weights_) {
      const View& given = run.view(weights_);
      expect_count(given, count, "binaryCrossEntropy", "weights");
      weights = given.real();
    }
    if (positive_weight_) {
      const View& given = run.view(positive_weight_);
      columns = logits.shape.empty() ? 1 : logits.axis(-1);
      expect_count(given, columns, "binaryCrossEntropy", "positiveWeight");
      positive = given.real();
    }
  }

  // Calls visit(first, n, p, w) for chunks of `range`, with the weights of their elements, null where all
  // are 1.
  template <class Visit>
  void visit_chunks(Range range, const Visit& visit) const {
    float p[kChunk];
    for (int64_t first = range.begin; first < range.end; first += kChunk) {
      const int64_t n = std::min(kChunk, range.end - first);
      if (positive)
        for (int64_t k = 0, c = first % columns; k < n; ++k, c = c + 1 < columns ? c + 1 : 0)
          p[k] = positive[c];
      visit(first, n, positive ? p : nullptr, weights ? weights + first : nullptr);
    }
  }

  const LossReduction reduction;
  int64_t count = 0;
  const float* x = nullptr;
  const float* y = nullptr;

 private:
  Buffer logits_, targets_, positive_weight_, weights_;
  const float* weights = nullptr;
  const float* positive = nullptr;  // along the last axis
  int64_t columns = 1;
};

class BinaryCrossEntropy final : public Operation {
 public:
  explicit BinaryCrossEntropy(const StepSpec& step) : terms_(step), loss_(step.output("loss")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const View& loss = run.view(loss_);
    const bool each = terms_.reduction == LossReduction::kNone;
    expect_count(loss, each ? terms_.count : 1, "binaryCrossEntropy", "loss");
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    if (each) {
      const auto part = [&](Range range) {
        terms_.visit_chunks(range, [&](int64_t first, int64_t n, const float* p, const float* w) {
          kernels.binary_cross_entropy(terms_.x + first, terms_.y + first, p, w, loss.real() + first, n);
        });
      };
      in_parallel(run, terms_.count, 1, part, 16);
      return;
    }
    const int64_t blocks = (terms_.count + kSumBlock - 1) / kSumBlock;
    double* sums = static_cast<double*>(run.workspace(sizeof(double) * static_cast<uint64_t>(blocks)));
    in_parallel(run, blocks, kSumBlock, [&](Range range) {
      for (int64_t block = range.begin; block < range.end; ++block) {
        const Range elements = {block * kSumBlock, std::min(terms_.count, (block + 1) * kSumBlock)};
        double sum = 0;
        terms_.visit_chunks(elements, [&](int64_t first, int64_t n, const float* p, const float* w) {
          float l[kChunk];
          kernels.binary_cross_entropy(terms_.x + first, terms_.y + first, p, w, l, n);
          sum += kernels.sum(l, n);
        });
        sums[block] = sum;
      }
    });
    double sum = 0;
    for (int64_t block = 0; block < blocks; ++block) sum += sums[block];
    if (terms_.reduction == LossReduction::kMean)
      sum /= static_cast<double>(std::max<int64_t>(1, terms_.count));
    loss.real()[0] = static_cast<float>(sum);
  }

 private:
  Terms terms_;
  Buffer loss_;
};

class BinaryCrossEntropyGradient final : public Operation {
 public:
  explicit BinaryCrossEntropyGradient(const StepSpec& step)
      : terms_(step), d_loss_(step.input("dLoss")), d_logits_(step.output("logits")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const View &d_loss = run.view(d_loss_), &d_logits = run.view(d_logits_);
    const bool each = terms_.reduction == LossReduction::kNone;
    expect_count(d_loss, each ? terms_.count : 1, "binaryCrossEntropyGradient", "dLoss");
    expect_count(d_logits, terms_.count, "binaryCrossEntropyGradient", "logits");
    if (terms_.count == 0) return;
    float factor = each ? 1 : d_loss.real()[0];
    if (terms_.reduction == LossReduction::kMean) factor /= static_cast<float>(terms_.count);
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    const auto part = [&](Range range) {
      terms_.visit_chunks(range, [&](int64_t first, int64_t n, const float* p, const float* w) {
        float* dx = d_logits.real() + first;
        kernels.binary_cross_entropy_gradient(terms_.x + first, terms_.y + first, p, w, factor, dx, n);
        if (each) kernels.multiply.both(dx, d_loss.real() + first, dx, n);
      });
    };
    in_parallel(run, terms_.count, 1, part, 16);
  }

 private:
  Terms terms_;
  Buffer d_loss_, d_logits_;
};

constexpr OperationEntry kEntries[] = {
    {"binaryCrossEntropy", make_operation<BinaryCrossEntropy>},
    {"binaryCrossEntropyGradient", make_operation<BinaryCrossEntropyGradient>},
};

}  // namespace

extern const OperationList kBinaryCrossEntropyOperations;
const OperationList kBinaryCrossEntropyOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
