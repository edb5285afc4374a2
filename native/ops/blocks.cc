// Parts of tensors along one axis: concat, slice, pad. Seen from the axis a tensor is a row of blocks, one
// for each index of the axes before it; every part of a block lies in one piece.
#include <algorithm>
#include <iterator>

#include "engine/program.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {
namespace {

struct Blocks {
  int64_t count = 1;   // product of the extents before the axis
  int64_t extent = 0;  // of the axis
  int64_t inner = 1;   // product of the extents behind it
  int64_t length = 0;  // elements of a block
};

Blocks blocks_along(const View& view, size_t axis, std::string_view op) {
  if (axis >= view.shape.size())
    throw Error("ERR_SHAPE",
                std::string(op) + ": " + describe_shape(view.shape) + " has no axis " + std::to_string(axis));
  Blocks blocks;
  for (size_t i = 0; i < axis; ++i) blocks.count *= view.shape[i];
  for (size_t i = axis + 1; i < view.shape.size(); ++i) blocks.inner *= view.shape[i];
  blocks.extent = view.shape[axis];
  blocks.length = blocks.extent * blocks.inner;
  return blocks;
}

// Throws unless the view has the shape of another but for `extent` along the axis.
void expect_along(const View& view, const View& like, size_t axis, int64_t extent, std::string_view what) {
  std::vector<int64_t> expected = like.shape;
  expected[axis] = extent;
  if (view.shape != expected)
    throw Error("ERR_SHAPE", std::string(what) + " has shape " + describe_shape(view.shape) + ", expected " +
                                 describe_shape(expected));
}

size_t axis_of(const StepSpec& step) { return static_cast<size_t>(whole_number(step, "axis", 0, 64)); }

// Elements of either type are moved as words.
int32_t* words(const View& view) { return static_cast<int32_t*>(view.data); }

class Concat final : public Operation {
 public:
  explicit Concat(const StepSpec& step)
      : parts_(step.inputs("x")), y_(step.any_output("y")), axis_(axis_of(step)) {
    if (parts_.empty()) throw Error("ERR_ARGUMENT", "concat: there is no x0");
    for (const Buffer part : parts_)
      if (step.dtype(part) != step.dtype(y_)) throw Error("ERR_ARGUMENT", "concat: x and y differ in type");
  }

  void run(Run& run) override {
    const View& y = run.view(y_);
    const Blocks whole = blocks_along(y, axis_, "concat");
    views_.clear();
    int64_t extent = 0;
    for (const Buffer part : parts_) {
      const View& x = views_.emplace_back(run.view(part));
      const Blocks blocks = blocks_along(x, axis_, "concat");
      expect_along(x, y, axis_, blocks.extent, "concat: x");
      extent += blocks.extent;
    }
    if (extent != whole.extent) throw Error("ERR_SHAPE", "concat: the parts do not fill y");
    in_parallel(run, whole.count, whole.length, [&](Range range) {
      for (int64_t block = range.begin; block < range.end; ++block) {
        int32_t* to = words(y) + block * whole.length;
        for (const View& x : views_) {
          const int64_t length = x.shape[axis_] * whole.inner;
          const int32_t* from = words(x) + block * length;
          to = std::copy(from, from + length, to);
        }
      }
    });
  }

 private:
  std::vector<Buffer> parts_;
  std::vector<View> views_;
  Buffer y_;
  size_t axis_;
};

// Elements [start, stop) of the axis.
class Slice final : public Operation {
 public:
  explicit Slice(const StepSpec& step)
      : x_(step.any_input("x")),
        y_(step.any_output("y")),
        axis_(axis_of(step)),
        start_(whole_number(step, "start", 0, int64_t{1} << 53)),
        stop_(whole_number(step, "stop", start_, int64_t{1} << 53)) {
    if (step.dtype(x_) != step.dtype(y_)) throw Error("ERR_ARGUMENT", "slice: x and y differ in type");
  }

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    const Blocks from = blocks_along(x, axis_, "slice");
    if (stop_ > from.extent)
      throw Error("ERR_SHAPE", "slice: " + describe_shape(x.shape) + " ends before " + std::to_string(stop_));
    expect_along(y, x, axis_, stop_ - start_, "slice: y");
    const int64_t length = (stop_ - start_) * from.inner;
    in_parallel(run, from.count, length, [&](Range range) {
      for (int64_t block = range.begin; block < range.end; ++block) {
        const int32_t* part = words(x) + block * from.length + start_ * from.inner;
        std::copy(part, part + length, words(y) + block * length);
      }
    });
  }

 private:
  Buffer x_, y_;
  size_t axis_;
  int64_t start_, stop_;
};

// Zeros before and after the elements of the axis.
class Pad final : public Operation {
 public:
  explicit Pad(const StepSpec& step)
      : x_(step.input("x")),
        y_(step.output("y")),
        axis_(axis_of(step)),
        before_(whole_number(step, "before", 0, int64_t{1} << 53)),
        after_(whole_number(step, "after", 0, int64_t{1} << 53)) {}

  void run(Run& run) override {
    const View &x = run.view(x_), &y = run.view(y_);
    const Blocks from = blocks_along(x, axis_, "pad");
    expect_along(y, x, axis_, before_ + from.extent + after_, "pad: y");
    const int64_t before = before_ * from.inner, after = after_ * from.inner;
    const int64_t length = before + from.length + after;
    in_parallel(run, from.count, length, [&](Range range) {
      for (int64_t block = range.begin; block < range.end; ++block) {
        const float* part = x.real() + block * from.length;
        float* to = std::fill_n(y.real() + block * length, before, 0.0f);
        std::fill_n(std::copy(part, part + from.length, to), after, 0.0f);
      }
    });
  }

 private:
  Buffer x_, y_;
  size_t axis_;
  int64_t before_, after_;
};

constexpr OperationEntry kEntries[] = {
    {"concat", make_operation<Concat>},
    {"pad", make_operation<Pad>},
    {"slice", make_operation<Slice>},
};

}  // namespace

extern const OperationList kBlockOperations;
const OperationList kBlockOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
