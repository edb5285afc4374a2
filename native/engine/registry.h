#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/operation.h"
#include "engine/program.h"

namespace recurra {

// One operation per step. Throws ERR_BACKEND, naming it, where a step asks for one that there is not.
std::vector<std::unique_ptr<Operation>> make_operations(const Program& program);

}  // namespace recurra
