// s[b,i,j] = v·tanh(q[b,i] + k[b,j]) over the keys that count, and its gradient; lib/ops/additive-scores.ts.
#include <algorithm>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

constexpr int64_t kTanh = 8;  // what a hyperbolic tangent costs, in elements that are moved

// What both directions read.
class Terms {
 public:
  explicit Terms(const StepSpec& step)
      : query_(step.input("query")),
        keys_(step.input("keys")),
        v_(step.input("v")),
        lengths_(step.optional("lengths", DType::kInt32)) {}

  // Checked against each other; valid until the end of the run.
  void bind(Run& run) {
    const View &query = run.view(query_), &keys = run.view(keys_), &v_view = run.view(v_);
    expect_shape(query, {-1, -1, -1}, "additiveScores: query");
    batch = query.axis(0), queries = query.axis(1), size = query.axis(2);
    expect_shape(keys, {batch, -1, size}, "additiveScores: keys");
    steps = keys.axis(1);
    expect_shape(v_view, {size}, "additiveScores: v");
    q = query.real(), k = keys.real(), v = v_view.real();
    given_ = nullptr;
    if (!lengths_) return;
    const View& given = run.view(lengths_);
    expect_shape(given, {batch}, "additiveScores: lengths");
    expect_indices(given, 0, steps + 1, "additiveScores: lengths");
    given_ = given.integers();
  }

  int64_t length(int64_t b) const { return given_ ? given_[b] : steps; }

  int64_t batch = 0, queries = 0, steps = 0, size = 0;
  const float *q = nullptr, *k = nullptr, *v = nullptr;

 private:
  Buffer query_, keys_, v_, lengths_;
  const int32_t* given_ = nullptr;  // null: all keys count
};

class AdditiveScores final : public Operation {
 public:
  explicit AdditiveScores(const StepSpec& step) : terms_(step), scores_(step.output("scores")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const Terms& t = terms_;
    const View& scores = run.view(scores_);
    expect_shape(scores, {t.batch, t.queries, t.steps}, "additiveScores: scores");
    const auto score = run.kernels().elementwise->additive_score;
    in_parallel(run, t.batch * t.queries, t.steps * t.size * kTanh, [&](Range range) {
      for (int64_t row = range.begin; row < range.end; ++row) {
        const int64_t b = row / t.queries, length = t.length(b);
        float* s = scores.real() + row * t.steps;
        for (int64_t j = 0; j < length; ++j)
          s[j] = score(t.q + row * t.size, t.k + (b * t.steps + j) * t.size, t.v, t.size);
        std::fill(s + length, s + t.steps, 0.0f);
      }
    });
  }

 private:
  Terms terms_;
  Buffer scores_;
};

// A thread owns whole sequences; what each of them adds to v is given apart, [batch, size].
class AdditiveScoresGradient final : public Operation {
 public:
  explicit AdditiveScoresGradient(const StepSpec& step)
      : terms_(step),
        d_scores_(step.input("dScores")),
        dq_(step.output("query")),
        dk_(step.output("keys")),
        dv_(step.output("v")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const Terms& t = terms_;
    const View &d_scores = run.view(d_scores_), &dq = run.view(dq_), &dk = run.view(dk_), &dv = run.view(dv_);
    expect_shape(d_scores, {t.batch, t.queries, t.steps}, "additiveScoresGradient: dScores");
    expect_shape(dq, {t.batch, t.queries, t.size}, "additiveScoresGradient: query");
    expect_shape(dk, {t.batch, t.steps, t.size}, "additiveScoresGradient: keys");
    expect_shape(dv, {t.batch, t.size}, "additiveScoresGradient: v");
    std::fill_n(dq.real(), dq.count, 0.0f);
    std::fill_n(dk.real(), dk.count, 0.0f);
    std::fill_n(dv.real(), dv.count, 0.0f);
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    in_parallel(run, t.batch, t.queries * t.steps * t.size * kTanh, [&](Range range) {
      for (int64_t b = range.begin; b < range.end; ++b)
        for (int64_t row = b * t.queries; row < (b + 1) * t.queries; ++row)
          for (int64_t j = 0; j < t.length(b); ++j) {
            const int64_t q = row * t.size, k = (b * t.steps + j) * t.size;
            kernels.additive_score_gradient(d_scores.real()[row * t.steps + j], t.q + q, t.k + k, t.v,
                                            dq.real() + q, dk.real() + k, dv.real() + b * t.size, t.size);
          }
    });
  }

 private:
  Terms terms_;
  Buffer d_scores_, dq_, dk_, dv_;
};

constexpr OperationEntry kEntries[] = {
    {"additiveScores", make_operation<AdditiveScores>},
    {"additiveScoresGradient", make_operation<AdditiveScoresGradient>},
};

}  // namespace

extern const OperationList kAdditiveScoresOperations;
const OperationList kAdditiveScoresOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
