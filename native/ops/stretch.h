// Operands that are stretched to a shape, as in NumPy: axes are matched from the last, an extent of 1
// repeats.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/operation.h"

namespace recurra {

constexpr int kMaxAxes = 16;

// How two operands advance along the elements of a shape in row-major order. Axes from the innermost out, at
// least one: those of extent 1 are left out, neighbours along which both operands advance evenly are joined.
struct Stretched {
  int axes = 0;
  int64_t extent[kMaxAxes];
  int64_t step[kMaxAxes][2];  // elements; 0 along the axes over which the operand is stretched
};

// Throws ERR_SHAPE where a shape cannot be stretched to `shape`.
Stretched stretch(const std::vector<int64_t>& shape, const std::vector<int64_t>& a,
                  const std::vector<int64_t>& b, std::string_view op);

// Calls visit(first, length, a, b) for each run of elements along the innermost axis within `range`: the
// first element of the run and where the operands stand there.
template <class Visit>
void visit_runs(const Stretched& shape, Range range, const Visit& visit) {
  const int64_t inner = shape.extent[0];
  int64_t index[kMaxAxes] = {range.begin % inner};
  int64_t a = index[0] * shape.step[0][0], b = index[0] * shape.step[0][1];
  int64_t rest = range.begin / inner;
  for (int axis = 1; axis < shape.axes; ++axis) {
    index[axis] = rest % shape.extent[axis];
    rest /= shape.extent[axis];
    a += index[axis] * shape.step[axis][0];
    b += index[axis] * shape.step[axis][1];
  }
  for (int64_t first = range.begin; first < range.end;) {
    const int64_t left = inner - index[0];
    const int64_t length = left < range.end - first ? left : range.end - first;
    visit(first, length, a, b);
    first += length;
    a -= index[0] * shape.step[0][0];
    b -= index[0] * shape.step[0][1];
    index[0] = 0;
    for (int axis = 1; axis < shape.axes; ++axis) {
      a += shape.step[axis][0];
      b += shape.step[axis][1];
      if (++index[axis] < shape.extent[axis]) break;
      a -= shape.extent[axis] * shape.step[axis][0];
      b -= shape.extent[axis] * shape.step[axis][1];
      index[axis] = 0;
    }
  }
}

}  // namespace recurra
