// Memory that only grows, aligned to 64 bytes. What it held is lost when it does. It doubles, so that sizes
// that creep up do not leave a trail of freed blocks too small for the next one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>

namespace recurra {

class Memory {
 public:
  Memory() = default;
  Memory(Memory&& other) noexcept : data_(other.data_), bytes_(other.bytes_) {
    other.data_ = nullptr, other.bytes_ = 0;
  }
  Memory& operator=(Memory&&) = delete;
  ~Memory() { release(); }

  // At least this many bytes. Throws std::bad_alloc and holds nothing then.
  void* reserve(size_t bytes) {
    if (bytes > bytes_) {
      bytes = std::max(bytes, 2 * bytes_);
      release();
      data_ = ::operator new(bytes, kAlignment);
      bytes_ = bytes;
    }
    return data_;
  }

  size_t bytes() const { return bytes_; }
  char* data() const { return static_cast<char*>(data_); }

 private:
  static constexpr std::align_val_t kAlignment{64};

  void release() {
    ::operator delete(data_, kAlignment);
    data_ = nullptr;
    bytes_ = 0;
  }

  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace recurra
