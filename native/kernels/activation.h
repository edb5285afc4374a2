// The activations of lib/ops/activation.ts.
#pragma once

#include <string>

namespace recurra {

enum class ActivationKind {
  kAffine,
  kElu,
  kHardSigmoid,
  kIdentity,
  kLeakyRelu,
  kRelu,
  kScaledTanh,
  kSigmoid,
  kSoftplus,
  kSoftsign,
  kTanh,
  kThresholdedRelu,
};

struct Activation {
  ActivationKind kind;
  float alpha, beta;
};

// Throws ERR_ARGUMENT, naming the operation, where there is none of that name.
Activation activation_of(const std::string& op, const std::string& name, double alpha, double beta);

}  // namespace recurra
