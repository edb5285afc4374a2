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

Napi::Array copy_results(Napi::Env env, const RunRequest& request) {
  Napi::Array arrays = Napi::Array::New(env, request.placed.size());
  for (uint32_t i = 0; i < request.placed.size(); ++i) {
    const auto& [dtype, offset, count] = request.placed[i];
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, count * kElementBytes);
    if (count > 0) std::memcpy(buffer.Data(), request.results.data() + offset, count * kElementBytes);
    if (dtype == DType::kReal)
      arrays.Set(i, Napi::Float32Array::New(env, count, buffer, 0));
    else
      arrays.Set(i, Napi::Int32Array::New(env, count, buffer, 0));
  }
  return arrays;
}

}  // namespace recurra
