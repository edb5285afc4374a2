// Cuts one piece of scratch memory into arrays: first measured, then placed.
#pragma once

#include <cstdint>

#include "engine/operation.h"

namespace recurra {

class Workspace {
 public:
  // `place` takes its arrays in the same order each time it is called.
  template <class Place>
  static void cut(Run& run, Place place) {
    Workspace measure;
    place(measure);
    Workspace real;
    real.base_ = static_cast<char*>(run.workspace(measure.used_));
    place(real);
  }

  // 64-byte aligned; null while it is measured.
  template <class T>
  T* take(int64_t count) {
    constexpr uint64_t kLine = 64;
    char* at = base_ ? base_ + used_ : nullptr;
    used_ += (static_cast<uint64_t>(count) * sizeof(T) + kLine - 1) / kLine * kLine;
    return reinterpret_cast<T*>(at);
  }

 private:
  char* base_ = nullptr;
  uint64_t used_ = 0;
};

}  // namespace recurra
