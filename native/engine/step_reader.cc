#include "engine/step_reader.h"

namespace recurra {

Error StepReader::wrong(const std::string& message) const {
  return Error("ERR_ARGUMENT", "program: step " + std::to_string(index_) + " (" + step_.op + "): " + message);
}

Buffer StepReader::find(const Slots& slots, const std::string& name) const {
  for (const auto& [slot, id] : slots)
    if (slot == name) return {id};
  return {};
}

Buffer StepReader::expect(Buffer buffer, const char* name) const {
  if (!buffer) throw wrong(std::string(name) + " is missing");
  return buffer;
}

Buffer StepReader::expect(Buffer buffer, const char* name, DType wanted) const {
  if (buffer && dtype(buffer) != wanted)
    throw wrong(std::string(name) + " must be " + (wanted == DType::kReal ? "real" : "int32"));
  return buffer;
}

Buffer StepReader::input(const char* name, DType dtype) const { return expect(any_input(name), name, dtype); }
Buffer StepReader::output(const char* name, DType dtype) const {
  return expect(any_output(name), name, dtype);
}

Buffer StepReader::optional(const char* name, DType dtype) const {
  return expect(find(step_.inputs, name), name, dtype);
}

Buffer StepReader::optional_output(const char* name, DType dtype) const {
  return expect(find(step_.outputs, name), name, dtype);
}

Buffer StepReader::any_input(const char* name) const { return expect(find(step_.inputs, name), name); }
Buffer StepReader::any_output(const char* name) const { return expect(find(step_.outputs, name), name); }

std::vector<Buffer> StepReader::inputs(const char* prefix) const {
  std::vector<Buffer> found;
  while (const Buffer buffer = find(step_.inputs, prefix + std::to_string(found.size())))
    found.push_back(buffer);
  return found;
}

DType StepReader::dtype(Buffer buffer) const {
  return program_.buffers[static_cast<size_t>(buffer.id)].dtype;
}

const Attribute* StepReader::find(const char* attribute) const {
  for (const auto& [name, value] : step_.attributes)
    if (name == attribute) return &value;
  return nullptr;
}

template <class T>
const T& StepReader::attribute(const char* name, const char* kind) const {
  const Attribute* value = find(name);
  if (value == nullptr) throw wrong(std::string("the attribute ") + name + " is missing");
  if (!std::holds_alternative<T>(*value))
    throw wrong(std::string("the attribute ") + name + " must be " + kind);
  return std::get<T>(*value);
}

double StepReader::number(const char* name) const { return attribute<double>(name, "a number"); }
double StepReader::number(const char* name, double otherwise) const {
  return has(name) ? number(name) : otherwise;
}
bool StepReader::has(const char* name) const { return find(name) != nullptr; }
bool StepReader::is_flag(const char* name) const {
  return has(name) && std::holds_alternative<bool>(*find(name));
}
const std::string& StepReader::text(const char* name) const {
  return attribute<std::string>(name, "a string");
}
bool StepReader::flag(const char* name) const { return attribute<bool>(name, "true or false"); }
const std::vector<double>& StepReader::numbers(const char* name) const {
  return attribute<std::vector<double>>(name, "a list of numbers");
}
const std::vector<std::string>& StepReader::texts(const char* name) const {
  return attribute<std::vector<std::string>>(name, "a list of strings");
}
const Program& StepReader::program(const char* name) const {
  return *attribute<std::shared_ptr<const Program>>(name, "a program");
}

}  // namespace recurra
