// Errors of the engine as JavaScript sees them.
#pragma once

#include <napi.h>

#include <new>
#include <system_error>
#include <utility>

#include "engine/operation.h"

namespace recurra {

// { code, message }, a RangeError where a value is at fault.
inline Napi::Error to_javascript(Napi::Env env, const char* code, const std::string& message) {
  const std::string_view name = code;
  const bool value =
      name == "ERR_ARGUMENT" || name == "ERR_SHAPE" || name == "ERR_FEED" || name == "ERR_INDEX";
  Napi::Error error = value ? Napi::RangeError::New(env, message) : Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

// The wrong kind of thing.
inline Napi::Error wrong_kind(Napi::Env env, const std::string& message) {
  Napi::Error error = Napi::TypeError::New(env, message);
  error.Set("code", Napi::String::New(env, "ERR_ARGUMENT"));
  return error;
}

// What `body` returns; what it throws becomes an error of JavaScript's.
template <class Body>
auto guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const Error& error) {
    throw to_javascript(env, error.code(), error.what());
  } catch (const std::bad_alloc&) {
    throw to_javascript(env, "ERR_MEMORY", "memory could not be allocated");
  } catch (const std::system_error& error) {
    throw to_javascript(env, "ERR_MEMORY", std::string("a thread could not be started: ") + error.what());
  }
}

}  // namespace recurra
