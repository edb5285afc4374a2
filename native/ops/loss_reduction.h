// How a loss over rows becomes one number; lib/ops/reduction.ts.
#pragma once

#include "engine/operation.h"

namespace recurra {

enum class LossReduction { kMean, kSum, kNone };

// The attribute `reduction`. Throws ERR_ARGUMENT where it is none of these.
inline LossReduction loss_reduction(const StepSpec& step) {
  const std::string& name = step.text("reduction");
  if (name == "mean") return LossReduction::kMean;
  if (name == "sum") return LossReduction::kSum;
  if (name == "none") return LossReduction::kNone;
  throw Error("ERR_ARGUMENT", step.op() + ": reduction must be mean, sum or none, got " + name);
}

}  // namespace recurra
