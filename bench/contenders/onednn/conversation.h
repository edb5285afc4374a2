// What is asked (`key=value` arguments) and what is answered (a line of JSON); ../../serve.ts has the
// protocol.
#pragma once

#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "generate.h"

struct Workload {
  std::map<std::string, std::string> fields;
  Workload(int count, char** arguments) {
    for (int k = 1; k < count; k++) {
      const std::string text = arguments[k];
      const size_t equals = text.find('=');
      fields[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  const std::string& text(const std::string& key) const { return fields.at(key); }
  int number(const std::string& key) const { return std::stoi(fields.at(key)); }
};

class Answer {
 public:
  void loss(double value) { losses_.push_back(value); }
  void tensor(const std::string& name, const float* values, size_t count) {
    tensors_.push_back("\"" + name + "\":" + fingerprint(values, count));
  }
  void print() const {
    std::string text = "{\"losses\":[";
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
  std::vector<double> losses_;
  std::vector<std::string> tensors_;
};
