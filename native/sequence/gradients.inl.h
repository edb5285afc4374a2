// What follows once per chunk of steps: the gradients of x, of the weights and of the biases.
#pragma once

#include "sequence/backward.inl.h"

namespace recurra::RECURRA_ISA::sequence {

static void input_gradient(const CellLayout& cell, const InputGradient& g, Part part) {
  alignas(64) float product[kTileSums];
  const PullBack pull = {numbers_of(g.quantization),
                         g.dgates,
                         g.dgates_block,
                         cell.dgates(),
                         g.units,
                         cell.input,
                         g.weights,
                         mask_rows(g.mask, g.masks, padded(g.inputs), g.ranks)};
  const Tiles tiles = tiles_of(blocks_of(g.inputs), 1, g.rows);
  const auto row_of_x = [&](int64_t row) { return g.tokens ? g.tokens[row] : row; };
  Deal deal(part, tiles.count(), tiles.outputs() * g.units * cell.input.count);
  while (deal.next()) {
    const Span rows = tiles.rows_of_tile(deal.tile()), blocks = tiles.blocks_of_tile(deal.tile());
    Ahead ahead;
    if (deal.tile() + 1 < tiles.count()) {
      const Span next = tiles.rows_of_tile(deal.tile() + 1), columns = tiles.blocks_of_tile(deal.tile() + 1);
      for (int64_t r = next.begin; r < next.end; ++r)
        ahead.add(g.dx + row_of_x(r) * g.inputs + columns.begin * kBlock, 0, columns.size(), 1);
    }
    pull_back(pull, rows, blocks, product, &ahead);
    const int64_t product_row = blocks.size() * kBlock;
    for (int64_t r = 0; r < rows.size(); ++r) {
      const int64_t column = blocks.begin * kBlock;
      float* dx = g.dx + row_of_x(rows.begin + r) * g.inputs + column;
      for (int64_t j = 0; j < product_row; j += Vec::width)
        store_below(Vec::load(product + r * product_row + j), dx + j, g.inputs - column - j);
    }
  }
}

// A weight gradient cut into tiles: rows of W by gates of 16 units or, for a span of one gate and where there
// is a copy of the operand for each gate, by neighbouring blocks of units of one gate.
struct GradientTiles {
  const GateSpan& span;
  int64_t width, units;
  bool copies;

  // Columns of a tile, in blocks of 16.
  struct Columns {
    Span gates, blocks;
  };

