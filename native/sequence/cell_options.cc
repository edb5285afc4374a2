#include "sequence/cell_options.h"

#include <algorithm>

namespace recurra {
namespace {

// A bound on absolute values; none where it is absent.
float bound_of(const StepSpec& step, const char* attribute) {
  if (!step.has(attribute)) return CellOptions::kNone;
  const double bound = step.number(attribute);
  if (!(bound > 0)) throw Error("ERR_ARGUMENT", step.op() + ": " + attribute + " must be greater than 0");
  return static_cast<float>(bound);
}

float rate_of(const StepSpec& step, const char* attribute) {
  const double rate = step.number(attribute, 0);
  if (!(rate >= 0 && rate <= 1))
    throw Error("ERR_ARGUMENT", step.op() + ": " + attribute + " must be within 0 and 1");
  return static_cast<float>(rate);
}

std::vector<int> peepholes_of(const StepSpec& step) {
  std::vector<int> places;
  if (!step.has("peepholes")) return places;
  constexpr const char* kGates[kPeepholes] = {"i", "f", "o"};
  for (const std::string& gate : step.texts("peepholes")) {
    int place = 0;
    while (place < kPeepholes && gate != kGates[place]) ++place;
    if (place == kPeepholes || std::find(places.begin(), places.end(), place) != places.end())
      throw Error("ERR_ARGUMENT", step.op() + ": peepholes are of 'i', 'f' and 'o', each once");
    places.push_back(place);
  }
  return places;
}

CellFamily RecurrentKernels::* plain_family(const StepSpec& step, const std::string& cell, bool relu) {
  if (cell == "lstm") return &RecurrentKernels::lstm;
  if (cell == "rnn") return relu ? &RecurrentKernels::rnn_relu : &RecurrentKernels::rnn_tanh;
  const bool keep = chosen(step, "updateGate", "keep", "write");
  if (chosen(step, "reset", "after", "before"))
    return keep ? &RecurrentKernels::gru_after_keep : &RecurrentKernels::gru_after_write;
  return keep ? &RecurrentKernels::gru_before_keep : &RecurrentKernels::gru_before_write;
}

// Whether the plain cell computes the same.
bool is_plain(const std::string& cell, const CellOptions& o) {
  using enum ActivationKind;
  const auto gates = [&](std::initializer_list<ActivationKind> kinds) {
    return std::equal(kinds.begin(), kinds.end(), o.gates,
                      [](ActivationKind kind, const Activation& gate) { return kind == gate.kind; });
  };
  if (o.clip != CellOptions::kNone || o.cell_clip != CellOptions::kNone) return false;
  if (cell == "rnn") return gates({kTanh}) || gates({kRelu});
  if (cell == "gru") return gates({kSigmoid, kSigmoid, kTanh});
  return gates({kSigmoid, kSigmoid, kTanh, kSigmoid}) && o.cell_state.kind == kTanh;
}

}  // namespace

bool chosen(const StepSpec& step, const char* attribute, const char* first, const char* second) {
  const std::string& value = step.text(attribute);
  if (value != first && value != second)
    throw Error("ERR_ARGUMENT", step.op() + ": " + attribute + " must be '" + first + "' or '" + second +
                                    "', got '" + value + "'");
  return value == first;
}

CellSpec::CellSpec(const StepSpec& step, const std::string& cell) {
  if (!step.has("activations")) {
    family = plain_family(step, cell, cell == "rnn" && !chosen(step, "activation", "tanh", "relu"));
    return;
  }
  CellOptions o;
  const bool lstm = cell == "lstm", coupled = lstm && step.has("coupled");
  const size_t gates = cell == "rnn" ? 1 : cell == "gru" || coupled ? 3 : 4;
  const std::vector<std::string>& names = step.texts("activations");
  const std::vector<double>&alphas = step.numbers("alphas"), &betas = step.numbers("betas");
  if (names.size() != gates + lstm || alphas.size() != names.size() || betas.size() != names.size())
    throw Error("ERR_ARGUMENT", step.op() + ": expected " + std::to_string(gates + lstm) +
                                    " activations, each with alpha and beta");
  for (size_t i = 0; i < names.size(); ++i)
    (i < gates ? o.gates[i] : o.cell_state) = activation_of(step.op(), names[i], alphas[i], betas[i]);
  o.clip = bound_of(step, "clip");
  o.zoneout_h = rate_of(step, "zoneoutH");
  if (cell == "rnn") {
    family = &RecurrentKernels::rnn_options;
  } else if (cell == "gru") {
    o.write = chosen(step, "updateGate", "write", "keep");
    family = chosen(step, "reset", "after", "before") ? &RecurrentKernels::gru_after_options
                                                      : &RecurrentKernels::gru_before_options;
  } else {
    o.cell_clip = bound_of(step, "cellClip");
    o.zoneout_c = rate_of(step, "zoneoutC");
    o.forget_coupled = coupled && chosen(step, "coupled", "f", "i");
    peepholes = peepholes_of(step);
    for (int place : peepholes)
      if (coupled && place == (o.forget_coupled ? 1 : 0))
        throw Error("ERR_ARGUMENT", step.op() + ": a coupled gate has no peephole");
    family = coupled             ? peepholes.empty() ? &RecurrentKernels::lstm_coupled_options
                                                     : &RecurrentKernels::lstm_coupled_peephole_options
             : peepholes.empty() ? &RecurrentKernels::lstm_options
                                 : &RecurrentKernels::lstm_peephole_options;
  }
  zoned = o.zoneout_h > 0 || o.zoneout_c > 0 || step.optional("zoneH") || step.optional("zoneC");
  if (zoned && !coupled && peepholes.empty() && is_plain(cell, o))
    family = plain_family(step, cell, o.gates[0].kind == ActivationKind::kRelu);
  options = o;
}

}  // namespace recurra
