#include "engine/engine.h"

#include <utility>

#include "cpu/flush_denormals.h"

namespace recurra {

Engine::Engine(int threads, const Kernels& kernels, std::function<void()> notify)
    : kernels_(kernels), notify_(std::move(notify)), pool_(std::make_unique<Pool>(threads)) {}

Engine::~Engine() { stop(); }

void Engine::enqueue(std::unique_ptr<RunRequest> request) {
  if (!dispatcher_.joinable()) dispatcher_ = std::thread([this] { dispatch(); });
  LoadedProgram* program = request == nullptr ? nullptr : request->program;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(request));
    if (program != nullptr) program->enter();
  }
  wake_.notify_one();
}

std::unique_ptr<RunRequest> Engine::take_ended() {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<RunRequest> request = std::move(ended_.front());
  ended_.pop_front();
  return request;
}

void Engine::run_now(RunRequest& request) {
  if (request.program->busy())
    throw Error("ERR_BUSY",
                "runSync: a run that is still going writes the parameters or state of this program");
  const FlushDenormals flush;
  const std::unique_lock lock(pool_mutex_, std::try_to_lock);
  perform(request, lock.owns_lock() ? *pool_ : alone_);
}

void Engine::stop() {
  stop_ = true;
  {
    const std::lock_guard lock(mutex_);
    queue_.clear();
  }
  wake_.notify_one();
  if (dispatcher_.joinable()) dispatcher_.join();
  pool_.reset();
}

void Engine::dispatch() {
  const FlushDenormals flush;
  for (bool last = false; !last;) {
    std::list<std::unique_ptr<RunRequest>> taken;  // a list of one moves between queues without allocating
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stop_.load() || !queue_.empty(); });
      if (stop_) return;
      taken.splice(taken.end(), queue_, queue_.begin());
    }
    RunRequest* request = taken.front().get();
    last = request == nullptr;
    if (!last) {
      const std::lock_guard lock(pool_mutex_);
      perform(*request, *pool_);
      request->program->leave();
    }
    {
      const std::lock_guard lock(mutex_);
      ended_.splice(ended_.end(), taken);
    }
    notify_();
  }
}

void Engine::perform(RunRequest& request, Pool& pool) {
  std::unique_ptr<Instance> instance;
  try {
    instance = request.program->acquire();
  } catch (const std::exception&) {
    request.code = "ERR_MEMORY";
    return;
  }
  {
    // Another program that trains may hold the shared arena, on another thread; its own arena serves as well.
    std::unique_lock lock(arena_mutex_, std::defer_lock);
    const bool shared = request.program->writes() && lock.try_lock();
    execute(request, {pool, kernels_, shared ? arena_ : instance->arena, *instance, stop_});
  }
  request.program->release(std::move(instance));
}

}  // namespace recurra
