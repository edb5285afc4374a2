// What an engine is made with, and its limits are measured for.
#pragma once

#include <napi.h>

#include <string>

#include "kernels/kernels.h"

namespace recurra {

struct EngineOptions {
  int threads;  // 1 … 256
  const Kernels* kernels;
};

// Reads { threads, isa }. Throws ERR_ARGUMENT, ERR_BACKEND where this machine lacks the instruction set;
// `what` is the function that was called.
EngineOptions read_engine_options(Napi::Value value, const std::string& what);

}  // namespace recurra
