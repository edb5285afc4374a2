// A run that is made over and over on the calling thread, on memory that was looked at once: where a step of
// a stream takes microseconds, so would fetching its arrays.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "addon/arrays.h"
#include "engine/engine.h"

namespace recurra {

class BoundRun {
 public:
  // `feeds` and `results` in the order of the program's, all over shared memory. `owner`: what must stay
  // alive, the engine and the program among it.
  BoundRun(std::unique_ptr<RunRequest> request, const std::vector<ArrayView>& feeds,
           const std::vector<ArrayView>& results, std::vector<Napi::ObjectReference> owner);

  // Afterwards `request().code` tells how it went. Throws ERR_BUSY.
  void run(Engine& engine);
  const RunRequest& request() const { return *request_; }

 private:
  struct Copy {
    void* to;
    const void* from;
    size_t bytes;
  };

  std::unique_ptr<RunRequest> request_;
  std::vector<Copy> integers_;  // feeds that are checked and then trusted: each run has its own copy
  std::vector<ArrayView> results_;
  std::vector<Napi::ObjectReference> owner_;
};

}  // namespace recurra
