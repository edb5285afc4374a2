// Connectionist temporal classification and its gradient; lib/ops/ctc.ts, and the twin states the equations.
//
// Logarithms of probabilities in float, each frame's states relative to the most probable of them: what that
// one has is kept in double, so that nothing loses digits over many frames. A thread takes every n-th
// sequence in the order of their lengths.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "ops/loss_reduction.h"
#include "sequence/ragged.h"

namespace recurra {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int64_t kPad = 2;  // states of probability 0 at either end of a row

// A sequence's frames, and its labels with a blank before, between and behind.
struct Sequence {
  int64_t place;  // of the caller
  int64_t frames;
  int64_t labels;
  const int32_t* label;
  int64_t states() const { return 2 * labels + 1; }
  int64_t width() const { return states() + 2 * kPad; }
};

// What both directions read.
class Terms {
 public:
  explicit Terms(const StepSpec& step)
      : reduction(loss_reduction(step)),
        zero_when_impossible(step.text("impossible") == "zero"),
        blank(whole_number(step, "blank", 0, int64_t{1} << 31)),
        logits_(step.input("logits")),
        labels_(step.input("labels", DType::kInt32)),
        label_lengths_(step.input("labelLengths", DType::kInt32)),
        offsets_(step.input("offsets", DType::kInt32)),
        order_(step.input("order", DType::kInt32)) {}

  // Checked against each other; valid until the end of the run.
  void bind(Run& run) {
    const View &logits = run.view(logits_), &labels = run.view(labels_), &lengths = run.view(label_lengths_);
    expect_shape(logits, {-1, -1}, "ctc: logits");
    x = logits.real(), tokens = logits.axis(0), classes = logits.axis(1);
    const Ragged ragged("ctc", run.view(offsets_), run.view(order_), tokens, false);
    offsets = run.view(offsets_).integers();
    batch = ragged.batch();
    if (blank >= classes && tokens > 0) throw Error("ERR_INDEX", "ctc: the blank is none of the classes");
    expect_indices(labels, 0, classes, "ctc: labels");
    for (int64_t i = 0; i < labels.count; ++i)
      if (labels.integers()[i] == blank)
        throw Error("ERR_INDEX", "ctc: labels[" + std::to_string(i) + "] is the blank");
    expect_count(lengths, batch, "ctc", "labelLengths");
    expect_indices(lengths, 0, labels.count + 1, "ctc: labelLengths");

    std::vector<const int32_t*>& starts = starts_;
    starts.clear();
    int64_t start = 0;
    for (int64_t b = 0; b < batch; ++b) {
      starts.push_back(labels.integers() + start);
      start += lengths.integers()[b];
    }
    if (start != labels.count)
      throw Error("ERR_INDEX", "ctc: labelLengths sum up to " + std::to_string(start) + ", expected " +
                                   std::to_string(labels.count));
    sequences.clear();
    ragged.visit_lengths({0, batch}, [&](int64_t rank, int64_t frames) {
      const int64_t place = ragged.caller(rank);
      sequences.push_back({place, frames, lengths.integers()[place], starts[static_cast<size_t>(place)]});
    });
  }

  int64_t row(int64_t rank, int64_t t) const { return offsets[t] + rank; }

  // What a loss is divided by.
  double divisor(const Sequence& sequence) const {
    if (reduction != LossReduction::kMean) return 1;
    return static_cast<double>(std::max<int64_t>(1, sequence.labels) * batch);
  }

  const LossReduction reduction;
  const bool zero_when_impossible;
  const int64_t blank;
  const float* x = nullptr;
  int64_t tokens = 0, classes = 0, batch = 0;
  std::vector<Sequence> sequences;  // by rank

 private:
  Buffer logits_, labels_, label_lengths_, offsets_, order_;
  const int32_t* offsets = nullptr;
  std::vector<const int32_t*> starts_;  // of the labels, by place
};

// Rows over the states of a sequence, all of one width, and what is kept of each frame.
struct Rows {
  int64_t width = 0, frames = 0, cells = 0;

  // Of the largest sequence; α of all its frames where `keep`, else of two that take turns.
  Rows(const Terms& terms, bool keep) {
    for (const Sequence& sequence : terms.sequences) {
      width = std::max(width, sequence.width());
      frames = std::max(frames, sequence.frames);
      cells = std::max(cells, sequence.width() * (keep ? sequence.frames : 2));
    }
  }

