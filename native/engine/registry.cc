// To add an operation: define it in a file of native/ops, native/sequence or native/linalg, close that file
// with
//   extern const OperationList kExampleOperations;
//   const OperationList kExampleOperations = {kEntries, std::size(kEntries)};
// and add a line to RECURRA_OPERATION_LISTS.
#include "engine/registry.h"

#include "engine/step_reader.h"

#define RECURRA_OPERATION_LISTS(X) X(kLinalgOperations)

namespace recurra {

#define RECURRA_DECLARE(list) extern const OperationList list;
RECURRA_OPERATION_LISTS(RECURRA_DECLARE)
#undef RECURRA_DECLARE

namespace {

#define RECURRA_ADDRESS(list) &list,
const OperationList* const kLists[] = {RECURRA_OPERATION_LISTS(RECURRA_ADDRESS)};
#undef RECURRA_ADDRESS

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
