// One recurrent layer through oneDNN's primitives, forward and backward. For oneDNN 2.x.
//
// Layouts are oneDNN's: x [T, B, I], weights [I, G, H], biases [G, H]. Its gru has the update gate first and,
// with the reset after the product (lbr: linear before reset), a fourth bias, which stays zero.
#pragma once

#include <cmath>
#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conversation.h"
#include "generate.h"

inline dnnl::engine engine(dnnl::engine::kind::cpu, 0);
inline dnnl::stream stream(engine);

inline float* data(const dnnl::memory& m) { return static_cast<float*>(m.get_data_handle()); }
inline size_t count(const dnnl::memory& m) { return m.get_desc().get_size() / sizeof(float); }
inline void zero(const dnnl::memory& m) { memset(m.get_data_handle(), 0, m.get_desc().get_size()); }
inline dnnl::memory make(const dnnl::memory::desc& desc) {
  dnnl::memory m(desc, engine);
  zero(m);
  return m;
}

// The same numbers in the layout that a primitive asked for; no copy where it is the plain one.
class Reordered {
 public:
  Reordered() = default;
  static Reordered read(const dnnl::memory& plain, const dnnl::memory::desc& wanted) {
    return Reordered(plain, wanted, false);
  }
  static Reordered written(const dnnl::memory& plain, const dnnl::memory::desc& wanted) {
    return Reordered(plain, wanted, true);
  }
  // What the primitive is given.
  const dnnl::memory& own() const { return own_; }
  void run() {
    if (needed_) reorder_.execute(stream, from_, to_);
  }

 private:
  dnnl::memory own_, from_, to_;
  dnnl::reorder reorder_;
  bool needed_ = false;

  Reordered(const dnnl::memory& plain, const dnnl::memory::desc& wanted, bool written)
      : own_(plain.get_desc() == wanted ? plain : make(wanted)),
        from_(written ? own_ : plain),
        to_(written ? plain : own_),
        needed_(plain.get_desc() != wanted) {
    if (needed_) reorder_ = dnnl::reorder(from_, to_);
  }
};

class Recurrent {
 public:
  enum class Use { kTraining, kInference, kStream };

  const int steps, batch, input, size, gates;
  dnnl::memory x, y, W, R, b, dx, dy, dW, dR, db;
  dnnl::memory h, c;  // the state at the start of the next run

  Recurrent(const Workload& w, int input_size, const std::string& name, Use use)
      : steps(w.number("steps")),
        batch(w.number("batch")),
        input(input_size),
        size(w.number("size")),
        gates(w.text("cell") == "lstm"  ? 4
              : w.text("cell") == "gru" ? 3
                                        : 1),
        cell_(w.text("cell")),
        reset_after_(cell_ == "gru" && w.text("reset") == "after"),
        name_(name),
        training_(use == Use::kTraining) {
    using Tag = dnnl::memory::format_tag;
    const auto desc = [](const dnnl::memory::dims& dims, Tag tag) {
      return dnnl::memory::desc(dims, dnnl::memory::data_type::f32, tag);
    };
    const Shapes s = {
        .x = desc({steps, batch, input}, Tag::tnc),
        .y = desc({steps, batch, size}, Tag::tnc),
        .state = desc({1, 1, batch, size}, Tag::ldnc),
        .W = desc({1, 1, input, gates, size}, Tag::any),
        .R = desc({1, 1, size, gates, size}, Tag::any),
        .b = desc({1, 1, reset_after_ ? 4 : gates, size}, Tag::ldgo),
    };
    const auto plain_W = desc({1, 1, input, gates, size}, Tag::ldigo);
    const auto plain_R = desc({1, 1, size, gates, size}, Tag::ldigo);
    x = make(s.x), y = make(s.y), W = make(plain_W), R = make(plain_R), b = make(s.b);
    h = make(s.state), c = make(s.state), final_h_ = make(s.state), final_c_ = make(s.state);
    if (training_) dx = make(s.x), dy = make(s.y), dW = make(plain_W), dR = make(plain_R), db = make(s.b);
    fill_gates(W, name + ".inputWeight");
    fill_gates(R, name + ".recurrentWeight");
    fill_gates(b, name + ".bias");
    if (cell_ == "lstm")
      build<dnnl::lstm_forward, dnnl::lstm_backward>(s, s.state, s.state);
    else if (reset_after_)
      build<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(s, s.state);
    else if (cell_ == "gru")
      build<dnnl::gru_forward, dnnl::gru_backward>(s, s.state);
    else
      build<dnnl::vanilla_rnn_forward, dnnl::vanilla_rnn_backward>(s, s.state);
    pack();
  }

  // Brings the weights into the forward primitive's layout: once per update of the weights.
  void pack() {
    forward_W_.run();
    forward_R_.run();
  }

  void forward() { forward_.execute(stream, forward_arguments_); }

  void backward() {
    backward_W_.run();
    backward_R_.run();
    zero(written_dW_.own());
    zero(written_dR_.own());
    zero(db);
    backward_.execute(stream, backward_arguments_);
    written_dW_.run();
    written_dR_.run();
  }

  // The final state becomes the initial one. They may not share memory: the blocks of a step would read each
  // other's output.
  void carry_state() {
    std::swap(h, final_h_);
    std::swap(c, final_c_);
    give_states();
  }

  // Gradients in our order of the gates.
  void report(Answer& answer) const {
    report_gates(answer, name_ + ".inputWeight", dW);
    report_gates(answer, name_ + ".recurrentWeight", dR);
    report_gates(answer, name_ + ".bias", db);
  }

 private:
  struct Shapes {
    dnnl::memory::desc x, y, state, W, R, b;
  };

