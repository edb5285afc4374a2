// A whole training step: oneDNN's recurrent layers and sgemm, and written here with OpenMP what it has no
// primitive for.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>
#include <vector>

#include "conversation.h"
#include "generate.h"
#include "recurrent.h"

// Row-major C [m, n] = op(A)·op(B).
inline void gemm(char transpose_a, char transpose_b, int m, int n, int k, const float* A, const float* B,
                 float* C) {
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
    // One layer's output is the next one's input, without a copy.
    for (size_t k = 1; k < layers_.size(); k++) {
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
    std::vector<float> m, v;  // Adam's running moments
  };

  const bool every_step_;
  const int steps_, batch_, vocabulary_, input_, size_, classes_, rows_;
  const bool adam_;
  const double clip_norm_;
  std::vector<std::unique_ptr<Recurrent>> layers_;
  std::map<std::string, std::pair<std::vector<float>, std::vector<float>>> named_;  // value and gradient
  std::vector<std::unique_ptr<Parameter>> parameters_;
  Parameter *embedding_, *weight_, *bias_;
  std::vector<float> logits_;  // and in their place their gradients
  std::vector<int> ids_, targets_;
  int time_ = 0;

  Parameter* parameter(const std::string& name, size_t size, double scale) {
    auto& [value, gradient] = named_[name];
    value.resize(size);
    gradient.resize(size);
    fill(value.data(), size, name, scale);
    return track(value.data(), gradient.data(), size);
  }
  Parameter* track(float* value, float* gradient, size_t size) {
    const size_t moments = adam_ ? size : 0;
    parameters_.push_back(std::make_unique<Parameter>(
        Parameter{value, gradient, size, std::vector<float>(moments), std::vector<float>(moments)}));
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
