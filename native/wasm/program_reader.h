#pragma once

#include "engine/program.h"

namespace recurra {

// Reads what lib/backend/wasm/encode-program.ts wrote. Throws ERR_ARGUMENT where it is something else;
// whether the numbers make sense is for `check_program` to say.
Program read_program(const char* bytes, size_t count);

}  // namespace recurra
