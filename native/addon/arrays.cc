#include "addon/arrays.h"

#include <cstring>

#include "addon/errors.h"

namespace recurra {

ArrayView view_array(Napi::Value value, const char* what) {
  const Napi::Env env = value.Env();
  napi_typedarray_type type = napi_uint8_array;
  size_t count = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  bool unshared = false;
  if (!value.IsTypedArray() ||
      napi_get_typedarray_info(env, value, &type, &count, &data, &buffer, nullptr) != napi_ok ||
      (type != napi_float32_array && type != napi_int32_array) ||
      napi_is_arraybuffer(env, buffer, &unshared) != napi_ok)
    throw wrong_kind(env, std::string(what) + " must be a Float32Array or an Int32Array");
  return {type == napi_float32_array ? DType::kReal : DType::kInt32, data == nullptr ? 0 : count, data,
          !unshared};
}

namespace {

// Where there is no memory, creating a buffer would end the process, and not throw.
Napi::ArrayBuffer buffer_of(Napi::Env env, size_t bytes) {
  Memory().reserve(bytes);
  return Napi::ArrayBuffer::New(env, bytes);
}

}  // namespace

Rooms make_rooms(Napi::Env env, RunRequest& request) {
  Rooms rooms;
  for (const int64_t count : result_counts(*request.program, request.sizes)) {
    const size_t bytes = static_cast<size_t>(count) * kElementBytes;
    const bool large = bytes >= RunRequest::kLargeResult;
    Napi::ArrayBuffer buffer = large ? buffer_of(env, bytes) : Napi::ArrayBuffer();
    request.rooms.push_back(large ? buffer.Data() : nullptr);
    rooms.push_back(large ? Napi::Persistent(buffer) : Napi::Reference<Napi::ArrayBuffer>());
  }
  return rooms;
}

Napi::Array take_results(Napi::Env env, const RunRequest& request, const Rooms& rooms) {
  Napi::Array arrays = Napi::Array::New(env, request.placed.size());
  for (uint32_t i = 0; i < request.placed.size(); ++i) {
    const auto& [dtype, data, count] = request.placed[i];
    const size_t bytes = count * kElementBytes;
    Napi::ArrayBuffer buffer = rooms[i].IsEmpty() ? Napi::ArrayBuffer::New(env, bytes) : rooms[i].Value();
    if (rooms[i].IsEmpty() && bytes > 0) std::memcpy(buffer.Data(), data, bytes);
    if (dtype == DType::kReal)
      arrays.Set(i, Napi::Float32Array::New(env, count, buffer, 0));
    else
      arrays.Set(i, Napi::Int32Array::New(env, count, buffer, 0));
  }
  return arrays;
}

}  // namespace recurra
