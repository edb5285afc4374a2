#include "wasm/program_reader.h"

#include <cmath>
#include <cstring>

namespace recurra {
namespace {

constexpr int kMostDepth = 8;  // of programs in steps of programs

Error malformed(const std::string& what) { return Error("ERR_ARGUMENT", "program: " + what); }

// Numbers are float64, little-endian; a text is its bytes after their number, a list its items after theirs.
class Reader {
 public:
  Reader(const char* bytes, size_t count) : at_(bytes), left_(count) {}

  double number() {
    double value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }

  // A whole number of at least -1.
  int64_t integer() {
    constexpr double kLimit = 9007199254740992.0;  // 2⁵³
    const double value = number();
    if (!(value >= -1 && value < kLimit && value == std::floor(value)))
      throw malformed("a whole number is expected where there is " + std::to_string(value));
    return static_cast<int64_t>(value);
  }

  int index() {
    const int64_t value = integer();
    if (value > INT32_MAX) throw malformed("an index is too large");
    return static_cast<int>(value);
  }

  std::string text() {
    const size_t count = length();
    return std::string(take(count), count);
  }

  template <class Each>
  void list(Each each) {
    for (size_t count = length(); count > 0; --count) each();
  }

 private:
  size_t length() {
    const int64_t count = integer();
    if (count < 0 || static_cast<uint64_t>(count) > left_) throw malformed("a length is a lie");
    return static_cast<size_t>(count);
  }

  const char* take(size_t count) {
    if (count > left_) throw malformed("it ends too early");
    const char* taken = at_;
    at_ += count, left_ -= count;
    return taken;
  }

  const char* at_;
  size_t left_;
};

// The number of something that there are `count` of.
int below(int64_t count, int index, const char* what) {
  if (index >= count) throw malformed(std::string(what) + " is not declared");
  return index;
}

DType read_dtype(Reader& from) {
  const std::string name = from.text();
  if (const std::optional<DType> dtype = dtype_named(name)) return *dtype;
  throw malformed("unknown dtype " + name);
}

Role read_role(Reader& from) {
  const std::string name = from.text();
  if (const std::optional<Role> role = role_named(name)) return *role;
  throw malformed("unknown role " + name);
}

BufferSpec read_buffer(const Program& program, Reader& from) {
  BufferSpec buffer;
  buffer.name = from.text();
  buffer.role = read_role(from);
  buffer.dtype = read_dtype(from);
  from.list([&] {
    const int64_t extent = from.integer();
    const int size = below(static_cast<int64_t>(program.sizes.size()), from.index(), "a size");
    buffer.shape.push_back({.extent = extent, .size = size});
  });
  buffer.storage = below(static_cast<int64_t>(program.storages.size()), from.index(), "a storage");
  buffer.offset = from.integer();
  return buffer;
}

Program read_program(Reader& from, int depth);

Attribute read_attribute(Reader& from, int depth) {
  const std::string kind = from.text();
  if (kind == "number") return from.number();
  if (kind == "boolean") return from.number() != 0;
  if (kind == "string") return from.text();
  if (kind == "program") return std::make_shared<const Program>(read_program(from, depth + 1));
  if (kind == "numbers") {
    std::vector<double> numbers;
    from.list([&] { numbers.push_back(from.number()); });
    return numbers;
  }
  if (kind == "strings") {
    std::vector<std::string> texts;
    from.list([&] { texts.push_back(from.text()); });
    return texts;
  }
  throw malformed("an attribute cannot be a " + kind);
}

Slots read_slots(Reader& from) {
  Slots slots;
  from.list([&] {
    std::string name = from.text();
    slots.emplace_back(std::move(name), from.index());
  });
  return slots;
}

Step read_step(Reader& from, int depth) {
  Step step;
  step.op = from.text();
  from.list([&] {
    std::string name = from.text();
    step.attributes.emplace_back(std::move(name), read_attribute(from, depth));
  });
  step.inputs = read_slots(from);
  step.outputs = read_slots(from);
  return step;
}

Program read_program(Reader& from, int depth) {
  if (depth > kMostDepth) throw malformed("programs inside each other are too many");
  Program program;
  from.list([&] { program.sizes.push_back(from.text()); });
  from.list([&] {
    StorageSpec storage;
    storage.name = from.text();
    storage.dtype = read_dtype(from);
    storage.elements = from.integer();
    program.storages.push_back(std::move(storage));
  });
  from.list([&] { program.buffers.push_back(read_buffer(program, from)); });
  from.list([&] { program.steps.push_back(read_step(from, depth)); });
  program.commit = from.index();
  from.list([&] { program.checks.push_back(from.index()); });
  return program;
}

}  // namespace

Program read_program(const char* bytes, size_t count) {
  Reader from(bytes, count);
  return read_program(from, 0);
}

}  // namespace recurra
