// Which way an operation goes along its sequences.
#pragma once

#include "engine/operation.h"

namespace recurra {

// Whether sequences are read from their ends. Throws ERR_ARGUMENT where the attribute names no direction.
inline bool reads_backward(const StepSpec& step) {
  const std::string& direction = step.text("direction");
  if (direction != "forward" && direction != "backward")
    throw Error("ERR_ARGUMENT",
                step.op() + ": direction must be 'forward' or 'backward', got '" + direction + "'");
  return direction == "backward";
}

}  // namespace recurra
