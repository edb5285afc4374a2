#include "addon/program_reader.h"

#include <algorithm>
#include <cmath>

#include "addon/errors.h"

namespace recurra {
namespace {

constexpr int kMostDepth = 8;             // of programs in steps of programs
constexpr uint32_t kMostItems = 1 << 20;  // of any list: a length may be a lie

Napi::Error malformed(Napi::Env env, const std::string& what) { return wrong_kind(env, "program: " + what); }

Napi::Object object(Napi::Value value, const char* what) {
  if (!value.IsObject()) throw malformed(value.Env(), std::string(what) + " must be an object");
  return value.As<Napi::Object>();
}

std::string text(Napi::Value value, const char* what) {
  if (!value.IsString()) throw malformed(value.Env(), std::string(what) + " must be a string");
  return value.As<Napi::String>();
}

template <class Each>
void for_each(Napi::Value value, const char* what, Each each) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() > kMostItems)
    throw malformed(value.Env(), std::string(what) + " must be a list");
  const Napi::Array list = value.As<Napi::Array>();
  const uint32_t length = list.Length();
  for (uint32_t i = 0; i < length; ++i) {
    const Napi::HandleScope scope(value.Env());
    each(list.Get(i));
  }
}

template <class Each>
void for_each_property(Napi::Value value, const char* what, Each each) {
  const Napi::Object properties = object(value, what);
  for_each(properties.GetPropertyNames(), what,
           [&](Napi::Value name) { each(text(name, what), properties.Get(name)); });
}

int read_index(Napi::Value value, const char* what) {
  const int64_t index = read_integer(value, 0, what);
  if (index > INT32_MAX) throw malformed(value.Env(), std::string(what) + " is too large");
  return static_cast<int>(index);
}

DType read_dtype(Napi::Value value) {
  const std::string name = text(value, "dtype");
  if (const std::optional<DType> dtype = dtype_named(name)) return *dtype;
  throw malformed(value.Env(), "unknown dtype " + name);
}

Role read_role(Napi::Value value) {
  const std::string name = text(value, "role");
  if (const std::optional<Role> role = role_named(name)) return *role;
  throw malformed(value.Env(), "unknown role " + name);
}

template <class List, class Name>
int number_of(const List& list, const std::string& wanted, Name name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& item) { return name(item) == wanted; });
  return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

Dimension read_dimension(const Program& program, Napi::Value value) {
  if (!value.IsString()) return {.extent = read_integer(value, 0, "shape")};
  const std::string name = text(value, "shape");
  const int size = number_of(program.sizes, name, [](const std::string& each) { return each; });
  if (size < 0) throw malformed(value.Env(), "a shape names the size " + name + ", which is not declared");
  return {.size = size};
}

BufferSpec read_buffer(const Program& program, Napi::Value value) {
  const Napi::Object from = object(value, "buffer");
  BufferSpec buffer;
  buffer.name = text(from.Get("name"), "name");
  buffer.role = read_role(from.Get("role"));
  buffer.dtype = read_dtype(from.Get("dtype"));
  for_each(from.Get("shape"), "shape",
           [&](Napi::Value dimension) { buffer.shape.push_back(read_dimension(program, dimension)); });
  const Napi::Value storage = from.Get("storage");
  if (storage.IsUndefined()) return buffer;
  const std::string name = text(object(storage, "storage").Get("name"), "storage.name");
  buffer.storage = number_of(program.storages, name, [](const StorageSpec& each) { return each.name; });
  if (buffer.storage < 0)
    throw malformed(value.Env(), "a buffer lies in storage " + name + ", which is not declared");
  buffer.offset = read_integer(storage.As<Napi::Object>().Get("offset"), 0, "storage.offset");
  return buffer;
}

Program read_program(Napi::Value value, int depth);

Attribute read_attribute(Napi::Value value, int depth) {
  if (value.IsObject() && !value.IsArray())
    return std::make_shared<const Program>(read_program(value, depth + 1));
  if (value.IsNumber()) return value.As<Napi::Number>().DoubleValue();
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  if (value.IsString()) return text(value, "attribute");
  std::vector<double> numbers;
  std::vector<std::string> texts;  // a list may hold extents besides names
  for_each(value, "attribute", [&](Napi::Value item) {
    if (item.IsNumber()) numbers.push_back(item.As<Napi::Number>().DoubleValue());
    texts.push_back(item.IsNumber() ? item.ToString().Utf8Value() : text(item, "attribute"));
  });
  if (!numbers.empty() && numbers.size() == texts.size()) return numbers;
  return texts;
}

Step read_step(Napi::Value value, int depth) {
  const Napi::Object from = object(value, "step");
  Step step;
  step.op = text(from.Get("op"), "op");
  for_each_property(from.Get("attributes"), "attributes",
                    [&](const std::string& name, Napi::Value attribute) {
                      step.attributes.emplace_back(name, read_attribute(attribute, depth));
                    });
  for_each_property(from.Get("inputs"), "inputs", [&](const std::string& name, Napi::Value id) {
    step.inputs.emplace_back(name, read_index(id, "inputs"));
  });
  for_each_property(from.Get("outputs"), "outputs", [&](const std::string& name, Napi::Value id) {
    step.outputs.emplace_back(name, read_index(id, "outputs"));
  });
  return step;
}

}  // namespace

int64_t read_integer(Napi::Value value, int64_t lowest, const char* what) {
  constexpr double kLimit = 9007199254740992.0;  // 2⁵³
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!(number >= static_cast<double>(lowest) && number < kLimit && number == std::floor(number)))
    throw wrong_kind(value.Env(),
                     std::string(what) + " must be a whole number of at least " + std::to_string(lowest));
  return static_cast<int64_t>(number);
}

Program read_program(Napi::Value value) { return read_program(value, 0); }

namespace {

Program read_program(Napi::Value value, int depth) {
  if (depth > kMostDepth) throw malformed(value.Env(), "programs inside each other are too many");
  const Napi::Object from = object(value, "the program");
  Program program;
  for_each(from.Get("sizes"), "sizes",
           [&](Napi::Value name) { program.sizes.push_back(text(name, "sizes")); });
  for_each(from.Get("storages"), "storages", [&](Napi::Value item) {
    const Napi::Object storage = object(item, "storage");
    program.storages.push_back({.name = text(storage.Get("name"), "name"),
                                .dtype = read_dtype(storage.Get("dtype")),
                                .elements = read_integer(storage.Get("elements"), 0, "elements")});
  });
  for_each(from.Get("buffers"), "buffers",
           [&](Napi::Value buffer) { program.buffers.push_back(read_buffer(program, buffer)); });
  for_each(from.Get("steps"), "steps",
           [&](Napi::Value step) { program.steps.push_back(read_step(step, depth)); });
  program.commit = read_index(from.Get("commit"), "commit");
  for_each(from.Get("checks"), "checks",
           [&](Napi::Value id) { program.checks.push_back(read_index(id, "checks")); });
  return program;
}

}  // namespace
}  // namespace recurra
