// Linked into a sanitized addon alone. Where memory cannot be had, the sanitizer's own operator new ends the
// process, though it is asked to return null; what it makes of malloc's kin does as it is asked.
#include <cstdint>
#include <cstdlib>
#include <new>

void* operator new(size_t bytes, std::align_val_t alignment) {
  const size_t multiple = static_cast<size_t>(alignment);
  void* memory = bytes > SIZE_MAX - multiple
                     ? nullptr
                     : std::aligned_alloc(multiple, (bytes + multiple - 1) / multiple * multiple);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
