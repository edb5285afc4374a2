// oneDNN on the CPU: its fused recurrent primitives forward and backward, its sgemm for the dense layer, and
// the rest of a training step (embedding, losses, clipping, optimizers) written here with OpenMP. It stands
// for a framework that trains through oneDNN. For oneDNN 2.x. The conversation is serve.ts's, the generator
// generate.ts's.
//
// Layouts are oneDNN's own: x [T, B, I], weights [I, G, H], biases [G, H]. Its gru has the update gate first
// and, with the reset after the product, a fourth bias, which stays zero.

#include <omp.h>
#include <pmmintrin.h>
#include <xmmintrin.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using dnnl::memory;
using std::string;
using std::vector;
using Desc = memory::desc;
using Tag = memory::format_tag;

constexpr int kAnswerSteps = 3;
constexpr size_t kMostSamples = 20000;

// ---- the generator ----

uint32_t seed_of(const string& stream) {
  uint32_t hash = 2166136261u;
  for (unsigned char character : stream) hash = (hash ^ character) * 16777619u;
  return hash;
}

// 24 random bits.
uint32_t bits(uint32_t seed, uint32_t index) {
  uint32_t hash = seed + index * 0x9E3779B9u;
  hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
  hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
  return (hash ^ (hash >> 16)) >> 8;
}

// In [-1, 1). Exact, so that -ffast-math has nothing to reorder.
double symmetric(uint32_t seed, uint32_t index) {
  return (static_cast<int32_t>(bits(seed, index)) - (1 << 23)) / 8388608.0;
}

void fill(float* values, size_t count, const string& stream, double scale) {
  const uint32_t seed = seed_of(stream);
  for (size_t k = 0; k < count; k++)
    values[k] = static_cast<float>(scale * symmetric(seed, static_cast<uint32_t>(k)));
}

vector<int> integers(const string& stream, size_t count, int below) {
  const uint32_t seed = seed_of(stream);
  vector<int> values(count);
  for (size_t k = 0; k < count; k++)
    values[k] = static_cast<int>(static_cast<uint64_t>(below) * bits(seed, static_cast<uint32_t>(k)) >> 24);
  return values;
}

string fingerprint(const float* values, size_t count) {
  const uint32_t seed = seed_of("projection");
  double squares = 0, projection = 0;
  for (size_t k = 0; k < count; k++) {
    const double value = values[k];
    squares += value * value;
    projection += value * symmetric(seed, static_cast<uint32_t>(k));
  }
  char text[80];
  snprintf(text, sizeof text, "[%.17g,%.17g]", std::sqrt(squares), projection);
  return text;
}

// ---- what is asked ----

