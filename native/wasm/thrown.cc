#include "wasm/thrown.h"

#include <cstdint>
#include <cstdlib>
#include <new>
#include <typeinfo>

#include "engine/operation.h"

namespace recurra {

Thrown thrown;

namespace {

// Where memory ends there is none for a message.
void note(const std::type_info& type, const void* object) {
  thrown.message.clear();
  if (type == typeid(Error)) {
    const Error& error = *static_cast<const Error*>(object);
    thrown.code = error.code();
    thrown.message = error.what();
  } else if (type == typeid(std::bad_alloc)) {
    thrown.code = "ERR_MEMORY";
  } else {
    thrown.code = "ERR_BACKEND";
    thrown.message = type.name();
  }
}

void* allocated(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Under way; one at a time, for no destructor throws.
void* object = nullptr;
void* (*destroy)(void*) = nullptr;  // a destructor returns its argument here

}  // namespace
}  // namespace recurra

// The Itanium C++ ABI for exceptions.
extern "C" {

void* __cxa_allocate_exception(size_t bytes) noexcept {
  void* memory = std::malloc(bytes);
  if (memory == nullptr) __builtin_trap();
  return memory;
}

void __cxa_free_exception(void* memory) noexcept { std::free(memory); }

[[noreturn]] void __cxa_throw(void* object, std::type_info* type, void* (*destroy)(void*)) {
  recurra::note(*type, object);
  recurra::object = object;
  recurra::destroy = destroy;
  __builtin_wasm_throw(0, object);  // the tag of C++
}

void* __cxa_begin_catch(void* object) noexcept { return object; }

void __cxa_end_catch() {
  if (recurra::destroy != nullptr) recurra::destroy(recurra::object);
  std::free(recurra::object);
}

}  // extern "C"

// Those of the library end the program where memory does.
void* operator new(size_t bytes) { return recurra::allocated(std::malloc(bytes == 0 ? 1 : bytes)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  const size_t multiple = static_cast<size_t>(alignment);
  if (bytes > SIZE_MAX - multiple) throw std::bad_alloc();
  return recurra::allocated(std::aligned_alloc(multiple, (bytes + multiple - 1) / multiple * multiple));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
