// To add operations: define them in a file of native/ops, native/sequence or native/linalg, close it with
//   extern const OperationList kExampleOperations;
//   const OperationList kExampleOperations = {kEntries, std::size(kEntries)};
// and name the list twice below.
#include "engine/registry.h"

#include "engine/step_reader.h"

namespace recurra {

extern const OperationList kLinalgOperations;

namespace {

const OperationList* const kLists[] = {
    &kLinalgOperations,
};

Factory find(const std::string& name) {
  for (const OperationList* list : kLists)
    for (size_t i = 0; i < list->count; ++i)
      if (name == list->entries[i].name) return list->entries[i].make;
  return nullptr;
}

}  // namespace

std::vector<std::unique_ptr<Operation>> make_operations(const Program& program) {
  std::vector<std::unique_ptr<Operation>> operations;
  for (size_t index = 0; index < program.steps.size(); ++index) {
    const std::string& name = program.steps[index].op;
    const Factory make = find(name);
    if (make == nullptr) throw Error("ERR_BACKEND", "the native backend has no operation '" + name + "'");
    operations.push_back(make(StepReader(program, index)));
  }
  return operations;
}

}  // namespace recurra
