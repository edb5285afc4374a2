// √Σx² over all elements of several tensors, in double: blocks by any thread, added up in order. Of a tensor
// of a table's rows, x0 with at0, over the rows that there are.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/elementwise.h"
#include "ops/expect.h"
#include "ops/in_parallel.h"
#include "ops/row_gradients.h"

namespace recurra {
namespace {

class GlobalNorm final : public Operation {
 public:
  explicit GlobalNorm(const StepSpec& step) : inputs_(step.inputs("x")), norm_(step.output("norm")) {
    for (const Buffer input : inputs_)
      if (step.dtype(input) != DType::kReal) throw Error("ERR_ARGUMENT", "globalNorm: tensors must be real");
    for (size_t k = 0; k < inputs_.size(); ++k)
      places_.push_back(step.optional(("at" + std::to_string(k)).c_str(), DType::kInt32));
  }

  void run(Run& run) override {
    const View& norm = run.view(norm_);
    expect_count(norm, 1, "globalNorm", "norm");
    views_.clear();
    int64_t blocks = 0;
    for (size_t k = 0; k < inputs_.size(); ++k) {
      views_.push_back(run.view(inputs_[k]));
      if (places_[k]) keep_rows(views_.back(), run.view(places_[k]));
      blocks += blocks_of(views_.back());
    }
    double* squares = static_cast<double*>(run.workspace(sizeof(double) * static_cast<uint64_t>(blocks)));
    double* next = squares;
    const auto sum_of_squares = run.kernels().elementwise->sum_of_squares;
    for (const View& x : views_) {
      in_parallel(run, blocks_of(x), kSumBlock, [&](Range range) {
        for (int64_t block = range.begin; block < range.end; ++block) {
          const int64_t first = block * kSumBlock;
          next[block] = sum_of_squares(x.real() + first, std::min(kSumBlock, x.count - first));
        }
      });
      next += blocks_of(x);
    }
    double total = 0;
    for (int64_t block = 0; block < blocks; ++block) total += squares[block];
    norm.real()[0] = static_cast<float>(std::sqrt(total));
  }

 private:
  static void keep_rows(View& x, const View& at) {
    if (x.shape.empty()) throw Error("ERR_SHAPE", "globalNorm: rows of a table are no scalar");
    expect_count(x, at.count * x.axis(-1), "globalNorm", "rows of a table");
    x.count = rows_at(at) * x.axis(-1);
  }
  static int64_t blocks_of(const View& x) { return (x.count + kSumBlock - 1) / kSumBlock; }

  std::vector<Buffer> inputs_, places_;
  std::vector<View> views_;
  Buffer norm_;
};

constexpr OperationEntry kEntries[] = {{"globalNorm", make_operation<GlobalNorm>}};

}  // namespace

extern const OperationList kGlobalNormOperations;
const OperationList kGlobalNormOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
