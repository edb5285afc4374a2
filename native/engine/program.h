// A program as the engine keeps it: the plain data of lib/program/program.ts, checked once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/operation.h"

namespace recurra {

enum class Role { kParameter, kGradient, kState, kFeed, kResult, kScratch };

// A fixed extent, or the number of a named size.
struct Dimension {
  int64_t extent = 0;
  int size = -1;
};

struct BufferSpec {
  std::string name;
  Role role = Role::kScratch;
  DType dtype = DType::kReal;
  std::vector<Dimension> shape;
  int storage = -1;  // parameter, gradient and state buffers lie there, from element `offset`
  int64_t offset = 0;

  bool in_arena() const { return role == Role::kScratch || role == Role::kResult; }
};

using Slots = std::vector<std::pair<std::string, int>>;

struct Step {
  std::string op;
  std::vector<std::pair<std::string, Attribute>> attributes;
  Slots inputs;
  Slots outputs;
};

struct StorageSpec {
  std::string name;
  DType dtype = DType::kReal;
  int64_t elements = 0;
};

struct Program {
  std::vector<std::string> sizes;
  std::vector<StorageSpec> storages;
  std::vector<BufferSpec> buffers;
  std::vector<Step> steps;
  int commit = 0;
  std::vector<int> checks;

  // Per storage: whether a step writes it. Per storage: whether a step reads it.
  std::vector<bool> written() const;
  std::vector<bool> read() const;
};

// By the names of lib/program; none for others.
std::optional<DType> dtype_named(const std::string& name);
std::optional<Role> role_named(const std::string& name);

constexpr size_t kElementBytes = 4;  // of either dtype

// Throws ERR_ARGUMENT, or ERR_SHAPE where a buffer does not fit its storage, naming the first thing that
// cannot be.
void check_program(const Program& program);

// The product of the extents. Throws ERR_MEMORY where that of those which are not 0 is more than any machine
// holds: no product of some of them overflows.
int64_t element_count(const std::vector<int64_t>& shape);

// The shape in a run with these sizes.
void resolve_shape(const BufferSpec& buffer, const std::vector<int64_t>& sizes, std::vector<int64_t>& shape);

std::string describe_shape(const std::vector<int64_t>& shape);

}  // namespace recurra
