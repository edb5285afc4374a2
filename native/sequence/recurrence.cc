#include "sequence/recurrence.h"

#include <algorithm>

#include "sequence/direction.h"

namespace recurra {
namespace {

Quantization quantization_of(const StepSpec& step) {
  if (!step.has("quantize")) return Quantization::kNone;
  const std::string& name = step.text("quantize");
  if (name == "bfloat16") return Quantization::kBFloat16;
  if (name == "int8") return Quantization::kInt8;
  throw Error("ERR_ARGUMENT", step.op() + ": quantize must be 'bfloat16' or 'int8', got '" + name + "'");
}

}  // namespace

Recurrence::Recurrence(const StepSpec& step, const std::string& cell)
    : quantization(quantization_of(step)),
      x(step.optional("x")),
      table(step.optional("table")),
      ids(step.optional("ids", DType::kInt32)),
      input_weight(step.input("inputWeight")),
      recurrent_weight(step.input("recurrentWeight")),
      bias(step.optional("bias")),
      recurrent_bias(step.optional("recurrentBias")),
      h(step.optional("h")),
      c(step.optional("c")),
      mask_x(step.optional("maskX")),
      mask_h(step.optional("maskH")),
      peepholes(step.optional("peepholes")),
      zone_h(step.optional("zoneH")),
      zone_c(step.optional("zoneC")),
      segments(step),
      cell_(cell),
      spec_(step, cell),
      offsets_(step.input("offsets", DType::kInt32)),
      order_(step.input("order", DType::kInt32)),
      backward_(reads_backward(step)) {
  if (static_cast<bool>(x) == static_cast<bool>(table) ||
      static_cast<bool>(table) != static_cast<bool>(ids) || (table && mask_x))
    throw Error("ERR_ARGUMENT", cell + ": reads either x or, without a mask of x, a table and ids");
  if (quantization == Quantization::kInt8 && (mask_x || mask_h))
    throw Error("ERR_ARGUMENT", cell + ": masks are for training, int8 for inference");
  if (c && !has_c()) throw Error("ERR_ARGUMENT", cell + ": has no cell state c");
  if ((peepholes || zone_h || zone_c) && !spec_.options)
    throw Error("ERR_ARGUMENT", cell + ": a plain cell has neither peepholes nor zoneout");
  if (zone_c && !has_c()) throw Error("ERR_ARGUMENT", cell + ": has no cell state to zone out");
  if (static_cast<bool>(peepholes) == spec_.peepholes.empty())
    throw Error("ERR_ARGUMENT", cell + ": the attribute peepholes names the gates of the input peepholes");
  if (segments && !saves_gates()) throw Error("ERR_ARGUMENT", cell + ": keeps no gates to compute again");
}

Ragged Recurrence::check_order(const Run& run) const {
  const View &tokens = run.view(table ? ids : x), &offsets = run.view(offsets_), &order = run.view(order_);
  if (table) {
    expect(tokens, {-1}, "ids");
    expect(run.view(table), {-1, -1}, "table");
    expect_indices(tokens, 0, run.view(table).axis(0), (cell_ + ": ids").c_str());
  } else {
    expect(tokens, {-1, -1}, "x");
  }
  expect(offsets, {-1}, "offsets");
  expect(order, {-1}, "order");
  return Ragged(cell_, offsets, order, tokens.axis(0), backward_);
}

Extents Recurrence::check_inputs(const Run& run, const Ragged& ragged) const {
  const View& weights = run.view(recurrent_weight);
  Extents e;
  e.tokens = ragged.tokens();
  e.inputs = run.view(table ? table : x).axis(1);
  e.gates = kernels(run).layout.gates;
  expect(weights, {-1, -1}, "recurrentWeight");
  e.units = weights.axis(0);
  const int64_t columns = e.gates * e.units;
  expect(weights, {e.units, columns}, "recurrentWeight");
  expect(run.view(input_weight), {e.inputs, columns}, "inputWeight");
  if (e.units < 1) throw Error("ERR_SHAPE", cell_ + ": has no units");
  if (bias) expect(run.view(bias), {columns}, "bias");
  if (recurrent_bias) expect(run.view(recurrent_bias), {columns}, "recurrentBias");
  if (h) expect(run.view(h), {ragged.batch(), e.units}, "h");
  if (c) expect(run.view(c), {ragged.batch(), e.units}, "c");
  if (peepholes)
    expect(run.view(peepholes), {static_cast<int64_t>(spec_.peepholes.size()), e.units}, "peepholes");
  if (zone_h) expect(run.view(zone_h), {e.tokens, e.units}, "zoneH");
  if (zone_c) expect(run.view(zone_c), {e.tokens, e.units}, "zoneC");
  e.masks_x = check_mask(run, mask_x, ragged.batch(), e.inputs, e.gates, "maskX");
  e.masks_h = check_mask(run, mask_h, ragged.batch(), e.units, e.gates, "maskH");
  return e;
}

int64_t Recurrence::check_mask(const Run& run, Buffer mask, int64_t batch, int64_t width, int64_t gates,
                               const char* name) const {
  if (!mask) return 0;
  const View& view = run.view(mask);
  const bool one = view.shape.size() == 2 && view.axis(1) == width;
  expect(view, {batch, one ? width : gates * width}, name);
  return one ? 1 : gates;
}

CellOptions Recurrence::options(const Run& run, const Extents& e, float* rows) const {
  CellOptions options = spec_.options.value_or(CellOptions());
  const float* weights = peepholes ? run.view(peepholes).real() : nullptr;
  for (int place : spec_.peepholes) {
    std::fill_n(std::copy_n(weights, e.units, rows), padded(e.units) - e.units, 0.0f);
    options.peepholes[place] = rows;
    weights += e.units;
    rows += padded(e.units);
  }
  return options;
}

void Recurrence::expect(const View& view, std::initializer_list<int64_t> shape, const char* name) const {
  const auto fits = [](int64_t extent, int64_t expected) { return expected == -1 || extent == expected; };
  if (!std::equal(view.shape.begin(), view.shape.end(), shape.begin(), shape.end(), fits))
    expect_shape(view, shape, (cell_ + ": " + name).c_str());
}

float* Recurrence::real(const Run& run, Buffer buffer, std::initializer_list<int64_t> shape,
                        const char* name) const {
  if (!buffer) return nullptr;
  const View& view = run.view(buffer);
  expect(view, shape, name);
  return view.real();
}

int64_t saved_columns(const CellLayout& cell, int64_t units) {
  return (cell.gates == 3 ? 4 : cell.gates) * padded(units) + kBlock;
}

int threads_for_steps(Run& run, const Ragged& ragged, int64_t products_per_row) {
  // Multiply-adds: of a thread between two barriers; of a call that pays for handing it out.
  constexpr int64_t kStep = 12 * 1024, kCall = 40 * 1024;
  const int64_t all = ragged.tokens() * products_per_row;
  if (all < kCall || !run.pool().ready(all)) return 1;
  const int64_t per_step = all / std::max<int64_t>(ragged.steps(), 1);
  return static_cast<int>(std::clamp<int64_t>(per_step / kStep, 1, run.pool().threads()));
}

}  // namespace recurra
