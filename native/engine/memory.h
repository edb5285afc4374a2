// Memory that only grows, aligned to 64 bytes. What it held is lost when it does. It doubles, so that sizes
// that creep up do not leave a trail of freed blocks too small for the next one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
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

  // At least this many bytes; 64 bits of them, so that sums and products of sizes do not wrap where addresses
  // have 32. Throws std::bad_alloc and holds nothing then.
  void* reserve(uint64_t bytes) {
    if (bytes > bytes_) {
      bytes = std::max(bytes, 2 * static_cast<uint64_t>(bytes_));
      release();
      if (bytes > SIZE_MAX) throw std::bad_alloc();
      data_ = ::operator new(static_cast<size_t>(bytes), kAlignment);
      bytes_ = static_cast<size_t>(bytes);
    }
    return data_;
  }

  size_t bytes() const { return bytes_; }
  char* data() const { return static_cast<char*>(data_); }
  // Whether an address lies in it, or at its end.
  bool holds(const void* address) const { return address >= data() && address <= data() + bytes_; }

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
