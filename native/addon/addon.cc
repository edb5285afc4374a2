// Addon of lib/backend/native.ts: the only part that knows JavaScript. It checks and hands over.
#include <napi.h>

#include <cstdint>

#include "addon/arrays.h"
#include "addon/engine_object.h"
#include "addon/limits.h"
#include "cpu/cores.h"
#include "cpu/isa.h"

namespace recurra {
namespace {

class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) {
    Napi::Array isas = Napi::Array::New(env);
    for (const Kernels* kernels : available_kernels()) isas.Set(isas.Length(), kernels->name);
    DefineAddon(exports, {InstanceValue("isas", isas, napi_enumerable),
                          InstanceValue("cores", Napi::Number::New(env, usable_cores()), napi_enumerable),
                          InstanceValue("Engine", EngineObject::define(env), napi_enumerable),
                          InstanceMethod<&Addon::misalignment>("misalignment", napi_enumerable),
                          InstanceMethod<&Addon::limits>("limits", napi_enumerable)});
  }

 private:
  Napi::Value misalignment(const Napi::CallbackInfo& info) {
    const ArrayView array = view_array(info[0], "misalignment: the array");
    return Napi::Number::New(info.Env(), static_cast<double>(reinterpret_cast<uintptr_t>(array.data) % 64));
  }

  Napi::Value limits(const Napi::CallbackInfo& info) { return promise_limits(info); }
};

NODE_API_ADDON(Addon)

}  // namespace
}  // namespace recurra
