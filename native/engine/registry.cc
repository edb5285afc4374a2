// To add operations: define them in a file of native/ops, native/sequence or native/linalg, close it with
//   extern const OperationList kExampleOperations;
//   const OperationList kExampleOperations = {kEntries, std::size(kEntries)};
// and name the list twice below.
#include "engine/registry.h"

#include "engine/step_reader.h"

namespace recurra {

extern const OperationList kActivationOperations;
extern const OperationList kAdadeltaOperations;
extern const OperationList kAdagradOperations;
extern const OperationList kAdamOperations;
extern const OperationList kAdamaxOperations;
extern const OperationList kAdditiveScoresOperations;
extern const OperationList kArithmeticOperations;
extern const OperationList kBatchMatmulOperations;
extern const OperationList kBinaryCrossEntropyOperations;
extern const OperationList kBlockOperations;
extern const OperationList kClipOperations;
extern const OperationList kCopyOperations;
extern const OperationList kCorrectOperations;
extern const OperationList kCtcOperations;
extern const OperationList kDelayOperations;
extern const OperationList kDropoutOperations;
extern const OperationList kGatherOperations;
extern const OperationList kGlobalNormOperations;
extern const OperationList kLayerNormOperations;
extern const OperationList kLinalgOperations;
extern const OperationList kLinearRecurrenceOperations;
extern const OperationList kMapOperations;
extern const OperationList kMergeRowsOperations;
extern const OperationList kNadamOperations;
extern const OperationList kPadStepsOperations;
extern const OperationList kRecurrentGradientOperations;
extern const OperationList kRecurrentOperations;
extern const OperationList kReductionOperations;
extern const OperationList kRmspropOperations;
extern const OperationList kScanOperations;
extern const OperationList kSgdOperations;
extern const OperationList kSmoothAbsOperations;
extern const OperationList kSoftmaxCrossEntropyOperations;
extern const OperationList kSoftmaxOperations;
extern const OperationList kStepAtOperations;

namespace {

const OperationList* const kLists[] = {
    &kActivationOperations,
    &kAdadeltaOperations,
    &kAdagradOperations,
    &kAdamOperations,
    &kAdamaxOperations,
    &kAdditiveScoresOperations,
    &kArithmeticOperations,
    &kBatchMatmulOperations,
    &kBinaryCrossEntropyOperations,
    &kBlockOperations,
    &kClipOperations,
    &kCopyOperations,
    &kCorrectOperations,
    &kCtcOperations,
    &kDelayOperations,
    &kDropoutOperations,
    &kGatherOperations,
    &kGlobalNormOperations,
    &kLayerNormOperations,
    &kLinalgOperations,
    &kLinearRecurrenceOperations,
    &kMapOperations,
    &kMergeRowsOperations,
    &kNadamOperations,
    &kPadStepsOperations,
    &kRecurrentGradientOperations,
    &kRecurrentOperations,
    &kReductionOperations,
    &kRmspropOperations,
    &kScanOperations,
    &kSgdOperations,
    &kSmoothAbsOperations,
    &kSoftmaxCrossEntropyOperations,
    &kSoftmaxOperations,
    &kStepAtOperations,
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
