// Typed arrays, by address. They may lie over a SharedArrayBuffer, whose own object Node-API cannot touch.
#pragma once

#include <napi.h>

#include "engine/operation.h"
#include "engine/run.h"

namespace recurra {

struct ArrayView {
  DType dtype;
  size_t count;  // 0 where the memory was taken away
  void* data;
  bool shared;  // over a SharedArrayBuffer: it stays as long as the array does
};

// Throws a TypeError, naming `what`, unless it is a Float32Array or an Int32Array.
ArrayView view_array(Napi::Value value, const char* what);

// Buffers for the large results of a run, empty ones for the others: the engine's threads copy into them, and
// JavaScript's need not. Throws std::bad_alloc.
using Rooms = std::vector<Napi::Reference<Napi::ArrayBuffer>>;
Rooms make_rooms(Napi::Env env, RunRequest& request);

// The results of a run as fresh arrays.
Napi::Array take_results(Napi::Env env, const RunRequest& request, const Rooms& rooms);

}  // namespace recurra
