#include "engine/program.h"

#include <algorithm>

namespace recurra {
namespace {

// Where addresses have 32 bits, few enough that sizes in bytes do not wrap.
constexpr int64_t kMostElements = int64_t{1} << (sizeof(void*) == 8 ? 44 : 28);

std::string describe(const Program& program, int buffer) {
  return "%" + std::to_string(buffer) + " (" + program.buffers[static_cast<size_t>(buffer)].name + ")";
}

Error malformed(const std::string& message) { return Error("ERR_ARGUMENT", "program: " + message); }

bool in_range(int index, size_t count) { return index >= 0 && static_cast<size_t>(index) < count; }

void check_storages(const Program& program) {
  for (const StorageSpec& storage : program.storages)
    if (storage.elements < 0 || storage.elements > kMostElements)
      throw malformed("storage " + storage.name + " has an impossible number of elements");
}

void check_buffer(const Program& program, int id) {
  const BufferSpec& buffer = program.buffers[static_cast<size_t>(id)];
  for (const Dimension& dimension : buffer.shape)
    if (dimension.size >= 0 ? !in_range(dimension.size, program.sizes.size()) : dimension.extent < 0)
      throw malformed(describe(program, id) + " has an impossible shape");

  const bool stored =
      buffer.role == Role::kParameter || buffer.role == Role::kGradient || buffer.role == Role::kState;
  if (stored != (buffer.storage >= 0))
    throw malformed(
        describe(program, id) +
        (stored ? " needs a storage" : " cannot lie in storage: only parameters, gradients and state do"));
  if (!stored) return;
  if (!in_range(buffer.storage, program.storages.size()))
    throw malformed(describe(program, id) + " lies in a storage that is not declared");
  const StorageSpec& storage = program.storages[static_cast<size_t>(buffer.storage)];
  std::vector<int64_t> shape;
  for (const Dimension& dimension : buffer.shape) {
    if (dimension.size >= 0)
      throw malformed(describe(program, id) + " lies in storage, so its shape must be fixed");
    shape.push_back(dimension.extent);
  }
  if (buffer.dtype != storage.dtype)
    throw malformed(describe(program, id) + " is of another dtype than its storage");
  const int64_t count = element_count(shape);
  if (buffer.offset < 0 || count > storage.elements || buffer.offset > storage.elements - count)
    throw Error("ERR_SHAPE", "program: " + describe(program, id) + " reaches beyond storage " + storage.name +
                                 ": " + std::to_string(buffer.offset) + " + " + std::to_string(count) +
                                 " of " + std::to_string(storage.elements) + " elements");
}

// Every value is written before it is read, and nothing is written that the program does not own at that
// point.
void check_steps(const Program& program) {
  std::vector<bool> written(program.buffers.size());
  for (size_t index = 0; index < program.steps.size(); ++index) {
    const Step& step = program.steps[index];
    const std::string name = "step " + std::to_string(index) + " (" + step.op + ")";
    const bool committed = index >= static_cast<size_t>(program.commit);
    for (const auto& [slot, id] : step.inputs) {
      if (!in_range(id, program.buffers.size()))
        throw malformed(name + " reads a buffer that there is not, as " + slot);
      if (program.buffers[static_cast<size_t>(id)].in_arena() && !written[static_cast<size_t>(id)])
        throw malformed(name + " reads " + describe(program, id) + " before any step writes it");
    }
    for (const auto& [slot, id] : step.outputs) {
      if (!in_range(id, program.buffers.size()))
        throw malformed(name + " writes a buffer that there is not, as " + slot);
      const Role role = program.buffers[static_cast<size_t>(id)].role;
      if (role == Role::kFeed) throw malformed(name + " writes the feed " + describe(program, id));
      if (!committed && (role == Role::kParameter || role == Role::kState))
        throw malformed(name + " writes " + describe(program, id) + " before the commit point");
      for (const auto& [other, input] : step.inputs)
        if (input == id && !(committed && other == slot))
          throw malformed(name + " writes " + describe(program, id) + ", which it reads as " + other);
      for (const auto& [other, output] : step.outputs)
        if (output == id && other != slot)
          throw malformed(name + " writes " + describe(program, id) + " twice");
    }
    for (const auto& [slot, id] : step.outputs) written[static_cast<size_t>(id)] = true;
  }
  for (size_t id = 0; id < program.buffers.size(); ++id)
    if (program.buffers[id].role == Role::kResult && !written[id])
      throw malformed("no step writes the result " + describe(program, static_cast<int>(id)));
}

void check_checks(const Program& program) {
  for (const int id : program.checks) {
    if (!in_range(id, program.buffers.size())) throw malformed("a buffer to check is out of range");
    const BufferSpec& buffer = program.buffers[static_cast<size_t>(id)];
    bool scalar = buffer.dtype == DType::kReal;
    for (const Dimension& dimension : buffer.shape)
      scalar = scalar && dimension.size < 0 && dimension.extent == 1;
    if (!scalar)
      throw malformed(describe(program, id) + " is checked at the commit point but is no real scalar");
    if (!buffer.in_arena()) continue;
    bool written = false;
    for (size_t index = 0; index < static_cast<size_t>(program.commit); ++index)
      for (const auto& [slot, output] : program.steps[index].outputs) written = written || output == id;
    if (!written)
      throw malformed(describe(program, id) + " is checked at the commit point before any step writes it");
  }
}

std::vector<bool> storages_of(const Program& program, Slots Step::* slots) {
  std::vector<bool> found(program.storages.size());
  for (const Step& step : program.steps)
    for (const auto& [name, id] : step.*slots) {
      const int storage = program.buffers[static_cast<size_t>(id)].storage;
      if (storage >= 0) found[static_cast<size_t>(storage)] = true;
    }
  return found;
}

}  // namespace

std::vector<bool> Program::written() const { return storages_of(*this, &Step::outputs); }
std::vector<bool> Program::read() const { return storages_of(*this, &Step::inputs); }

void check_program(const Program& program) {
  if (program.commit < 0 || static_cast<size_t>(program.commit) > program.steps.size())
    throw malformed("the commit point is not among the steps");
  check_storages(program);
  for (size_t id = 0; id < program.buffers.size(); ++id) check_buffer(program, static_cast<int>(id));
  check_steps(program);
  check_checks(program);
}

int64_t element_count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  bool empty = false;
  for (const int64_t extent : shape) {
    empty = empty || extent == 0;
    if (extent > kMostElements / count)
      throw Error("ERR_MEMORY", describe_shape(shape) + " has too many elements");
    count *= std::max<int64_t>(extent, 1);
  }
  return empty ? 0 : count;
}

void resolve_shape(const BufferSpec& buffer, const std::vector<int64_t>& sizes, std::vector<int64_t>& shape) {
  shape.clear();
  for (const Dimension& dimension : buffer.shape)
    shape.push_back(dimension.size < 0 ? dimension.extent : sizes[static_cast<size_t>(dimension.size)]);
}

std::string describe_shape(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

std::optional<DType> dtype_named(const std::string& name) {
  if (name == "real") return DType::kReal;
  if (name == "int32") return DType::kInt32;
  return std::nullopt;
}

std::optional<Role> role_named(const std::string& name) {
  if (name == "parameter") return Role::kParameter;
  if (name == "gradient") return Role::kGradient;
  if (name == "state") return Role::kState;
  if (name == "feed") return Role::kFeed;
  if (name == "result") return Role::kResult;
  if (name == "scratch") return Role::kScratch;
  return std::nullopt;
}

}  // namespace recurra
