// Rows that are to be added into a table, those of one id made one: lib/ops/merge-rows.ts.
#include <iterator>
#include <string>

#include "ops/expect.h"
#include "ops/stacked_rows.h"
#include "sequence/distinct.h"

namespace recurra {
namespace {

class MergeRows final : public Operation {
 public:
  explicit MergeRows(const StepSpec& step)
      : table_rows_(whole_number(step, "rows", 0, int64_t{1} << 31)), ignore_(step.number("ignore")) {
    const size_t count = step.inputs("x").size();
    if (count == 0) throw Error("ERR_ARGUMENT", "mergeRows: there is no x0");
    for (size_t k = 0; k < count; ++k) {
      const auto name = [&](const char* prefix) { return prefix + std::to_string(k); };
      parts_.push_back({step.input(name("x").c_str()), step.input(name("ids").c_str(), DType::kInt32),
                        step.output(name("rows").c_str()), step.output(name("at").c_str(), DType::kInt32)});
    }
  }

  void run(Run& run) override {
    const View& x = run.view(parts_[0].x);
    if (x.shape.empty()) throw Error("ERR_SHAPE", "mergeRows: x0 is a scalar");
    addends_.reset(x.axis(-1));
    for (const Part& part : parts_) stack(run, part);
    distinct_.begin(addends_.count(), table_rows_);
    sums_.reset(x.axis(-1));
    for (const Part& part : parts_) {
      const int64_t known = distinct_.count();
      distinct_.add(run.view(part.ids), ignore_);
      distinct_.list(known, run.view(part.at));
      sums_.push(run.view(part.rows).real(), distinct_.count() - known);
    }
    add_up_rows(run, addends_, sums_, [&](int64_t i) { return distinct_.numbers()[i]; });
  }

 private:
  struct Part {
    Buffer x, ids, rows, at;
  };

  void stack(Run& run, const Part& part) {
    const View &x = run.view(part.x), &ids = run.view(part.ids);
    const int64_t elements = ids.count * addends_.columns();
    expect_count(x, elements, "mergeRows", "x");
    expect_count(run.view(part.rows), elements, "mergeRows", "rows");
    expect_count(run.view(part.at), ids.count, "mergeRows", "at");
    expect_indices(ids, -1, table_rows_, "mergeRows: ids");
    addends_.push(x.real(), ids.count);
  }

  const int64_t table_rows_;
  const double ignore_;
  std::vector<Part> parts_;
  StackedRows addends_, sums_;
  Distinct distinct_;
};

constexpr OperationEntry kEntries[] = {{"mergeRows", make_operation<MergeRows>}};

}  // namespace

extern const OperationList kMergeRowsOperations;
const OperationList kMergeRowsOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
