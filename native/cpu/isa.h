// Which of the kernel tables in this binary the processor can run.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/kernels.h"

namespace recurra {

// Best first; the last is always 'scalar'.
const std::vector<const Kernels*>& available_kernels();

// Null where this binary or this processor does not have it.
const Kernels* kernels_named(std::string_view name);

}  // namespace recurra
