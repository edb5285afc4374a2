// y = a·b for each index of the leading axes; lib/ops/batch-matmul.ts. Where there are enough products each
// is one thread's, else each is all threads'.
#include <algorithm>

#include "engine/operation.h"
#include "engine/program.h"
#include "linalg/gemm.h"

namespace recurra {
namespace {

// The last two axes, turned where the product reads them so.
struct Matrices {
  const float* data;
  int64_t count, rows, columns;
  int64_t size;  // elements of one
  bool turned;

  Matrices(const View& view, bool transpose, const char* what)
      : data(view.real()), count(1), turned(transpose) {
    if (view.shape.size() < 2)
      throw Error("ERR_SHAPE", std::string("batchMatmul: ") + what + " has shape " +
                                   describe_shape(view.shape) + ", expected matrices");
    for (size_t axis = 0; axis + 2 < view.shape.size(); ++axis) count *= view.shape[axis];
    rows = view.axis(transpose ? -1 : -2), columns = view.axis(transpose ? -2 : -1);
    size = rows * columns;
  }

  Matrix at(int64_t i) const {
    return turned ? Matrix{data + i * size, 1, rows} : Matrix{data + i * size, columns, 1};
  }
};

class BatchMatmul final : public Operation {
 public:
  explicit BatchMatmul(const StepSpec& step)
      : a_(step.input("a")),
        b_(step.input("b")),
        y_(step.output("y")),
        transpose_a_(step.flag("transposeA")),
        transpose_b_(step.flag("transposeB")) {}

  void run(Run& run) override {
    const View& y_view = run.view(y_);
    const Matrices a(run.view(a_), transpose_a_, "a"), b(run.view(b_), transpose_b_, "b"),
        y(y_view, false, "y");
    if (a.count != b.count || a.count != y.count || a.columns != b.rows || a.rows != y.rows ||
        b.columns != y.columns)
      throw Error("ERR_SHAPE", "batchMatmul: a, b and y do not match");
    if (y_view.count == 0) return;

    const auto product = [&](int64_t i) {
      return Gemm{.rows = a.rows,
                  .columns = b.columns,
                  .depth = a.columns,
                  .a = a.at(i),
                  .b = b.at(i),
                  .c = y_view.real() + i * y.size,
                  .c_row = y.columns};
    };
    const GemmKernels& kernels = *run.kernels().gemm;
    Pool& pool = run.pool();
    const int64_t each_work = a.rows * a.columns * b.columns;
    if (a.count < pool.threads()) {
      const int threads = gemm_threads(each_work, pool);
      void* workspace = run.workspace(gemm_workspace(kernels, product(0), threads));
      for (int64_t i = 0; i < a.count; ++i) gemm(kernels, product(i), pool, threads, workspace);
      return;
    }
    const int threads = gemm_threads(a.count * each_work, pool);
    const uint64_t each = (gemm_workspace(kernels, product(0), 1) + 63) / 64 * 64;
    char* workspace = static_cast<char*>(run.workspace(each * static_cast<uint64_t>(threads)));
    const auto part = [&](const Worker& worker) {
      const Range range = share(worker, a.count);
      for (int64_t i = range.begin; i < range.end; ++i)
        gemm_alone(kernels, product(i), pool, workspace + each * static_cast<uint64_t>(worker.index()));
    };
    pool.parallel(std::cref(part), threads);
  }

 private:
  Buffer a_, b_, y_;
  bool transpose_a_, transpose_b_;
};

constexpr OperationEntry kEntries[] = {{"batchMatmul", make_operation<BatchMatmul>}};

}  // namespace

extern const OperationList kBatchMatmulOperations;
const OperationList kBatchMatmulOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
