// Elements as they are: copy, reshape, broadcast; numbers of the program: fill with one of them, constant.
#include <algorithm>
#include <iterator>

#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "ops/stretch.h"

namespace recurra {
namespace {

// The same elements in the same order, whatever the shape.
class Copy final : public Operation {
 public:
  explicit Copy(const StepSpec& step) : op_(step.op()), x_(step.any_input("x")), y_(step.any_output("y")) {
    if (step.dtype(x_) != step.dtype(y_)) throw Error("ERR_ARGUMENT", op_ + ": x and y differ in type");
  }

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    expect_count(y, x.count, op_, "y");
    const auto* from = static_cast<const int32_t*>(x.data);
    auto* to = static_cast<int32_t*>(y.data);
    in_parallel(
        run, x.count, 1,
        [&](Range range) { std::copy(from + range.begin, from + range.end, to + range.begin); }, 16);
  }

 private:
  std::string op_;
  Buffer x_, y_;
};

class Broadcast final : public Operation {
 public:
  explicit Broadcast(const StepSpec& step) : x_(step.input("x")), y_(step.output("y")) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    const Stretched shape = stretch(y.shape, x.shape, {}, "broadcast");
    const bool moves = shape.step[0][0] != 0;
    const auto part = [&](Range range) {
      visit_runs(shape, range, [&](int64_t first, int64_t length, int64_t p, int64_t) {
        const float* from = x.real() + p;
        float* to = y.real() + first;
        if (moves)
          std::copy(from, from + length, to);
        else
          std::fill_n(to, length, *from);
      });
    };
    in_parallel(run, y.count, 1, part, 16);
  }

 private:
  Buffer x_, y_;
};

class Fill final : public Operation {
 public:
  explicit Fill(const StepSpec& step)
      : y_(step.output("y")), value_(static_cast<float>(step.number("value"))) {}

  void run(Run& run) override {
    const View& y = run.view(y_);
    in_parallel(
        run, y.count, 1,
        [&](Range range) { std::fill(y.real() + range.begin, y.real() + range.end, value_); }, 16);
  }

 private:
  Buffer y_;
  float value_;
};

class Constant final : public Operation {
 public:
  explicit Constant(const StepSpec& step) : y_(step.output("y")) {
    for (const double value : step.numbers("values")) values_.push_back(static_cast<float>(value));
  }

  void run(Run& run) override {
    const View& y = run.view(y_);
    expect_count(y, static_cast<int64_t>(values_.size()), "constant", "y");
    std::copy(values_.begin(), values_.end(), y.real());
  }

 private:
  Buffer y_;
  std::vector<float> values_;
};

constexpr OperationEntry kEntries[] = {
    {"broadcast", make_operation<Broadcast>}, {"constant", make_operation<Constant>},
    {"copy", make_operation<Copy>},           {"fill", make_operation<Fill>},
    {"reshape", make_operation<Copy>},
};

}  // namespace

extern const OperationList kCopyOperations;
const OperationList kCopyOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
