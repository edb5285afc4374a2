// What operations check besides shapes and indices.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/operation.h"

namespace recurra {

// Throws ERR_SHAPE unless the buffer `name` of the operation has this many elements.
void expect_count(const View& view, int64_t count, std::string_view op, const char* name);

// An attribute that is a whole number of at least `lowest` and below `limit`. Throws ERR_ARGUMENT where it is
// not.
int64_t whole_number(const StepSpec& step, const char* attribute, int64_t lowest, int64_t limit);

}  // namespace recurra
