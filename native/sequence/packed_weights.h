// Weights in the layout of a kernel, kept from run to run until the parameters change.
#pragma once

#include "engine/memory.h"
#include "engine/operation.h"

namespace recurra {

class PackedWeights {
 public:
  // Makes room. True where the caller has to write `data()` before it calls `keep`.
  bool stale(const Run& run, Buffer weights, int64_t floats) {
    found_ = run.version(weights);
    if (found_ != 0 && found_ == version_) return false;
    version_ = 0;
    memory_.reserve(static_cast<uint64_t>(floats) * sizeof(float));
    return true;
  }
  // Once they are written. Parameters that have changed since `stale` looked are packed anew the next time.
  void keep() { version_ = found_; }

  float* data() const { return reinterpret_cast<float*>(memory_.data()); }

 private:
  Memory memory_;
  uint64_t version_ = 0;  // 0: nothing worth keeping
  uint64_t found_ = 0;
};

}  // namespace recurra
