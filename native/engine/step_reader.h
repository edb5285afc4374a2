// Reads one step of a program for an operation's factory.
#pragma once

#include <string>

#include "engine/program.h"

namespace recurra {

class StepReader final : public StepSpec {
 public:
  StepReader(const Program& program, size_t index)
      : program_(program), step_(program.steps[index]), index_(index) {}

  const std::string& op() const override { return step_.op; }
  Buffer input(const char* name, DType dtype) const override;
  Buffer optional(const char* name, DType dtype) const override;
  Buffer output(const char* name, DType dtype) const override;
  Buffer optional_output(const char* name, DType dtype) const override;
  Buffer any_input(const char* name) const override;
  Buffer any_output(const char* name) const override;
  std::vector<Buffer> inputs(const char* prefix) const override;
  DType dtype(Buffer buffer) const override;
  double number(const char* attribute) const override;
  double number(const char* attribute, double otherwise) const override;
  bool has(const char* attribute) const override;
  bool is_flag(const char* attribute) const override;
  const std::string& text(const char* attribute) const override;
  bool flag(const char* attribute) const override;
  const std::vector<double>& numbers(const char* attribute) const override;
  const std::vector<std::string>& texts(const char* attribute) const override;
  const Program& program(const char* attribute) const override;

 private:
  Error wrong(const std::string& message) const;
  Buffer find(const Slots& slots, const std::string& name) const;
  Buffer expect(Buffer buffer, const char* name) const;
  Buffer expect(Buffer buffer, const char* name, DType dtype) const;
  const Attribute* find(const char* attribute) const;
  template <class T>
  const T& attribute(const char* name, const char* kind) const;

  const Program& program_;
  const Step& step_;
  size_t index_;
};

}  // namespace recurra
