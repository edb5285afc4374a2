#include "linalg/gemm.h"

#include <algorithm>

namespace recurra {
namespace {

int64_t pieces(int64_t count, int64_t largest) {
  return std::max<int64_t>(1, (count + largest - 1) / largest);
}

// Where piece i of `count` items in `pieces` pieces begins; the sizes of the pieces differ by one at most.
int64_t cut(int64_t count, int64_t pieces, int64_t i) {
  return count / pieces * i + std::min(i, count % pieces);
}

int64_t round_up(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }

// How a product is cut up, the same on every thread.
struct Plan {
  int threads;
  bool by_columns;  // threads own columns, each packing its own part of B; else rows, packing B together
  bool in_place;    // B is read once, so packing it would not pay
  bool pack_a;
  bool whole_a;     // all of it at the beginning, as several blocks of columns read it
  int64_t vectors;  // across B
  int64_t depth_blocks;
  int64_t packed_b;  // floats, of one buffer
  int64_t packed_a;  // floats, of one buffer

  int b_buffers() const { return by_columns ? threads : 1; }
  int a_buffers() const { return whole_a ? 1 : threads; }
};

Plan plan_product(const GemmKernels& kernels, const Gemm& product, int threads) {
  Plan plan;
  plan.threads = threads;
  plan.vectors = (product.columns + kernels.width - 1) / kernels.width;
  plan.by_columns =
      plan.vectors >= plan.threads * kernels.max_vectors || product.rows < plan.threads * kernels.max_rows;
  plan.in_place = product.rows <= kernels.max_rows && product.b.column == 1;
  plan.pack_a = product.a.column != 1;
  // A last half block would run at the speed of the memory that C lies in; one block of half as much again
  // does not.
  plan.depth_blocks =
      2 * product.depth <= 3 * kernels.max_depth ? 1 : pieces(product.depth, kernels.max_depth);
  const int64_t depth = cut(product.depth, plan.depth_blocks, 1);
  plan.packed_b = round_up(depth * round_up(kernels.max_columns, kernels.width), 16);
  plan.whole_a =
      plan.pack_a && plan.by_columns && pieces(plan.vectors, threads) > kernels.max_columns / kernels.width;
  const int64_t whole_rows = kernels.tile_rows(kernels.max_vectors);
  plan.packed_a = !plan.pack_a   ? 0
                  : plan.whole_a ? product.depth * round_up(product.rows, whole_rows)
                                 : depth * kernels.max_rows;
  plan.packed_a = round_up(plan.packed_a, 16);
  return plan;
}

// One thread's rows and columns of C.
class Share {
 public:
  Share(const GemmKernels& kernels, const Gemm& product, const Plan& plan, const Worker& worker,
        float* workspace)
      : kernels_(kernels), product_(product), plan_(plan), worker_(worker) {
    packed_b_ = workspace + (plan.by_columns ? worker.index() * plan.packed_b : 0);
    packed_a_ =
        workspace + plan.b_buffers() * plan.packed_b + (plan.whole_a ? 0 : worker.index() * plan.packed_a);
    rows_ = plan.by_columns ? Range{0, product.rows} : share(worker, product.rows);
    vectors_ = plan.by_columns ? share(worker, plan.vectors) : Range{0, plan.vectors};
    const int64_t count = vectors_.end - vectors_.begin, most = kernels.max_vectors;
    const bool widest = plan.whole_a || count > kernels.max_columns / kernels.width;
    tile_rows_ = kernels.tile_rows(static_cast<int>(widest ? most : pieces(count, pieces(count, most))));
  }

  void run() {
    if (plan_.whole_a) pack_whole_a();
    const int64_t count = vectors_.end - vectors_.begin;
    if (count == 0) return;
    const int64_t most = kernels_.max_vectors, panels = pieces(count, most);
    const int64_t blocks = pieces(panels, kernels_.max_columns / kernels_.width / most);
    const auto begin = [&](int64_t i) {
      return vectors_.begin + std::min(count, most * cut(panels, blocks, i));
    };
    for (int64_t i = 0; i < blocks; ++i) {
      block_ = {begin(i), begin(i + 1)};
      panels_ = pieces(block_.end - block_.begin, kernels_.max_vectors);
      for (int64_t k = 0; k < plan_.depth_blocks; ++k) {
        depth_ = depth_block(k);
        pack_block();
        multiply_block();
      }
    }
  }

 private:
  struct Panel {
    int64_t first;  // column
    int columns;
    int stride;  // columns in whole vectors
    bool packed;
    float* memory;
  };

  Panel panel(int64_t p) const {
    const int64_t count = block_.end - block_.begin, w = kernels_.width;
    const int64_t first = (block_.begin + cut(count, panels_, p)) * w,
                  end = (block_.begin + cut(count, panels_, p + 1)) * w;
    const int64_t columns = std::min(end, product_.columns) - first;
    return {first, static_cast<int>(columns), static_cast<int>(end - first),
            !plan_.in_place || first + columns < end,
            packed_b_ + (first - block_.begin * w) * (depth_.end - depth_.begin)};
  }

