#include "ops/stretch.h"

#include <string>

#include "engine/program.h"

namespace recurra {
namespace {

// Advances from the last axis of an operand to the first.
class Operand {
 public:
  Operand(const std::vector<int64_t>& from, const std::vector<int64_t>& to, std::string_view op)
      : from_(from), to_(to), op_(op), axis_(from.size()) {
    if (from.size() > to.size()) throw misfit();
  }

  // What the operand advances by along its next axis, which has this extent in the shape it is stretched to.
  int64_t next(int64_t extent) {
    if (axis_ == 0) return 0;
    const int64_t own = from_[--axis_];
    if (own != extent && own != 1) throw misfit();
    const int64_t step = own == 1 ? 0 : elements_;
    elements_ *= own;
    return step;
  }

 private:
  Error misfit() const {
    return Error("ERR_SHAPE", std::string(op_) + ": " + describe_shape(from_) + " cannot be stretched to " +
                                  describe_shape(to_));
  }

  const std::vector<int64_t>& from_;
  const std::vector<int64_t>& to_;
  std::string_view op_;
  size_t axis_;
  int64_t elements_ = 1;
};

}  // namespace

Stretched stretch(const std::vector<int64_t>& shape, const std::vector<int64_t>& a,
                  const std::vector<int64_t>& b, std::string_view op) {
  if (shape.size() > kMaxAxes)
    throw Error("ERR_SHAPE", std::string(op) + ": " + describe_shape(shape) + " has more than " +
                                 std::to_string(kMaxAxes) + " axes");
  Operand first(a, shape, op), second(b, shape, op);
  Stretched result;
  for (size_t axis = shape.size(); axis-- > 0;) {
    const int64_t extent = shape[axis];
    const int64_t step[2] = {first.next(extent), second.next(extent)};
    if (extent == 1) continue;
    const int last = result.axes - 1;
    if (last >= 0 && step[0] == result.step[last][0] * result.extent[last] &&
        step[1] == result.step[last][1] * result.extent[last]) {
      result.extent[last] *= extent;
      continue;
    }
    result.extent[result.axes] = extent;
    result.step[result.axes][0] = step[0];
    result.step[result.axes][1] = step[1];
    ++result.axes;
  }
  if (result.axes == 0) {
    result.axes = 1;
    result.extent[0] = 1;
    result.step[0][0] = result.step[0][1] = 0;
  }
  return result;
}

}  // namespace recurra
