// What every optimizer's operation shares: which arrays it steps over and what it does to gradients first.
// Parameters and states are updated in place: the step names them as input and as output.
#pragma once

#include "engine/operation.h"
#include "kernels/optimizer.h"
#include "ops/row_gradients.h"

namespace recurra {

// One run's view of an update, checked.
struct Moment {
  float* parameters;
  int64_t count;
  double learning_rate;
  double t;  // the training step, from 1
  GradientRule gradient;
};

class Update : public Operation {
 public:
  void run(Run& run) final;

 protected:
  enum class Decay { kInGradient, kDecoupled };

  // With decoupled decay the gradient rule leaves weight decay out.
  explicit Update(const StepSpec& step, Decay decay = Decay::kInGradient);

  // One step over all parameters.
  virtual void step(Run& run, const Moment& moment) = 0;

  // Hands all parameters to `part`, on several threads. `resting`: a gradient of 0 changes neither a
  // parameter nor its state, so that rows of a table without one are passed over.
  void each_part(Run& run, const Moment& moment, bool resting, const UpdatePart& part) const;

  double weight_decay() const { return weight_decay_; }

  // A buffer that the step updates. Throws ERR_ARGUMENT where the output of this name is another buffer than
  // the input.
  static Buffer in_place(const StepSpec& step, const char* name);
  static Buffer optional_in_place(const StepSpec& step, const char* name);
  // The elements of a state array, as many as there are parameters; null where the step has none.
  float* state(const Run& run, Buffer buffer, const Moment& moment) const;

 private:
  std::string op_;
  Buffer parameters_, gradients_, learning_rate_, clock_, norm_;
  RowGradients rows_;  // in place of gradients
  double clip_norm_, clip_value_, weight_decay_;
  bool maximize_, decoupled_;
};

}  // namespace recurra
