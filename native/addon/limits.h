// `limits` of lib/backend/native.ts.
#pragma once

#include <napi.h>

namespace recurra {

// A promise of { operations, bytes }, each per second.
Napi::Value promise_limits(const Napi::CallbackInfo& info);

}  // namespace recurra
