#include "ops/update.h"

#include <cmath>

#include "ops/expect.h"
#include "ops/in_parallel.h"

namespace recurra {

Buffer Update::optional_in_place(const StepSpec& step, const char* name) {
  const Buffer before = step.optional(name), after = step.optional_output(name);
  if (before.id != after.id)
    throw Error("ERR_ARGUMENT", step.op() + ": " + name + " must be the same buffer as input and as output");
  return after;
}

Buffer Update::in_place(const StepSpec& step, const char* name) {
  step.output(name);
  return optional_in_place(step, name);
}

Update::Update(const StepSpec& step, Decay decay)
    : op_(step.op()),
      parameters_(in_place(step, "parameters")),
      gradients_(step.optional("gradients")),
      learning_rate_(step.input("learningRate")),
      clock_(step.input("clock", DType::kInt32)),
      norm_(step.optional("norm")),
      rows_(step),
      clip_norm_(step.number("clipNorm")),
      clip_value_(step.number("clipValue")),
      weight_decay_(step.number("weightDecay")),
      maximize_(step.flag("maximize")),
      decoupled_(decay == Decay::kDecoupled) {
  if (static_cast<bool>(gradients_) == static_cast<bool>(rows_))
    throw Error("ERR_ARGUMENT", op_ + ": reads either gradients or rows of them");
}

void Update::run(Run& run) {
  const View &parameters = run.view(parameters_), &learning_rate = run.view(learning_rate_),
             &clock = run.view(clock_);
  if (rows_)
    rows_.bind(run, parameters);
  else
    expect_count(run.view(gradients_), parameters.count, op_, "gradients");
  expect_count(learning_rate, 1, op_, "learningRate");
  expect_count(clock, 2, op_, "clock");
  double scale = 1;
  if (norm_ && clip_norm_ > 0) {
    const View& norm = run.view(norm_);
    expect_count(norm, 1, op_, "norm");
    scale = clip_norm_ / (static_cast<double>(norm.real()[0]) + 1e-6);
    if (scale > 1) scale = 1;  // NaN stays
  }
  step(run, {
                .parameters = parameters.real(),
                .count = parameters.count,
                .learning_rate = learning_rate.real()[0],
                .t = static_cast<double>(clock.integers()[0]),
                .gradient = {.scale = static_cast<float>(maximize_ ? -scale : scale),
                             .limit = static_cast<float>(clip_value_ > 0 ? clip_value_ : INFINITY),
                             .decay = static_cast<float>(decoupled_ ? 0 : weight_decay_)},
            });
}

void Update::each_part(Run& run, const Moment& moment, bool resting, const UpdatePart& part) const {
  if (rows_) return resting ? rows_.each_given(run, part) : rows_.each(run, part);
  const float* gradients = run.view(gradients_).real();
  const auto range = [&](Range r) { part(r, gradients + r.begin); };
  in_parallel(run, moment.count, 1, range, 16);
}

float* Update::state(const Run& run, Buffer buffer, const Moment& moment) const {
  if (!buffer) return nullptr;
  const View& view = run.view(buffer);
  expect_count(view, moment.count, op_, "a state");
  return view.real();
}

}  // namespace recurra