  void pack_block() {
    if (!plan_.by_columns) worker_.barrier();  // nobody still reads the block before
    const Range mine = plan_.by_columns ? Range{0, panels_} : share(worker_, panels_);
    for (int64_t p = mine.begin; p < mine.end; ++p) {
      const Panel to = panel(p);
      if (to.packed)
        kernels_.pack(product_.b.data + depth_.begin * product_.b.row + to.first * product_.b.column,
                      product_.b.row, product_.b.column, depth_.end - depth_.begin, to.columns, to.stride,
                      to.memory);
    }
    if (!plan_.by_columns) worker_.barrier();
  }

  Range depth_block(int64_t k) const {
    return {cut(product_.depth, plan_.depth_blocks, k), cut(product_.depth, plan_.depth_blocks, k + 1)};
  }

  // Bands of rows, one tile high.
  int64_t bands() const { return pieces(rows_.end - rows_.begin, tile_rows_); }
  Range band(int64_t i) const {
    const int64_t count = rows_.end - rows_.begin;
    return {rows_.begin + cut(count, bands(), i), rows_.begin + cut(count, bands(), i + 1)};
  }

  void pack_whole_a() {
    const Range mine = share(worker_, bands());
    for (int64_t k = 0; k < plan_.depth_blocks; ++k) {
      depth_ = depth_block(k);
      for (int64_t i = mine.begin; i < mine.end; ++i) pack_band(band(i), whole_a(i));
    }
    worker_.barrier();
  }
  float* whole_a(int64_t i) const {
    return packed_a_ + (depth_.begin * bands() + (depth_.end - depth_.begin) * i) * tile_rows_;
  }

  const float* a_at(int64_t row) const {
    return product_.a.data + row * product_.a.row + depth_.begin * product_.a.column;
  }
  void pack_band(Range rows, float* packed) const {
    kernels_.pack(a_at(rows.begin), product_.a.column, product_.a.row, depth_.end - depth_.begin,
                  static_cast<int>(rows.end - rows.begin), tile_rows_, packed);
  }

  void multiply_block() {
    if (rows_.end == rows_.begin) return;
    for (int64_t i = 0; i < bands(); ++i) multiply_band(i);
  }

  void multiply_band(int64_t i) {
    const auto [begin, end] = band(i);
    GemmKernels::Tile tile;
    tile.rows = static_cast<int>(end - begin);
    tile.depth = depth_.end - depth_.begin;
    if (plan_.pack_a) {
      float* packed = plan_.whole_a ? whole_a(i) : packed_a_;
      if (!plan_.whole_a) pack_band({begin, end}, packed);
      tile.a = packed;
      tile.a_row = 1;
      tile.a_column = tile_rows_;
    } else {
      tile.a = a_at(begin);
      tile.a_row = product_.a.row;
      tile.a_column = product_.a.column;
    }
    for (int64_t p = 0; p < panels_; ++p) {
      const Panel from = panel(p);
      tile.columns = from.columns;
      tile.b = from.packed ? from.memory : product_.b.data + depth_.begin * product_.b.row + from.first;
      tile.b_row = from.packed ? from.stride : product_.b.row;
      tile.c = product_.c + begin * product_.c_row + from.first;
      tile.c_row = product_.c_row;
      const bool bias = product_.init == GemmInit::kBias && depth_.begin == 0;
      const bool zero = product_.init == GemmInit::kZero && depth_.begin == 0;
      tile.init = zero ? nullptr : bias ? product_.bias + from.first : tile.c;
      tile.init_row = bias ? 0 : tile.c_row;
      kernels_.tile(tile);
    }
  }

  const GemmKernels& kernels_;
  const Gemm& product_;
  const Plan& plan_;
  const Worker& worker_;
  float* packed_b_;
  float* packed_a_;
  Range rows_;
  Range vectors_;
  int tile_rows_;
  Range block_{};       // vectors
  Range depth_{};       // columns of A
  int64_t panels_ = 0;  // in the block
};

}  // namespace

int gemm_threads(int64_t multiply_adds, Pool& pool) {
  constexpr int64_t kCall = 32 * 1024;  // multiply-adds that pay for handing out the call
  return multiply_adds < kCall || !pool.ready(multiply_adds) ? 1 : pool.threads();
}

uint64_t gemm_workspace(const GemmKernels& kernels, const Gemm& product, int threads) {
  const Plan plan = plan_product(kernels, product, threads);
  return sizeof(float) *
         static_cast<uint64_t>(plan.b_buffers() * plan.packed_b + plan.a_buffers() * plan.packed_a);
}

void gemm(const GemmKernels& kernels, const Gemm& product, Pool& pool, int threads, void* workspace) {
  const Plan plan = plan_product(kernels, product, threads);
  pool.parallel(
      [&](const Worker& worker) {
        Share(kernels, product, plan, worker, static_cast<float*>(workspace)).run();
      },
      plan.threads);
}

void gemm_alone(const GemmKernels& kernels, const Gemm& product, Pool& pool, void* workspace) {
  const Plan plan = plan_product(kernels, product, 1);
  Share(kernels, product, plan, Worker(pool, 0, 1), static_cast<float*>(workspace)).run();
}

}  // namespace recurra
