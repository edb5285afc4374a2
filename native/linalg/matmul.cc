// y = a·b + bias, and the transposed products of its gradients; lib/ops/matmul.ts defines them.
#include <algorithm>

#include "engine/operation.h"
#include "linalg/gemm.h"

namespace recurra {
namespace {

class Matmul : public Operation {
 public:
  explicit Matmul(const StepSpec& step)
      : a_(step.input("a")),
        b_(step.input("b")),
        bias_(step.optional("bias")),
        y_(step.output("y")),
        transpose_a_(step.flag("transposeA")),
        transpose_b_(step.flag("transposeB")) {
    if (transpose_a_ && (transpose_b_ || bias_))
      throw Error("ERR_ARGUMENT", "matmul: with transposeA neither transposeB nor a bias is defined");
  }

  void run(Run& run) override {
    const View &a = run.view(a_), &b = run.view(b_), &y = run.view(y_);
    if (a.shape.empty() || b.shape.empty()) throw Error("ERR_SHAPE", "matmul: expected matrices");
    Gemm product;
    if (transpose_a_) {
      product.rows = a.axis(-1), product.columns = b.axis(-1), product.depth = a.rows();
      if (b.rows() != product.depth) throw Error("ERR_SHAPE", "matmul: the rows of a and b do not match");
      product.a = {a.real(), 1, product.rows};
      product.b = {b.real(), product.columns, 1};
    } else {
      expect_shape(b, {-1, -1}, "matmul: b");
      product.rows = a.rows(), product.depth = a.axis(-1), product.columns = b.axis(transpose_b_ ? 0 : 1);
      if (b.axis(transpose_b_ ? 1 : 0) != product.depth)
        throw Error("ERR_SHAPE", "matmul: the last axis of a does not match b");
      product.a = {a.real(), product.depth, 1};
      product.b = transpose_b_ ? Matrix{b.real(), 1, product.depth} : Matrix{b.real(), product.columns, 1};
    }
    if (y.count != product.rows * product.columns || y.shape.empty() || y.axis(-1) != product.columns)
      throw Error("ERR_SHAPE", "matmul: y does not match a and b");
    if (bias_) {
      const View& bias = run.view(bias_);
      expect_shape(bias, {product.columns}, "matmul: bias");
      product.init = GemmInit::kBias;
      product.bias = bias.real();
    }
    product.c = y.real();
    product.c_row = product.columns;
    if (y.count == 0) return;
    const GemmKernels& kernels = *run.kernels().gemm;
    const int threads = gemm_threads(product.rows * product.columns * product.depth, run.pool());
    gemm(kernels, product, run.pool(), threads, run.workspace(gemm_workspace(kernels, product, threads)));
  }

 private:
  Buffer a_, b_, bias_, y_;
  bool transpose_a_, transpose_b_;
};

constexpr OperationEntry kEntries[] = {{"matmul", make_operation<Matmul>}};

}  // namespace

extern const OperationList kLinalgOperations;
const OperationList kLinalgOperations = {kEntries, std::size(kEntries)};

}  // namespace recurra
