#pragma once

#include <napi.h>

#include "engine/program.h"

namespace recurra {

// Reads ProgramData of lib/program/program.ts. Throws a TypeError that names the field which is of the wrong
// kind; whether the numbers make sense is for `check_program` to say.
Program read_program(Napi::Value value);

// A whole number of at least `lowest`. Throws a TypeError that names `what`.
int64_t read_integer(Napi::Value value, int64_t lowest, const char* what);

}  // namespace recurra
