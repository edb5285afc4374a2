// What was thrown last. Debian's and others' libc++abi for WebAssembly come without exceptions: thrown.cc is
// the little of them that the engine needs, which throws anything and catches with `catch (...)` alone.
#pragma once

#include <string>

namespace recurra {

struct Thrown {
  const char* code = nullptr;  // of lib/errors.ts; null where nothing was thrown
  std::string message;
};

extern Thrown thrown;

}  // namespace recurra