  uint64_t bytes() const {
    const uint64_t floats = static_cast<uint64_t>(cells + kOthers * width) * sizeof(float);
    return (floats + static_cast<uint64_t>(frames) * sizeof(double) + 63) / 64 * 64;
  }

  static constexpr int64_t kOthers = 5;  // rows besides α
};

// The alignments of one sequence after another, in memory of the thread's own.
class Alignments {
 public:
  Alignments(const Terms& terms, const ElementwiseKernels& kernels, const Rows& rows, bool keep, void* memory)
      : terms_(terms), kernels_(kernels), keep_(keep) {
    shifts_ = static_cast<double*>(memory);
    float* next = reinterpret_cast<float*>(shifts_ + rows.frames);
    alpha_ = next, next += rows.cells;
    for (float** row : {&log_p_, &gate_, &beta_, &ahead_, &occupancy_})
      *row = next + kPad, next += rows.width;
  }

  // −ln of the probability of the labels.
  double loss(int64_t rank) {
    const Sequence& sequence = start(rank);
    const int64_t S = sequence.states(), T = sequence.frames;
    if (T == 0) return S == 1 ? 0 : kInfinity;
    double shift = 0;
    for (int64_t t = 0; t < T; ++t) {
      float* row = alpha(t);
      clear(row);
      read_frame(rank, t);
      if (t == 0) {
        std::copy_n(log_p_, std::min<int64_t>(S, 2), row);
      } else {
        const float* before = alpha(t - 1);
        kernels_.log_add(before, before - 1, before - 2, gate_, row, S);
        kernels_.add.both(row, log_p_, row, S);
      }
      shifts_[t] = shift += normalise(row);
    }
    const float* last = alpha(T - 1);
    const double end = last[S - 1], before = last[S - 2];
    const double largest = std::max(end, before);
    if (largest <= 0.1 * kLogZero) return kInfinity;
    return -(shift + largest + std::log(std::exp(end - largest) + std::exp(before - largest)));
  }

  // What comes back through a loss that was just computed, to the logits of all its frames.
  void gradient(int64_t rank, double loss, double upstream, float* d_logits) {
    const Sequence& sequence = *sequence_;
    const int64_t S = sequence.states(), C = terms_.classes;
    clear(beta_);
    clear(ahead_);
    std::fill_n(beta_ + std::max<int64_t>(0, S - 2), std::min<int64_t>(S, 2), 0.0f);
    double shift = 0;
    for (int64_t t = sequence.frames - 1; t >= 0; --t) {
      kernels_.exp_of_sum(alpha(t), beta_, static_cast<float>(shifts_[t] + shift + loss), occupancy_, S);
      const float* x = frame(rank, t);
      float* dx = d_logits + terms_.row(rank, t) * C;
      kernels_.softmax(x, kernels_.largest(x, C), upstream, dx, C);
      for (int64_t s = 0; s < S; ++s) dx[state(s)] -= static_cast<float>(upstream) * occupancy_[s];
      if (t == 0) break;
      read_frame(rank, t);
      kernels_.add.both(beta_, log_p_, ahead_, S);
      shift += normalise(ahead_);
      kernels_.log_add(ahead_, ahead_ + 1, ahead_ + 2, gate_ + 2, beta_, S);
    }
  }

 private:
  const Sequence& start(int64_t rank) {
    sequence_ = &terms_.sequences[static_cast<size_t>(rank)];
    clear(gate_);
    for (int64_t i = 1; i < sequence_->labels; ++i)
      if (sequence_->label[i] != sequence_->label[i - 1]) gate_[2 * i + 1] = 0;
    return *sequence_;
  }

  int64_t state(int64_t s) const { return s % 2 == 0 ? terms_.blank : sequence_->label[s / 2]; }
  const float* frame(int64_t rank, int64_t t) const {
    return terms_.x + terms_.row(rank, t) * terms_.classes;
  }
  float* alpha(int64_t t) const { return alpha_ + (keep_ ? t : t % 2) * sequence_->width() + kPad; }
  void clear(float* row) const { std::fill_n(row - kPad, sequence_->width(), kLogZero); }

  // log p of each state's class at a frame
  void read_frame(int64_t rank, int64_t t) {
    const float* x = frame(rank, t);
    const double largest = kernels_.largest(x, terms_.classes);
    const double log_sum = kernels_.log_sum_exp(x, static_cast<float>(largest), terms_.classes);
    for (int64_t s = 0; s < sequence_->states(); ++s)
      log_p_[s] = std::max(static_cast<float>(x[state(s)] - largest - log_sum), kLogZero);
  }