  bool by_gates() const { return span.count > 1 && !copies; }
  int64_t groups_of_gates() const { return by_gates() ? pieces_of(span.count, kTileBlocks) : span.count; }
  int64_t groups_of_blocks() const {
    return by_gates() ? blocks_of(units) : pieces_of(blocks_of(units), kTileBlocks);
  }
  int64_t groups() const { return groups_of_gates() * groups_of_blocks(); }
  Columns columns(int64_t group) const {
    const int64_t gates = groups_of_gates();
    return {piece(group % gates, gates, span.count),
            piece(group / gates, groups_of_blocks(), blocks_of(units))};
  }
  // Rows of W that a tile has at most.
  int64_t rows() const {
    return tile_rows(by_gates() ? span.count : pieces_of(blocks_of(units), groups_of_blocks()));
  }
  int64_t bands() const { return pieces_of(width, rows()); }
  int64_t count() const { return groups() * bands(); }
};

// Left operands of the weight gradients, in the order of their tiles, each row of a tile in 8 words.
constexpr int kOperandRow = 8;

static int64_t operand_size(const GateSpan& span, int64_t width, int64_t units, bool copies, int64_t count) {
  return GradientTiles{span, width, units, copies}.bands() * count * kOperandRow;
}

// The columns of a tile of some rows, [row][8].
static inline void pack_columns(const float* const* rows, int64_t count, int64_t column, int64_t there,
                                float* to) {
  if (there == kOperandRow) {
    for (int64_t r = 0; r < count; ++r)
      __builtin_memcpy(to + r * kOperandRow, rows[r] + column, kOperandRow * sizeof(float));
    return;
  }
  for (int64_t r = 0; r < count; ++r)
    for (int j = 0; j < kOperandRow; ++j) to[r * kOperandRow + j] = j < there ? rows[r][column + j] : 0;
}

// [row][8] floats as [words of rows][8].
static inline void pair_columns(const float* from, int64_t rows, Word* to) {
  constexpr int kLanes = Vec::width < kOperandRow ? Vec::width : kOperandRow;
  for (int64_t r = 0; r < rows; r += 2, from += 2 * kOperandRow, to += kOperandRow)
    for (int j = 0; j < kOperandRow; j += kLanes) {
      Word words[Vec::width];
      store_pairs(load_below(from + j, kLanes),
                  r + 1 < rows ? load_below(from + kOperandRow + j, kLanes) : Vec::zero(), words);
      __builtin_memcpy(to + j, words, kLanes * sizeof(Word));
    }
}

// A few rows at a time, so that they stay in the first-level cache while tile after tile takes its columns;
// those some bands on are on their way from memory meanwhile.
static void pack_operand(const OperandPacking& p, Part part) {
  constexpr int64_t kBand = 16, kAhead = 4 * kBand;
  const bool rounded = p.quantization != Quantization::kNone;
  const int64_t tiles = GradientTiles{p.span, p.width, p.units, p.masks > 1}.bands();
  const int64_t all = row_words(p.quantization, p.count);
  const Span mine = share(part, tiles * (p.masks > 1 ? p.masks : 1));
  if (mine.size() == 0) return;
  const Span asked =
      p.masks > 1 ? Span{0, p.width}
                  : Span{piece(mine.begin, tiles, p.width).begin, piece(mine.end - 1, tiles, p.width).end};
  const float* rows[kBand];
  alignas(64) float columns[kBand * kOperandRow];
  const auto row = [&](int64_t r) {
    const int64_t index = p.indices ? p.indices[r] : r;
    return index >= 0 ? p.rows + index * p.stride : p.initial + p.ranks[r] * p.state_stride;
  };
  for (int64_t first = 0; first < p.count; first += kBand) {
    const int64_t band = smaller(kBand, p.count - first);
    for (int64_t r = 0; r < band; ++r) rows[r] = row(first + r);
    for (int64_t r = first + kAhead; r < first + kAhead + kBand && r < p.count; ++r)
      for (int64_t j = asked.begin; j < asked.end; j += kBlock) __builtin_prefetch(row(r) + j, 0, 2);
    for (int64_t i = mine.begin; i < mine.end; ++i) {
      const int64_t column = piece(i % tiles, tiles, p.width).begin;
      const int64_t there = smaller(kOperandRow, p.width - column);
      Word* packed = p.packed + (i * all + row_words(p.quantization, first)) * kOperandRow;
      float* to = rounded ? columns : packed;
      pack_columns(rows, band, column, there, to);
      for (int64_t r = 0; p.masks > 0 && r < band; ++r) {
        const float* mask = p.mask + (p.ranks[first + r] * p.masks + i / tiles) * padded(p.width) + column;
        for (int64_t j = 0; j < there; ++j) to[r * kOperandRow + j] *= mask[j];
      }
      if (rounded) pair_columns(columns, band, packed);
    }
  }
}

static void round_dgates(const DgatesRounding& d, Part part) {
  const int64_t row = d.dgates_columns * kBlock;
  const Span mine = share(part, blocks_of(d.units));
  for (int64_t block = mine.begin; block < mine.end; ++block) {
    const float* from = d.dgates + block * d.dgates_block;
    for (int64_t column = 0; column < row; column += kBlock)
      pair_rows(from + column, row, d.rows, kBlock, d.pairs + block * d.pairs_block + column, row);
    if (!d.words) continue;
    uint8_t* words = bytes_of(d.words + block * d.words_block);
    for (int64_t i = 0; i < d.rows * row; i += Vec::width) store_halves(Vec::load(from + i), words + 2 * i);
  }
}

// Rows that a weight gradient sums at a time, so that the dgates of a tile stay in the second-level cache.
constexpr int64_t kGradientRows = 768;

static int64_t partial_size(const GateSpan& span, int64_t width, int64_t units, bool copies) {
  return GradientTiles{span, width, units, copies}.count() * kTileSums;
}

// Moves a tile to its place in a gradient [width, gates·units].
static void store_gradient(const WeightGradient& g, const float* tile, Span rows,
                           const GradientTiles::Columns& columns) {
  for (int64_t r = rows.begin; r < rows.end; ++r)
    for (int64_t block = columns.blocks.begin; block < columns.blocks.end; ++block)
      for (int64_t gate = columns.gates.begin; gate < columns.gates.end; ++gate) {
        const GateColumns to = gate_columns(g.span, gate, g.units, block);
        for (int u = 0; u < kBlock; u += Vec::width, tile += Vec::width)
          store_below(Vec::load(tile), g.gradient + r * g.gates * g.units + to.first + u, to.count - u);
      }
}

static void weight_gradient(const WeightGradient& g, Part part) {
  const NumberKernels& numbers = numbers_of(g.quantization);
  const GradientTiles tiles = {g.span, g.width, g.units, g.operand_copy != 0};
  const int64_t bands = tiles.bands();
  const int64_t parts = g.rows > 0 ? pieces_of(g.rows, kGradientRows) : 1;
  const int64_t a_row = g.operand_stride ? g.operand_stride : kOperandRow;
  const int64_t b_row = g.dgates_columns * kBlock;
  const auto add = [&](int64_t i, int64_t p) {
    alignas(64) float whole[kTileSums];
    const Span summed = piece(p, parts, g.rows);
    const int64_t band = i % bands;
    const Span rows = piece(band, bands, g.width);
    const GradientTiles::Columns columns = tiles.columns(i / bands);
    const int64_t gate = columns.gates.begin;
    const Word* a = g.operand_stride
                        ? g.operand + rows.begin
                        : g.operand + band * g.rows * kOperandRow + g.span.gates[gate] * g.operand_copy;
    const Word* b = g.dgates + columns.blocks.begin * g.dgates_block + (g.span.first + gate) * kBlock;
    const bool first = g.first && p == 0, last = g.last && p == parts - 1;
    float* partial = g.partial + i * kTileSums;
    float* out = last ? whole : partial;
    numbers.transposed_product(
        rows.size(), columns.gates.size() * columns.blocks.size(),
        {a + summed.begin * a_row, a_row, b + summed.begin * b_row, b_row,
         tiles.by_gates() ? kBlock : g.dgates_block, summed.size(), first ? nullptr : partial, out});
    if (last) store_gradient(g, out, rows, columns);
  };
  if (parts == 1) {
    Deal deal(part, tiles.count(), g.rows * kTileSums);
    while (deal.next()) add(deal.tile(), 0);
    return;
  }
  const Span mine = share(part, tiles.count());  // a tile's parts are added in order
  for (int64_t p = 0; p < parts; ++p)
    for (int64_t i = mine.begin; i < mine.end; ++i) add(i, p);
}

static void sum_rows(const RowSums& s, Part part) {
  const int64_t columns = s.dgates_columns * kBlock;
  const Span mine = share(part, blocks_of(s.units));
  for (int64_t block = mine.begin; block < mine.end; ++block) {
    const float* from = s.dgates + block * s.dgates_block;
    for (int64_t r = 0; r < s.rows; ++r, from += columns) {
      float* sum = s.sums + block * s.sums_block + s.numbers[s.tokens[r]] * columns;
      for (int64_t j = 0; j < columns; j += Vec::width)
        (Vec::load(sum + j) + Vec::load(from + j)).store(sum + j);
    }
  }
}

// sums [gate][16] += the columns of so many gates, row by row.
template <int kGates>
static void sum_columns(int64_t gates, const float* from, int64_t row, int64_t rows, float* sums) {
  if constexpr (kGates > 1)
    if (gates < kGates) return sum_columns<kGates - 1>(gates, from, row, rows, sums);
  constexpr int kVectors = kGates * kBlockVectors;
  Vec sum[kVectors];
  for (int v = 0; v < kVectors; ++v) sum[v] = Vec::load(sums + v * Vec::width);
  for (int64_t r = 0; r < rows; ++r, from += row)
    for (int v = 0; v < kVectors; ++v) sum[v] = sum[v] + Vec::load(from + v * Vec::width);
  for (int v = 0; v < kVectors; ++v) sum[v].store(sums + v * Vec::width);
}

static void bias_gradient(const BiasGradient& g, Part part) {
  alignas(64) float sums[kMaxSlots * kBlock];
  const Span mine = share(part, blocks_of(g.units));
  for (int64_t block = mine.begin; block < mine.end; ++block) {
    const auto each = [&](auto body) {
      for (int gate = 0; gate < g.span.count; ++gate) {
        const GateColumns columns = gate_columns(g.span, gate, g.units, block);
        for (int u = 0; u < kBlock; u += Vec::width)
          body(g.gradient + columns.first + u, columns.count - u, sums + gate * kBlock + u);
      }
    };
    each([&](const float* gradient, int64_t lanes, float* sum) {
      (g.accumulate ? load_below(gradient, lanes) : Vec::zero()).store(sum);
    });
    sum_columns<kMaxSlots>(g.span.count, g.dgates + block * g.dgates_block + g.span.first * kBlock,
                           g.dgates_columns * kBlock, g.rows, sums);
    each([](float* gradient, int64_t lanes, const float* sum) {
      store_below(Vec::load(sum), gradient, lanes);
    });
  }
}

}  // namespace recurra::RECURRA_ISA::sequence
