// oneDNN on the CPU, standing for a framework that trains through its fused recurrent primitives.

#include <omp.h>
#include <pmmintrin.h>
#include <xmmintrin.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "conversation.h"
#include "model.h"
#include "recurrent.h"

namespace {

constexpr int kAnswerSteps = 3;
constexpr size_t kMostSamples = 20000;

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
  const std::string task = w.text("task");
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
  const bool input_gradient = w.text("inputGradient") == "true";  // computed in any case
  return {[=] {
            Answer answer;
            for (int k = 0; k < (use == Recurrent::Use::kStream ? kAnswerSteps : 1); k++) step();
            if (use == Recurrent::Use::kStream) {
              answer.tensor("h", data(layer->h), count(layer->h));
              return answer;
            }
            answer.tensor("y", data(layer->y), count(layer->y));
            if (use == Recurrent::Use::kTraining) {
              if (input_gradient) answer.tensor("x", data(layer->dx), count(layer->dx));
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
  std::vector<double> ms;
  const double start = now_ms();
  do {
    const double before = now_ms();
    step();
    ms.push_back(now_ms() - before);
  } while (now_ms() - start < budget_ms && ms.size() < kMostSamples);
  std::cout << "{\"ms\":[";
  for (size_t k = 0; k < ms.size(); k++) {
    char text[32];
    snprintf(text, sizeof text, "%s%.6f", k ? "," : "", ms[k]);
    std::cout << text;
  }
  std::cout << "]}" << std::endl;
}

// What oneDNN may use: the processor's, or less where ONEDNN_MAX_CPU_ISA says so.
const char* instruction_set() {
  const int isa = dnnl_get_effective_cpu_isa();
  const auto has = [&](int wanted) { return (isa & wanted) == wanted; };
  return has(dnnl_cpu_isa_avx512_core) ? "avx512" : has(dnnl_cpu_isa_avx2) ? "avx2" : "below avx2";
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
            << ", isa " << instruction_set() << "\"}" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command;
    double budget_ms = 0;
    int warm_up = 0;
    words >> command >> budget_ms >> warm_up;
    if (command == "answer")
      entry.answer().print();
    else
      time(entry.step, budget_ms, warm_up);
  }
}
