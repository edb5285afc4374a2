// The outputs of a cell's gradient: those that the attribute `gradients` names.
#pragma once

#include <string>

#include "engine/operation.h"

namespace recurra {

struct WantedGradients {
  explicit WantedGradients(const StepSpec& step) {
    for (const std::string& name : step.texts("gradients")) {
      const auto output = [&](const char* wanted, Buffer& buffer) {
        if (name == wanted) buffer = step.output(wanted);
        return name == wanted;
      };
      if (!output("x", x) && !output("table", table) && !output("inputWeight", input_weight) &&
          !output("recurrentWeight", recurrent_weight) && !output("bias", bias) &&
          !output("recurrentBias", recurrent_bias) && !output("h", h) && !output("c", c) &&
          !output("peepholes", peepholes))
        throw Error("ERR_ARGUMENT", step.op() + ": there is no gradient of " + name);
    }
    if (table) at = step.output("at", DType::kInt32);
  }
  Buffer x, table, at, input_weight, recurrent_weight, bias, recurrent_bias, h, c, peepholes;
};

}  // namespace recurra
