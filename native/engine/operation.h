// What the engine asks of an operation, and what an operation may ask of the engine.
// A loaded program holds one Operation per step; `load` makes it once, every run calls it.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "kernels/kernels.h"
#include "parallel/pool.h"

namespace recurra {

// Carries one of the codes of lib/errors.ts to JavaScript.
class Error : public std::runtime_error {
 public:
  Error(const char* code, const std::string& message) : std::runtime_error(message), code_(code) {}
  const char* code() const { return code_; }

 private:
  const char* code_;  // a string literal
};

enum class DType { kReal, kInt32 };

struct Program;
// The last is a step's body: a program of its own.
using Attribute = std::variant<double, std::string, bool, std::vector<double>, std::vector<std::string>,
                               std::shared_ptr<const Program>>;

// A buffer of the program as a step refers to it; absent optional ones are false.
struct Buffer {
  int id = -1;
  explicit operator bool() const { return id >= 0; }
};

// A buffer in one run. Data is null only where count is 0.
struct View {
  DType dtype = DType::kReal;
  int64_t count = 0;
  std::vector<int64_t> shape;
  void* data = nullptr;

  float* real() const { return static_cast<float*>(data); }
  int32_t* integers() const { return static_cast<int32_t*>(data); }
  int64_t axis(int i) const {
    return shape[static_cast<size_t>(i < 0 ? i + static_cast<int>(shape.size()) : i)];
  }
  // Product of all extents but the last.
  int64_t rows() const;
};

// A step of the program as an operation's factory sees it. Every accessor throws Error where the program is
// malformed.
class StepSpec {
 public:
  virtual ~StepSpec() = default;
  virtual const std::string& op() const = 0;
  virtual Buffer input(const char* name, DType dtype = DType::kReal) const = 0;     // must be there
  virtual Buffer optional(const char* name, DType dtype = DType::kReal) const = 0;  // may be missing
  virtual Buffer output(const char* name, DType dtype = DType::kReal) const = 0;
  virtual Buffer optional_output(const char* name, DType dtype = DType::kReal) const = 0;
  virtual Buffer any_input(const char* name) const = 0;  // must be there, of either type
  virtual Buffer any_output(const char* name) const = 0;
  virtual std::vector<Buffer> inputs(const char* prefix) const = 0;  // x0, x1, … in order
  virtual DType dtype(Buffer buffer) const = 0;
  virtual double number(const char* attribute) const = 0;
  virtual double number(const char* attribute, double otherwise) const = 0;
  virtual bool has(const char* attribute) const = 0;
  virtual bool is_flag(const char* attribute) const = 0;
  virtual const std::string& text(const char* attribute) const = 0;
  virtual bool flag(const char* attribute) const = 0;
  virtual const std::vector<double>& numbers(const char* attribute) const = 0;
  virtual const std::vector<std::string>& texts(const char* attribute) const = 0;
  virtual const Program& program(const char* attribute) const = 0;
};

// One run, as an operation sees it.
class Run {
 public:
  virtual ~Run() = default;
  virtual const View& view(Buffer buffer) const = 0;
  virtual Pool& pool() = 0;
  virtual const Kernels& kernels() const = 0;
  // True once somebody wants the run to end and it may: never past the commit point. Cheap enough for every
  // time step.
  virtual bool cancelled() const = 0;
  // Scratch memory of the current step, 64-byte aligned, not zeroed, gone when the step ends. One call per
  // step.
  virtual void* workspace(uint64_t bytes) = 0;
  // Changes whenever the contents of a parameter's storage may have changed; 0 for other buffers.
  virtual uint64_t version(Buffer buffer) const = 0;
};

class Operation {
 public:
  virtual ~Operation() = default;
  // Checks shapes and integer data against each other before it touches memory: the program may be hostile.
  virtual void run(Run& run) = 0;
};

using Factory = std::unique_ptr<Operation> (*)(const StepSpec&);

struct OperationEntry {
  const char* name;
  Factory make;
};

// Each file in ops/ and sequence/ defines one list; engine/registry.cc joins them.
struct OperationList {
  const OperationEntry* entries;
  size_t count;
};

template <class T>
std::unique_ptr<Operation> make_operation(const StepSpec& step) {
  return std::make_unique<T>(step);
}

// Throws ERR_SHAPE unless the view has this shape; -1 matches any extent.
void expect_shape(const View& view, std::initializer_list<int64_t> shape, const char* what);
// Throws ERR_INDEX, naming the first offender, unless lowest <= values[i] < limit for all i.
void expect_indices(const View& view, int64_t lowest, int64_t limit, const char* what);

}  // namespace recurra
