// The options of a cell as a program gives them: lib/ops/cell-options.ts, flattened by lib/ops/recurrent.ts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/operation.h"
#include "sequence/kernels.h"

namespace recurra {

// Whether an attribute is the first of two words; throws ERR_ARGUMENT where it is neither.
bool chosen(const StepSpec& step, const char* attribute, const char* first, const char* second);

// What a cell has beside its plain equations, and the kernels that compute it.
struct CellSpec {
  // Throws ERR_ARGUMENT where the options are none of this cell's.
  CellSpec(const StepSpec& step, const std::string& cell);

  CellFamily RecurrentKernels::* family;
  bool zoned = false;
  std::optional<CellOptions> options;  // none: the plain cell
  std::vector<int> peepholes;          // of each row of the weights: the place in CellOptions
};

}  // namespace recurra
