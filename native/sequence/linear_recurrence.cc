// h_t = a_t⊙h_{t−1} + b_t over a ragged batch; lib/ops/linear-recurrence.ts.
//
// Units of sequences are independent columns, and a time step is one array of them. Where there are too few
// to keep threads busy the steps are cut into chunks: what each makes of any state is found first, all chunks
// at once; then the states between chunks, one after another; then all states, all chunks at once.
#include <algorithm>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/in_parallel.h"
#include "sequence/direction.h"
#include "sequence/ragged.h"
#include "sequence/states.h"
#include "sequence/workspace.h"

namespace recurra {
namespace {

// Equal parts of the steps, by shape alone: bits depend on it.
class Chunks {
 public:
  Chunks(int64_t steps, int64_t columns) : steps_(steps) {
    const int64_t most = columns > 0 ? std::min(steps / kSteps, kColumns / columns) : 1;
    count = most < kFewest ? 1 : most;
    length = (steps + count - 1) / count;
  }

  // In the order in which they are processed.
  Range steps(int64_t chunk) const {
    return {std::min(chunk * length, steps_), std::min((chunk + 1) * length, steps_)};
  }

  int64_t count, length;

 private:
  static constexpr int64_t kColumns = 512;  // with these in all chunks every thread has some
  static constexpr int64_t kFewest = 4;     // fewer do not make up for reading a and b twice
  static constexpr int64_t kSteps = 256;    // of a chunk, at least

  int64_t steps_;
};

class LinearRecurrence final : public Operation {
 public:
  explicit LinearRecurrence(const StepSpec& step)
      : a_(step.input("a")),
        b_(step.input("b")),
        h_(step.optional("h")),
        offsets_(step.input("offsets", DType::kInt32)),
        order_(step.input("order", DType::kInt32)),
        y_(step.output("y")),
        last_(step.output("hN")),
        backward_(reads_backward(step)) {}

  void run(Run& run) override {
    const View &a = run.view(a_), &b = run.view(b_), &y = run.view(y_), &last = run.view(last_);
    expect_shape(a, {-1, -1}, "linearRecurrence: a");
    const int64_t tokens = a.axis(0), units = a.axis(1);
    expect_shape(b, {tokens, units}, "linearRecurrence: b");
    expect_shape(y, {tokens, units}, "linearRecurrence: y");
    const Ragged ragged("linearRecurrence", run.view(offsets_), run.view(order_), tokens, backward_);
    expect_shape(last, {ragged.batch(), units}, "linearRecurrence: hN");
    if (h_) expect_shape(run.view(h_), {ragged.batch(), units}, "linearRecurrence: h");

    const int64_t columns = ragged.batch() * units;
    const Chunks chunks(ragged.steps(), columns);
    float *states, *factors, *ends;  // [chunk][column]: h before a chunk; a chunk makes factor·h + end of it
    Workspace::cut(run, [&](Workspace& workspace) {
      states = workspace.take<float>(chunks.count * columns);
      factors = workspace.take<float>((chunks.count - 1) * columns);
      ends = workspace.take<float>((chunks.count - 1) * columns);
    });
    const ElementwiseKernels& kernels = *run.kernels().elementwise;
    const auto visit = [&](int64_t count, const auto& step) {
      in_parallel(
          run, count * columns, chunks.length,
          [&](Range range) { visit_steps(run, ragged, units, chunks, range, step); }, 16);
    };

    std::fill_n(factors, (chunks.count - 1) * columns, 1.0f);
    std::fill_n(ends, (chunks.count - 1) * columns, 0.0f);
    visit(chunks.count - 1, [&](int64_t column, int64_t at, int64_t count) {
      kernels.compose_linear_step(a.real() + at, b.real() + at, factors + column, ends + column, count);
    });

    gather_states(ragged, h_ ? run.view(h_).real() : nullptr, units, units, states);
    for (int64_t done = 0; done < (chunks.count - 1) * columns; done += columns) {
      float* next = states + done + columns;
      std::copy_n(states + done, columns, next);
      kernels.linear_step(factors + done, ends + done, next, next, columns);
    }

    visit(chunks.count, [&](int64_t column, int64_t at, int64_t count) {
      kernels.linear_step(a.real() + at, b.real() + at, states + column, y.real() + at, count);
    });
    scatter_states(ragged, states + (chunks.count - 1) * columns, units, units, last.real());
  }

 private:
  // Calls step(column, at, count) for the columns in `range`, those of all chunks one after another, at each
  // step of their chunk: `count` of them are alive, and their elements begin at `at`.
  template <class Step>
  static void visit_steps(const Run& run, const Ragged& ragged, int64_t units, const Chunks& chunks,
                          Range range, const Step& step) {
    const int64_t columns = ragged.batch() * units;
    for (int64_t column = range.begin; column < range.end;) {
      const int64_t chunk = column / columns, first = column % columns;
      const int64_t end = std::min(columns, first + range.end - column);
      const Range steps = chunks.steps(chunk);
      for (int64_t p = steps.begin; p < steps.end; ++p) {
        const int64_t time = ragged.time(p), alive = std::min(end, ragged.active(time) * units);
        if (run.cancelled()) return;
        if (first < alive) step(column, ragged.first(time) * units + first, alive - first);
      }
      column += end - first;
    }
  }

  Buffer a_, b_, h_, offsets_, order_, y_, last_;
  bool backward_;
};

constexpr OperationEntry kEntries[] = {{"linearRecurrence", make_operation<LinearRecurrence>}};

}  // namespace

extern const OperationList kLinearRecurrenceOperations;
const OperationList kLinearRecurrenceOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