  const std::string cell_;
  const bool reset_after_;
  const std::string name_;
  const bool training_;
  dnnl::primitive forward_, backward_;
  std::unordered_map<int, dnnl::memory> forward_arguments_, backward_arguments_;
  Reordered forward_W_, forward_R_, backward_W_, backward_R_, written_dW_, written_dR_;
  dnnl::memory final_h_, final_c_;

  // States are given although they are zeros: without them oneDNN 2.6.3 computes a wrong gradient of R.
  template <class Forward, class Backward, class... States>
  void build(const Shapes& s, const States&... states) {
    using dnnl::prop_kind;
    const auto direction = dnnl::rnn_direction::unidirectional_left2right;
    const auto kind = training_ ? prop_kind::forward_training : prop_kind::forward_inference;
    const typename Forward::primitive_desc forward(
        describe<Forward>(kind, direction, s.x, states..., s.W, s.R, s.b, s.y, states...), engine);
    give_forward<Forward>(forward);
    if (!training_) return;
    give_backward<Backward>(typename Backward::primitive_desc(
        describe<Backward>(prop_kind::backward, direction, s.x, states..., s.W, s.R, s.b, s.y, states...,  //
                           s.x, states..., s.W, s.R, s.b, s.y, states...),
        engine, forward));
  }

  // The simple cell also wants to know its activation.
  template <class Primitive, class... Rest>
  static typename Primitive::desc describe(dnnl::prop_kind kind, const Rest&... rest) {
    if constexpr (std::is_same_v<Primitive, dnnl::vanilla_rnn_forward> ||
                  std::is_same_v<Primitive, dnnl::vanilla_rnn_backward>)
      return {kind, dnnl::algorithm::eltwise_tanh, rest...};
    else
      return {kind, rest...};
  }

  template <class Primitive, class PrimitiveDesc>
  void give_forward(const PrimitiveDesc& pd) {
    forward_ = Primitive(pd);
    forward_W_ = Reordered::read(W, pd.weights_layer_desc());
    forward_R_ = Reordered::read(R, pd.weights_iter_desc());
    forward_arguments_ = {{DNNL_ARG_SRC_LAYER, x},
                          {DNNL_ARG_WEIGHTS_LAYER, forward_W_.own()},
                          {DNNL_ARG_WEIGHTS_ITER, forward_R_.own()},
                          {DNNL_ARG_BIAS, b},
                          {DNNL_ARG_DST_LAYER, y}};
    give_states();
    if (training_) forward_arguments_[DNNL_ARG_WORKSPACE] = make(pd.workspace_desc());
  }

  void give_states() {
    auto& a = forward_arguments_;
    a[DNNL_ARG_SRC_ITER] = h;
    a[DNNL_ARG_DST_ITER] = final_h_;
    if (cell_ != "lstm") return;
    a[DNNL_ARG_SRC_ITER_C] = c;
    a[DNNL_ARG_DST_ITER_C] = final_c_;
  }

  template <class Primitive, class PrimitiveDesc>
  void give_backward(const PrimitiveDesc& pd) {
    backward_ = Primitive(pd);
    backward_W_ = Reordered::read(W, pd.weights_layer_desc());
    backward_R_ = Reordered::read(R, pd.weights_iter_desc());
    written_dW_ = Reordered::written(dW, pd.diff_weights_layer_desc());
    written_dR_ = Reordered::written(dR, pd.diff_weights_iter_desc());
    auto& a = backward_arguments_;
    a = forward_arguments_;
    a[DNNL_ARG_WEIGHTS_LAYER] = backward_W_.own();
    a[DNNL_ARG_WEIGHTS_ITER] = backward_R_.own();
    a[DNNL_ARG_DIFF_SRC_LAYER] = dx;
    a[DNNL_ARG_DIFF_WEIGHTS_LAYER] = written_dW_.own();
    a[DNNL_ARG_DIFF_WEIGHTS_ITER] = written_dR_.own();
    a[DNNL_ARG_DIFF_BIAS] = db;
    a[DNNL_ARG_DIFF_DST_LAYER] = dy;
    for (int state :
         {DNNL_ARG_DIFF_SRC_ITER, DNNL_ARG_DIFF_SRC_ITER_C, DNNL_ARG_DIFF_DST_ITER, DNNL_ARG_DIFF_DST_ITER_C})
      a[state] = make(h.get_desc());
  }

  // oneDNN's gru orders the gates z r n.
  int gate_at(int gate) const { return cell_ == "gru" && gate < 2 ? 1 - gate : gate; }

  size_t rows_of(const dnnl::memory& m) const {
    return m.get_desc().dims().size() == 5 ? m.get_desc().dims()[2] : 1;
  }

  void fill_gates(const dnnl::memory& m, const std::string& stream_name) {
    std::vector<float> ours(rows_of(m) * gates * size);
    fill(ours.data(), ours.size(), stream_name, 1 / std::sqrt(static_cast<double>(size)));
    each_gate(m,
              [&](size_t our, size_t their) { memcpy(data(m) + their, &ours[our], sizeof(float) * size); });
  }

  void report_gates(Answer& answer, const std::string& name, const dnnl::memory& m) const {
    std::vector<float> ours(rows_of(m) * gates * size);
    each_gate(m,
              [&](size_t our, size_t their) { memcpy(&ours[our], data(m) + their, sizeof(float) * size); });
    answer.tensor(name, ours.data(), ours.size());
  }

  // Calls with the offset of each row's each gate, in our order and in theirs.
  template <class Move>
  void each_gate(const dnnl::memory& m, const Move& move) const {
    for (size_t row = 0; row < rows_of(m); row++)
      for (int gate = 0; gate < gates; gate++)
        move((row * gates + gate) * size, (row * gates + gate_at(gate)) * size);
  }
};