  // Makes the most probable state's logarithm 0; answers what it was.
  double normalise(float* row) const {
    const float largest = kernels_.largest(row, sequence_->states());
    if (largest <= 0.1f * kLogZero) return 0;
    kernels_.scale(1, -largest, row, row, sequence_->states());
    return largest;
  }

  const Terms& terms_;
  const ElementwiseKernels& kernels_;
  const bool keep_;
  const Sequence* sequence_ = nullptr;
  double* shifts_;  // by frame: the logarithm that its most probable state had
  float* alpha_;
  float *log_p_, *gate_, *beta_, *ahead_, *occupancy_;  // gate: 0 where a state is reached from two before it
};

// Calls visit(rank, alignments) for every sequence, on the thread that takes it.
template <class Visit>
void for_each_sequence(Run& run, const Terms& terms, bool keep, const Visit& visit) {
  const Rows rows(terms, keep);
  const int threads = terms.tokens * terms.classes < kWorthSharing ? 1 : run.pool().threads();
  char* memory = static_cast<char*>(run.workspace(rows.bytes() * static_cast<uint64_t>(threads)));
  const auto part = [&](const Worker& worker) {
    Alignments alignments(terms, *run.kernels().elementwise, rows, keep,
                          memory + rows.bytes() * static_cast<uint64_t>(worker.index()));
    for (int64_t rank = worker.index(); rank < terms.batch; rank += worker.count()) visit(rank, alignments);
  };
  run.pool().parallel(std::cref(part), threads);
}

class Ctc final : public Operation {
 public:
  explicit Ctc(const StepSpec& step) : terms_(step), loss_(step.output("loss")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const View& loss = run.view(loss_);
    const bool each = terms_.reduction == LossReduction::kNone;
    expect_count(loss, each ? terms_.batch : 1, "ctc", "loss");
    losses_.resize(static_cast<size_t>(terms_.batch));
    for_each_sequence(run, terms_, false, [&](int64_t rank, Alignments& alignments) {
      const double found = alignments.loss(rank);
      losses_[static_cast<size_t>(rank)] = found == kInfinity && terms_.zero_when_impossible ? 0 : found;
    });
    double total = 0;
    for (int64_t rank = 0; rank < terms_.batch; ++rank) {
      const Sequence& sequence = terms_.sequences[static_cast<size_t>(rank)];
      const double l = losses_[static_cast<size_t>(rank)];
      if (each) loss.real()[sequence.place] = static_cast<float>(l);
      total += l / terms_.divisor(sequence);
    }
    if (!each) loss.real()[0] = static_cast<float>(total);
  }

 private:
  Terms terms_;
  Buffer loss_;
  std::vector<double> losses_;  // by rank
};

class CtcGradient final : public Operation {
 public:
  explicit CtcGradient(const StepSpec& step)
      : terms_(step), d_loss_(step.input("dLoss")), d_logits_(step.output("logits")) {}

  void run(Run& run) override {
    terms_.bind(run);
    const View &d_loss = run.view(d_loss_), &d_logits = run.view(d_logits_);
    const bool each = terms_.reduction == LossReduction::kNone;
    expect_count(d_loss, each ? terms_.batch : 1, "ctcGradient", "dLoss");
    expect_shape(d_logits, {terms_.tokens, terms_.classes}, "ctcGradient: logits");
    for_each_sequence(run, terms_, true, [&](int64_t rank, Alignments& alignments) {
      const Sequence& sequence = terms_.sequences[static_cast<size_t>(rank)];
      const double loss = alignments.loss(rank);
      if (loss == kInfinity) {
        for (int64_t t = 0; t < sequence.frames; ++t)
          std::fill_n(d_logits.real() + terms_.row(rank, t) * terms_.classes, terms_.classes, 0.0f);
        return;
      }
      const double upstream = d_loss.real()[each ? sequence.place : 0] / terms_.divisor(sequence);
      alignments.gradient(rank, loss, upstream, d_logits.real());
    });
  }

 private:
  Terms terms_;
  Buffer d_loss_, d_logits_;
};

constexpr OperationEntry kEntries[] = {
    {"ctc", make_operation<Ctc>},
    {"ctcGradient", make_operation<CtcGradient>},
};

}  // namespace

extern const OperationList kCtcOperations;
const OperationList kCtcOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
