#include "engine/operation.h"
#include "engine/program.h"

namespace recurra {

int64_t View::rows() const {
  int64_t rows = 1;
  for (size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  return rows;
}

void expect_shape(const View& view, std::initializer_list<int64_t> shape, const char* what) {
  bool same = view.shape.size() == shape.size();
  std::string expected;
  size_t axis = 0;
  for (const int64_t extent : shape) {
    same = same && (extent == -1 || view.shape[axis] == extent);
    expected += (axis++ > 0 ? ", " : "") + (extent == -1 ? "*" : std::to_string(extent));
  }
  if (!same)
    throw Error("ERR_SHAPE", std::string(what) + " has shape " + describe_shape(view.shape) + ", expected [" +
                                 expected + "]");
}

void expect_indices(const View& view, int64_t lowest, int64_t limit, const char* what) {
  const int32_t* values = view.integers();
  for (int64_t i = 0; i < view.count; ++i)
    if (values[i] < lowest || values[i] >= limit)
      throw Error("ERR_INDEX", std::string(what) + "[" + std::to_string(i) + "] is " +
                                   std::to_string(values[i]) + ", expected " + std::to_string(lowest) +
                                   " … " + std::to_string(limit - 1));
}

}  // namespace recurra
