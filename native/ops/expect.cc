#include "ops/expect.h"

#include <cmath>
#include <string>

#include "engine/program.h"

namespace recurra {

void expect_count(const View& view, int64_t count, std::string_view op, const char* name) {
  if (view.count != count)
    throw Error("ERR_SHAPE", std::string(op) + ": " + name + " has shape " + describe_shape(view.shape) +
                                 ", expected " + std::to_string(count) + " elements");
}

int64_t whole_number(const StepSpec& step, const char* attribute, int64_t lowest, int64_t limit) {
  const double value = step.number(attribute);
  if (!(value >= static_cast<double>(lowest) && value < static_cast<double>(limit)) ||
      value != std::floor(value))
    throw Error("ERR_ARGUMENT", step.op() + ": " + attribute + " must be a whole number from " +
                                    std::to_string(lowest) + " to " + std::to_string(limit - 1) + ", got " +
                                    std::to_string(value));
  return static_cast<int64_t>(value);
}

}  // namespace recurra
