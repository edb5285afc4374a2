#include "addon/limits.h"

#include <exception>

#include "addon/engine_options.h"
#include "addon/errors.h"
#include "addon/program_reader.h"
#include "engine/limits.h"

namespace recurra {
namespace {

class Measurement final : public Napi::AsyncWorker {
 public:
  Measurement(Napi::Env env, EngineOptions options, size_t most_bytes)
      : AsyncWorker(env, "recurra"), promise_(env), options_(options), most_bytes_(most_bytes) {}

  Napi::Value promise() const { return promise_.Promise(); }

 private:
  void Execute() override {
    try {
      limits_ = measure_limits(options_.threads, *options_.kernels, most_bytes_);
    } catch (...) {
      failed_ = std::current_exception();
    }
  }

  void OnOK() override {
    const Napi::Env env = Env();
    try {
      guarded(env, [&] {
        if (failed_) std::rethrow_exception(failed_);
      });
    } catch (const Napi::Error& error) {
      promise_.Reject(error.Value());
      return;
    }
    Napi::Object limits = Napi::Object::New(env);
    limits.Set("operations", limits_.operations);
    limits.Set("bytes", limits_.bytes);
    promise_.Resolve(limits);
  }

  Napi::Promise::Deferred promise_;
  const EngineOptions options_;
  const size_t most_bytes_;
  Limits limits_ = {};
  std::exception_ptr failed_;
};

}  // namespace

Napi::Value promise_limits(const Napi::CallbackInfo& info) {
  const EngineOptions options = read_engine_options(info[0], "limits");
  const int64_t most_bytes = read_integer(info[1], 0, "limits: mostBytes");
  auto* measurement = new Measurement(info.Env(), options, static_cast<size_t>(most_bytes));
  const Napi::Value promise = measurement->promise();
  measurement->Queue();
  return promise;
}

}  // namespace recurra