struct Workload {
  std::map<string, string> fields;
  Workload(int count, char** arguments) {
    for (int k = 1; k < count; k++) {
      const string text = arguments[k];
      const size_t equals = text.find('=');
      fields[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  const string& text(const string& key) const { return fields.at(key); }
  int number(const string& key) const { return std::stoi(fields.at(key)); }
};

class Answer {
 public:
  void loss(double value) { losses_.push_back(value); }
  void tensor(const string& name, const float* values, size_t count) {
    tensors_.push_back("\"" + name + "\":" + fingerprint(values, count));
  }
  void print() const {
    string text = "{\"losses\":[";
    for (size_t k = 0; k < losses_.size(); k++) {
      char number[40];
      snprintf(number, sizeof number, "%s%.9g", k ? "," : "", losses_[k]);
      text += number;
    }
    text += "],\"tensors\":{";
    for (size_t k = 0; k < tensors_.size(); k++) text += (k ? "," : "") + tensors_[k];
    std::cout << text << "}}" << std::endl;
  }

 private:
  vector<double> losses_;
  vector<string> tensors_;
};

// ---- one recurrent layer ----

dnnl::engine engine(dnnl::engine::kind::cpu, 0);
dnnl::stream stream(engine);

float* data(const memory& m) { return static_cast<float*>(m.get_data_handle()); }
size_t count(const memory& m) { return m.get_desc().get_size() / sizeof(float); }
void zero(const memory& m) { memset(m.get_data_handle(), 0, m.get_desc().get_size()); }
memory make(const Desc& desc) {
  memory m(desc, engine);
  zero(m);
  return m;
}

// The same numbers in the layout that a primitive asked for; no copy where it is the plain one.
struct Reordered {
  memory from, to;
  dnnl::reorder reorder;
  bool needed = false;
  Reordered() = default;
  Reordered(const memory& source, const Desc& target, bool write_back) {
    needed = source.get_desc() != target;
    memory other = needed ? make(target) : source;
    from = write_back ? other : source;
    to = write_back ? source : other;
    if (needed) reorder = dnnl::reorder(from, to);
  }
  void run() {
    if (needed) reorder.execute(stream, from, to);
  }
};

class Recurrent {
 public:
  enum class Use { kTraining, kInference, kStream };

  const int steps, batch, input, size, gates;
  memory x, y, W, R, b, dx, dy, dW, dR, db;
  memory h, c;  // the state at the start of the next run

  Recurrent(const Workload& w, int input_size, const string& name, Use use)
      : steps(w.number("steps")),
        batch(w.number("batch")),
        input(input_size),
        size(w.number("size")),
        gates(w.text("cell") == "lstm"  ? 4
              : w.text("cell") == "gru" ? 3
                                        : 1),
        cell_(w.text("cell")),
        name_(name),
        training_(use == Use::kTraining) {
    const auto f32 = memory::data_type::f32;
    const int biases = cell_ == "gru" ? 4 : gates;
    const Desc rows_in({steps, batch, input}, f32, Tag::tnc), rows_out({steps, batch, size}, f32, Tag::tnc);
    const Desc state({1, 1, batch, size}, f32, Tag::ldnc);
    const Desc plain_W({1, 1, input, gates, size}, f32, Tag::ldigo),
        plain_R({1, 1, size, gates, size}, f32, Tag::ldigo);
    const Desc any_W({1, 1, input, gates, size}, f32, Tag::any),
        any_R({1, 1, size, gates, size}, f32, Tag::any);
    const Desc bias({1, 1, biases, size}, f32, Tag::ldgo);
    x = make(rows_in), y = make(rows_out), W = make(plain_W), R = make(plain_R), b = make(bias);
    h = make(state), c = make(state), final_h_ = make(state), final_c_ = make(state);
    fill_gates(W, name + ".inputWeight");
    fill_gates(R, name + ".recurrentWeight");
    fill_gates(b, name + ".bias");
    if (training_) {
      dx = make(rows_in), dy = make(rows_out), dW = make(plain_W), dR = make(plain_R), db = make(bias);
    }
    const auto kind = training_ ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    const auto back = dnnl::prop_kind::backward;
    const auto direction = dnnl::rnn_direction::unidirectional_left2right;
    // States are given although they are zeros: without them oneDNN 2.6 gets the gradient of R wrong.
    if (cell_ == "lstm") {
      using F = dnnl::lstm_forward;
      using B = dnnl::lstm_backward;
      F::primitive_desc pd(
          F::desc(kind, direction, rows_in, state, state, any_W, any_R, bias, rows_out, state, state),
          engine);
      finish_forward<F>(pd);
      if (training_)
        finish_backward<B>(B::primitive_desc(
            B::desc(back, direction, rows_in, state, state, any_W, any_R, bias, rows_out, state, state,  //
                    rows_in, state, state, any_W, any_R, bias, rows_out, state, state),
            engine, pd));
    } else if (cell_ == "gru") {
      using F = dnnl::lbr_gru_forward;
      using B = dnnl::lbr_gru_backward;
      F::primitive_desc pd(F::desc(kind, direction, rows_in, state, any_W, any_R, bias, rows_out, state),
                           engine);
      finish_forward<F>(pd);
      if (training_)
        finish_backward<B>(B::primitive_desc(
            B::desc(back, direction, rows_in, state, any_W, any_R, bias, rows_out, state,  //
                    rows_in, state, any_W, any_R, bias, rows_out, state),
            engine, pd));
    } else {
      using F = dnnl::vanilla_rnn_forward;
      using B = dnnl::vanilla_rnn_backward;
      const auto tanh = dnnl::algorithm::eltwise_tanh;
      F::primitive_desc pd(
          F::desc(kind, tanh, direction, rows_in, state, any_W, any_R, bias, rows_out, state), engine);
      finish_forward<F>(pd);
      if (training_)
        finish_backward<B>(B::primitive_desc(
            B::desc(back, tanh, direction, rows_in, state, any_W, any_R, bias, rows_out, state,  //
                    rows_in, state, any_W, any_R, bias, rows_out, state),
            engine, pd));
    }
    pack();
  }

  // Brings the weights into the forward primitive's layout: once per update of the weights.
  void pack() {
    forward_W_.run();
    forward_R_.run();
  }
  void forward() { forward_.execute(stream, forward_arguments_); }
  // The final state becomes the initial one. They may not share memory: the blocks of a step would read each
  // other's output.
  void carry_state() {
    auto& a = forward_arguments_;
    std::swap(h, final_h_), std::swap(c, final_c_);
    a[DNNL_ARG_SRC_ITER] = h, a[DNNL_ARG_DST_ITER] = final_h_;
    if (cell_ == "lstm") a[DNNL_ARG_SRC_ITER_C] = c, a[DNNL_ARG_DST_ITER_C] = final_c_;
  }
  void backward() {
    backward_W_.run();
    backward_R_.run();
    zero(packed_dW_.from);
    zero(packed_dR_.from);
    zero(db);
    backward_.execute(stream, backward_arguments_);
    packed_dW_.run();
    packed_dR_.run();
  }

  // Gradients in our order of the gates.
  void report(Answer& answer) const {
    report_gates(answer, name_ + ".inputWeight", dW);
    report_gates(answer, name_ + ".recurrentWeight", dR);
    report_gates(answer, name_ + ".bias", db);
  }

 private:
  string cell_, name_;
  bool training_;
  dnnl::primitive forward_, backward_;
  std::unordered_map<int, memory> forward_arguments_, backward_arguments_;
  Reordered forward_W_, forward_R_, backward_W_, backward_R_, packed_dW_, packed_dR_;
  memory final_h_, final_c_;

  // oneDNN's gru orders the gates z r n.
  int gate_at(int gate) const { return cell_ == "gru" && gate < 2 ? 1 - gate : gate; }
  size_t rows_of(const memory& m) const {
    return m.get_desc().dims().size() == 5 ? m.get_desc().dims()[2] : 1;
  }

  void fill_gates(const memory& m, const string& stream_name) {
    const size_t columns = static_cast<size_t>(gates) * size, rows = rows_of(m);
    vector<float> ours(rows * columns);
    fill(ours.data(), ours.size(), stream_name, 1 / std::sqrt(static_cast<double>(size)));
    for (size_t row = 0; row < rows; row++)
      for (int gate = 0; gate < gates; gate++)
        memcpy(data(m) + row * columns + gate_at(gate) * size, &ours[row * columns + gate * size],
               sizeof(float) * size);
  }
  void report_gates(Answer& answer, const string& name, const memory& m) const {
    const size_t columns = static_cast<size_t>(gates) * size, rows = rows_of(m);
    vector<float> ours(rows * columns);
    for (size_t row = 0; row < rows; row++)
      for (int gate = 0; gate < gates; gate++)
        memcpy(&ours[row * columns + gate * size], data(m) + row * columns + gate_at(gate) * size,
               sizeof(float) * size);
    answer.tensor(name, ours.data(), ours.size());
  }

  template <class Primitive, class PrimitiveDesc>
  void finish_forward(const PrimitiveDesc& pd) {
    forward_ = Primitive(pd);
    forward_W_ = Reordered(W, pd.weights_layer_desc(), false);
    forward_R_ = Reordered(R, pd.weights_iter_desc(), false);
    auto& a = forward_arguments_;
    a = {{DNNL_ARG_SRC_LAYER, x},
         {DNNL_ARG_SRC_ITER, h},
         {DNNL_ARG_WEIGHTS_LAYER, forward_W_.to},
         {DNNL_ARG_WEIGHTS_ITER, forward_R_.to},
         {DNNL_ARG_BIAS, b},
         {DNNL_ARG_DST_LAYER, y},
         {DNNL_ARG_DST_ITER, final_h_}};
    if (cell_ == "lstm") a[DNNL_ARG_SRC_ITER_C] = c, a[DNNL_ARG_DST_ITER_C] = final_c_;
    if (training_) a[DNNL_ARG_WORKSPACE] = make(pd.workspace_desc());
  }
  template <class Primitive, class PrimitiveDesc>
  void finish_backward(const PrimitiveDesc& pd) {
    backward_ = Primitive(pd);
    backward_W_ = Reordered(W, pd.weights_layer_desc(), false);
    backward_R_ = Reordered(R, pd.weights_iter_desc(), false);
    packed_dW_ = Reordered(dW, pd.diff_weights_layer_desc(), true);
    packed_dR_ = Reordered(dR, pd.diff_weights_iter_desc(), true);
    auto& a = backward_arguments_;
    a = forward_arguments_;
    a[DNNL_ARG_WEIGHTS_LAYER] = backward_W_.to;
    a[DNNL_ARG_WEIGHTS_ITER] = backward_R_.to;
    a[DNNL_ARG_DIFF_SRC_LAYER] = dx;
    a[DNNL_ARG_DIFF_WEIGHTS_LAYER] = packed_dW_.from;
    a[DNNL_ARG_DIFF_WEIGHTS_ITER] = packed_dR_.from;
    a[DNNL_ARG_DIFF_BIAS] = db;
    a[DNNL_ARG_DIFF_DST_LAYER] = dy;
    for (int argument :
         {DNNL_ARG_DIFF_SRC_ITER, DNNL_ARG_DIFF_SRC_ITER_C, DNNL_ARG_DIFF_DST_ITER, DNNL_ARG_DIFF_DST_ITER_C})
      a[argument] = make(h.get_desc());
  }
};

// ---- a whole model ----

// Row-major C [m, n] = op(A)·op(B).
void gemm(char transpose_a, char transpose_b, int m, int n, int k, const float* A, const float* B, float* C) {
  dnnl_sgemm(transpose_a, transpose_b, m, n, k, 1.f, A, transpose_a == 'N' ? k : m, B,
             transpose_b == 'N' ? n : k, 0.f, C, n);
}

class Model {
 public:
  explicit Model(const Workload& w)
      : every_step_(w.text("task") == "language-model"),
        steps_(w.number("steps")),
        batch_(w.number("batch")),
        vocabulary_(w.number("vocabulary")),
        input_(w.number("inputSize")),
        size_(w.number("size")),
        classes_(w.number("classes")),
        rows_(every_step_ ? steps_ * batch_ : batch_),
        adam_(w.text("optimizer") == "adam"),
        clip_norm_(std::stod(w.text("clipNorm"))) {
    for (int k = 0; k < w.number("layers"); k++)
      layers_.push_back(std::make_unique<Recurrent>(w, k ? size_ : input_, "recurrent" + std::to_string(k),
                                                    Recurrent::Use::kTraining));
    for (size_t k = 1; k < layers_.size();
         k++) {  // one layer's output is the next one's input, without a copy
      layers_[k]->x.set_data_handle(layers_[k - 1]->y.get_data_handle());
      layers_[k]->dx.set_data_handle(layers_[k - 1]->dy.get_data_handle());
    }
    const double scale = 1 / std::sqrt(static_cast<double>(size_));
    embedding_ = parameter("embedding", static_cast<size_t>(vocabulary_) * input_, 1);
    weight_ = parameter("dense.weight", static_cast<size_t>(size_) * classes_, scale);
    bias_ = parameter("dense.bias", classes_, scale);
    for (auto& layer : layers_) {
      track(data(layer->W), data(layer->dW), count(layer->W));
      track(data(layer->R), data(layer->dR), count(layer->R));
      track(data(layer->b), data(layer->db), static_cast<size_t>(layer->gates) * size_);
    }
    logits_.resize(static_cast<size_t>(rows_) * classes_);
    ids_ = integers("ids", static_cast<size_t>(steps_) * batch_, vocabulary_);
    targets_ = integers("targets", rows_, every_step_ ? vocabulary_ : 2);
  }

  double step() {
    const double loss = differentiate();
    update();
    return loss;
  }

  // Loss and the gradients of every parameter.
  double differentiate() {
    for (auto& layer : layers_) layer->pack();
    look_up();
    for (auto& layer : layers_) layer->forward();
    Recurrent& top = *layers_.back();
    const size_t first = every_step_ ? 0 : static_cast<size_t>(steps_ - 1) * batch_ * size_;
    const float* h = data(top.y) + first;
    gemm('N', 'N', rows_, classes_, size_, h, weight_->value, logits_.data());
    const double loss = classes_ == 1 ? binary_cross_entropy() : softmax_cross_entropy();
    sum_columns();
    gemm('T', 'N', size_, classes_, rows_, h, logits_.data(), weight_->gradient);
    if (!every_step_) zero(top.dy);
    gemm('N', 'T', rows_, size_, classes_, logits_.data(), weight_->value, data(top.dy) + first);
    for (size_t k = layers_.size(); k-- > 0;) layers_[k]->backward();
    scatter();
    stream.wait();
    return loss;
  }

  void report(Answer& answer) const {
    for (auto& layer : layers_) layer->report(answer);
    for (auto& [name, values] : named_) answer.tensor(name, values.second.data(), values.second.size());
  }

 private:
  struct Parameter {
    float *value, *gradient;
    size_t count;
    vector<float> m, v;  // Adam's running moments
  };

  const bool every_step_;
  const int steps_, batch_, vocabulary_, input_, size_, classes_, rows_;
  const bool adam_;
  const double clip_norm_;
  vector<std::unique_ptr<Recurrent>> layers_;
  std::map<string, std::pair<vector<float>, vector<float>>> named_;  // value and gradient
  vector<std::unique_ptr<Parameter>> parameters_;
  Parameter *embedding_, *weight_, *bias_;
  vector<float> logits_;  // and in their place their gradients
  vector<int> ids_, targets_;
  int time_ = 0;

  Parameter* parameter(const string& name, size_t size, double scale) {
    auto& [value, gradient] = named_[name];
    value.resize(size);
    gradient.resize(size);
    fill(value.data(), size, name, scale);
    return track(value.data(), gradient.data(), size);
  }
  Parameter* track(float* value, float* gradient, size_t size) {
    const size_t moments = adam_ ? size : 0;
    parameters_.push_back(std::make_unique<Parameter>(
        Parameter{value, gradient, size, vector<float>(moments), vector<float>(moments)}));
    return parameters_.back().get();
  }

  void look_up() {
    float* x = data(layers_[0]->x);
#pragma omp parallel for
    for (int row = 0; row < steps_ * batch_; row++)
      memcpy(x + static_cast<size_t>(row) * input_,
             embedding_->value + static_cast<size_t>(ids_[row]) * input_, sizeof(float) * input_);
  }

  // Each thread adds up its own columns, so that no two write one element.
  void scatter() {
    const float* dx = data(layers_[0]->dx);
    float* gradient = embedding_->gradient;
    memset(gradient, 0, sizeof(float) * embedding_->count);
#pragma omp parallel
    {
      const int thread = omp_get_thread_num(), threads = omp_get_num_threads();
      const int first = input_ * thread / threads, last = input_ * (thread + 1) / threads;
      for (int row = 0; row < steps_ * batch_; row++) {
        float* to = gradient + static_cast<size_t>(ids_[row]) * input_;
        const float* from = dx + static_cast<size_t>(row) * input_;
        for (int column = first; column < last; column++) to[column] += from[column];
      }
    }
  }

  double binary_cross_entropy() {
    double total = 0;
    for (int row = 0; row < rows_; row++) {
      const float z = logits_[row] + bias_->value[0], y = static_cast<float>(targets_[row]);
      total += std::max(z, 0.f) - z * y + std::log1p(std::exp(-std::fabs(z)));
      logits_[row] = (1 / (1 + std::exp(-z)) - y) / rows_;
    }
    return total / rows_;
  }

  double softmax_cross_entropy() {
    double total = 0;
#pragma omp parallel for reduction(+ : total)
    for (int row = 0; row < rows_; row++) {
      float* z = &logits_[static_cast<size_t>(row) * classes_];
      float largest = -INFINITY, sum = 0;
      for (int k = 0; k < classes_; k++) {
        z[k] += bias_->value[k];
        largest = std::max(largest, z[k]);
      }
      const float target = z[targets_[row]];
      for (int k = 0; k < classes_; k++) sum += z[k] = std::exp(z[k] - largest);
      const float scale = 1 / (sum * rows_);
      for (int k = 0; k < classes_; k++) z[k] *= scale;
      z[targets_[row]] -= 1.f / rows_;
      total += std::log(sum) + largest - target;
    }
    return total / rows_;
  }

  void sum_columns() {
    float* sums = bias_->gradient;
    memset(sums, 0, sizeof(float) * classes_);
#pragma omp parallel
    {
      const int thread = omp_get_thread_num(), threads = omp_get_num_threads();
      const int first = classes_ * thread / threads, last = classes_ * (thread + 1) / threads;
      for (int row = 0; row < rows_; row++)
        for (int k = first; k < last; k++) sums[k] += logits_[static_cast<size_t>(row) * classes_ + k];
    }
  }

  void update() {
    float clip = 1;
    if (clip_norm_ > 0) {
      double squares = 0;
      for (auto& parameter : parameters_) {
        const float* g = parameter->gradient;
        double sum = 0;
#pragma omp parallel for simd reduction(+ : sum) if (parameter->count > 10000)
        for (size_t k = 0; k < parameter->count; k++) sum += static_cast<double>(g[k]) * g[k];
        squares += sum;
      }
      clip = static_cast<float>(std::min(1.0, clip_norm_ / (std::sqrt(squares) + 1e-6)));
    }
    time_++;
    const float rate = adam_ ? static_cast<float>(1e-3 / (1 - std::pow(0.9, time_))) : 1e-3f;
    const float correction = static_cast<float>(1 / (1 - std::pow(0.999, time_)));
    for (auto& parameter : parameters_) {
      float *p = parameter->value, *m = parameter->m.data(), *v = parameter->v.data();
      const float* g = parameter->gradient;
      if (adam_) {
#pragma omp parallel for simd if (parameter->count > 10000)
        for (size_t k = 0; k < parameter->count; k++) {
          const float clipped = g[k] * clip;
          m[k] = 0.9f * m[k] + 0.1f * clipped;
          v[k] = 0.999f * v[k] + 0.001f * clipped * clipped;
          p[k] -= rate * m[k] / (std::sqrt(v[k] * correction) + 1e-8f);
        }
      } else {
#pragma omp parallel for simd if (parameter->count > 10000)
        for (size_t k = 0; k < parameter->count; k++) p[k] -= rate * clip * g[k];
      }
    }
  }
};

// ---- the contest ----

struct Entry {
  std::function<Answer()> answer;
  std::function<void()> step;
};

Entry open(const Workload& w) {
  if (w.number("classes") > 0) {
    auto model = std::make_shared<Model>(w);
    return {[model] {
              Answer answer;
              model->differentiate();
              model->report(answer);
              for (int k = 0; k < kAnswerSteps; k++) answer.loss(model->step());
              return answer;
            },
            [model] { model->step(); }};
  }
  const string task = w.text("task");
  const auto use = task == "layer"    ? Recurrent::Use::kTraining
                   : task == "stream" ? Recurrent::Use::kStream
                                      : Recurrent::Use::kInference;
  auto layer = std::make_shared<Recurrent>(w, w.number("inputSize"), "recurrent0", use);
  fill(data(layer->x), count(layer->x), "x", 1);
  if (use == Recurrent::Use::kTraining) fill(data(layer->dy), count(layer->dy), "dy", 1);
  const std::function<void()> step = [layer, use] {
    if (use == Recurrent::Use::kTraining) layer->pack();
    layer->forward();
    if (use == Recurrent::Use::kTraining) layer->backward();
    stream.wait();
    if (use == Recurrent::Use::kStream) layer->carry_state();
  };
  return {[=] {
            Answer answer;
            for (int k = 0; k < (use == Recurrent::Use::kStream ? kAnswerSteps : 1); k++) step();
            if (use == Recurrent::Use::kStream) {
              answer.tensor("h", data(layer->h), count(layer->h));
              return answer;
            }
            answer.tensor("y", data(layer->y), count(layer->y));
            if (use == Recurrent::Use::kTraining) {
              answer.tensor("x", data(layer->dx), count(layer->dx));
              layer->report(answer);
            }
            return answer;
          },
          step};
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void time(const std::function<void()>& step, double budget_ms, int warm_up) {
  for (int k = 0; k < warm_up; k++) step();
  std::cout << "{\"ms\":[";
  size_t samples = 0;
  const double start = now_ms();
  do {
    const double before = now_ms();
    step();
    const double ms = now_ms() - before;
    char text[32];
    snprintf(text, sizeof text, "%s%.6f", samples++ ? "," : "", ms);
    std::cout << text;
  } while (now_ms() - start < budget_ms && samples < kMostSamples);
  std::cout << "]}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  const Workload workload(argc, argv);
  omp_set_num_threads(workload.number("threads"));
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
  _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
  const Entry entry = open(workload);
  const dnnl_version_t* version = dnnl_version();
  std::cout << "{\"ready\":\"oneDNN " << version->major << "." << version->minor << "." << version->patch
            << "\"}" << std::endl;
  string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    string command;
    double budget_ms = 0;
    int warm_up = 0;
    words >> command >> budget_ms >> warm_up;
    if (command == "answer")
      entry.answer().print();
    else
      time(entry.step, budget_ms, warm_up);
  }
}
