// What follows once per chunk of steps: the gradients of x, of the weights and of the biases.
#pragma once

#include "sequence/backward.inl.h"

namespace recurra::RECURRA_ISA::sequence {

static void input_gradient(const CellLayout& cell, const InputGradient& g, Part part) {
  alignas(64) float product[kTileRows * kTileColumns];
  const PullBack pull = {numbers_of(g.quantization),
                         g.dgates,
                         g.dgates_block,
                         cell.dgates(),
                         g.units,
                         cell.input,
                         g.weights,
                         mask_rows(g.mask, g.masks, padded(g.inputs), g.ranks)};
  const Tiles tiles = tiles_of(blocks_of(g.inputs), kTileBlocks, g.rows);
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

// Left operands of the weight gradients: tiles of up to `kTileRows` columns, each row of a tile in 8 words.
constexpr int kOperandRow = 8;

static int64_t operand_size(int64_t width, int64_t count) {
  return pieces_of(width, kTileRows) * count * kOperandRow;
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

// A few rows at a time, so that they stay in the first-level cache while tile after tile takes its columns.
static void pack_operand(const OperandPacking& p, Part part) {
  constexpr int64_t kBand = 16;
  const bool rounded = p.quantization != Quantization::kNone;
  const int64_t tiles = pieces_of(p.width, kTileRows), all = row_words(p.quantization, p.count);
  const Span mine = share(part, tiles * (p.masks > 1 ? p.masks : 1));
  const float* rows[kBand];
  alignas(64) float columns[kBand * kOperandRow];
  for (int64_t first = 0; first < p.count; first += kBand) {
    const int64_t band = smaller(kBand, p.count - first);
    for (int64_t r = 0; r < band; ++r) {
      const int64_t index = p.indices ? p.indices[first + r] : first + r;
      rows[r] = index >= 0 ? p.rows + index * p.stride : p.initial + p.ranks[first + r] * p.state_stride;
    }
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
  int64_t bands() const { return pieces_of(width, kTileRows); }
  int64_t count() const { return groups() * bands(); }
};

static int64_t partial_size(const GateSpan& span, int64_t width, int64_t units, bool copies) {
  return GradientTiles{span, width, units, copies}.count() * kTileRows * kTileColumns;
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
    alignas(64) float whole[kTileRows * kTileColumns];
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
    float* partial = g.partial + i * kTileRows * kTileColumns;
    float* out = last ? whole : partial;
    numbers.transposed_product(
        rows.size(), columns.gates.size() * columns.blocks.size(),
        {a + summed.begin * a_row, a_row, b + summed.begin * b_row, b_row,
         tiles.by_gates() ? kBlock : g.dgates_block, summed.size(), first ? nullptr : partial, out});
    if (last) store_gradient(g, out, rows, columns);
  };
  if (parts == 1) {
    Deal deal(part, tiles.count(), g.rows * kTileRows * kTileColumns);
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

static void bias_gradient(const BiasGradient& g, Part part) {
  const Span mine = share(part, blocks_of(g.units) * g.span.count);
  for (int64_t i = mine.begin; i < mine.end; ++i) {
    const GateColumns columns = gate_columns(g.span, i % g.span.count, g.units, i / g.span.count);
    const float* dgates =
        g.dgates + i / g.span.count * g.dgates_block + (g.span.first + i % g.span.count) * kBlock;
    for (int u = 0; u < kBlock; u += Vec::width) {
      float* out = g.gradient + columns.first + u;
      Vec sum = g.accumulate ? load_below(out, columns.count - u) : Vec::zero();
      for (int64_t r = 0; r < g.rows; ++r) sum = sum + Vec::load(dgates + r * g.dgates_columns * kBlock + u);
      store_below(sum, out, columns.count - u);
    }
  }
}

}  // namespace recurra::RECURRA_ISA::sequence
