#include "addon/engine_options.h"

#include "addon/errors.h"
#include "addon/program_reader.h"
#include "cpu/isa.h"

namespace recurra {

constexpr int64_t kMostThreads = 256;

EngineOptions read_engine_options(Napi::Value value, const std::string& what) {
  const Napi::Env env = value.Env();
  if (!value.IsObject()) throw wrong_kind(env, what + ": expected { threads, isa }");
  const Napi::Object options = value.As<Napi::Object>();
  const int64_t threads = read_integer(options.Get("threads"), 1, (what + ": threads").c_str());
  if (threads > kMostThreads)
    throw to_javascript(env, "ERR_ARGUMENT",
                        what + ": threads must be at most " + std::to_string(kMostThreads));
  const Napi::Value isa = options.Get("isa");
  const Kernels* kernels = isa.IsString() ? kernels_named(isa.As<Napi::String>().Utf8Value()) : nullptr;
  if (kernels == nullptr)
    throw to_javascript(env, "ERR_BACKEND",
                        what + ": this machine has no kernels named " + isa.ToString().Utf8Value());
  return {static_cast<int>(threads), kernels};
}

}  // namespace recurra
