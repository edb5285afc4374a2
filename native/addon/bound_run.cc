#include "addon/bound_run.h"

#include <cstring>
#include <utility>

namespace recurra {

BoundRun::BoundRun(std::unique_ptr<RunRequest> request, const std::vector<ArrayView>& feeds,
                   const std::vector<ArrayView>& results, std::vector<Napi::ObjectReference> owner)
    : request_(std::move(request)), results_(results), owner_(std::move(owner)) {
  for (size_t i = 0; i < feeds.size(); ++i)
    if (feeds[i].dtype == DType::kInt32)
      integers_.push_back(
          {const_cast<void*>(request_->feeds[i]), feeds[i].data, feeds[i].count * kElementBytes});
}

void BoundRun::run(Engine& engine) {
  RunRequest& request = *request_;
  for (const Copy& copy : integers_)
    if (copy.bytes > 0) std::memcpy(copy.to, copy.from, copy.bytes);
  request.forget_outcome();
  engine.run_now(request);
  if (request.code != nullptr) return;
  for (size_t i = 0; i < results_.size(); ++i)
    if (results_[i].count > 0)
      std::memcpy(results_[i].data, request.placed[i].data, results_[i].count * kElementBytes);
}

}  // namespace recurra
