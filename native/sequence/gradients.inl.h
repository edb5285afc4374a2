// What follows once per chunk of steps: the gradients of x, of the weights and of the biases.
#pragma once

#include "sequence/backward.inl.h"

namespace recurra::RECURRA_ISA::sequence {

static void input_gradient(const CellLayout& cell, const InputGradient& g, Part part) {
  alignas(64) float product[kTileRows * kTileColumns];
  const PullBack pull = {g.dgates,
                         g.dgates_block,
                         cell.slots,
                         g.units,
                         cell.input,
                         g.weights,
                         mask_rows(g.mask, g.masks, padded(g.inputs), g.ranks)};
  const Tiles tiles = tiles_of(blocks_of(g.inputs), kTileBlocks, g.rows);
  Deal deal(part, tiles.count(), tiles.outputs() * g.units * cell.input.count);
  while (deal.next()) {
    const Span rows = tiles.rows_of_tile(deal.tile()), blocks = tiles.blocks_of_tile(deal.tile());
    pull_back(pull, rows, blocks, product);
    const int64_t product_row = blocks.size() * kBlock;
    for (int64_t r = 0; r < rows.size(); ++r) {
      const int64_t column = blocks.begin * kBlock;
      float* dx = g.dx + g.tokens[rows.begin + r] * g.inputs + column;
      for (int64_t j = 0; j < product_row; j += Vec::width)
        store_below(Vec::load(product + r * product_row + j), dx + j, g.inputs - column - j);
    }
  }
}

// Left operands of the weight gradients: tiles of up to `kTileRows` columns, each row of a tile in 8 numbers.
constexpr int kOperandRow = 8;

static int64_t operand_size(int64_t width, int64_t count) {
  return pieces_of(width, kTileRows) * count * kOperandRow;
}

static void pack_rows(const OperandPacking& p, int64_t copy, Span columns, Span rows, float* to) {
  const int64_t there = smaller(kOperandRow, p.width - columns.begin);
  for (int64_t r = rows.begin; r < rows.end; ++r, to += kOperandRow) {
    const float* row =
        p.indices[r] >= 0 ? p.rows + p.indices[r] * p.width : p.initial + p.ranks[r] * p.state_stride;
    const float* from = row + columns.begin;
    if (there == kOperandRow)
      for (int j = 0; j < kOperandRow; ++j) to[j] = from[j];
    else
      for (int j = 0; j < kOperandRow; ++j) to[j] = j < there ? from[j] : 0;
    if (p.masks == 0) continue;
    const float* mask = p.mask + (p.ranks[r] * p.masks + copy) * padded(p.width) + columns.begin;
    for (int64_t j = 0; j < there; ++j) to[j] *= mask[j];
  }
}

// A few rows at a time, so that they stay in the first-level cache while tile after tile takes its columns.
static void pack_operand(const OperandPacking& p, Part part) {
  constexpr int64_t kBand = 16;
  const int64_t tiles = pieces_of(p.width, kTileRows);
  const int64_t copies = p.masks > 1 ? p.masks : 1;
  const Span mine = share(part, tiles * copies);
  for (int64_t r = 0; r < p.count; r += kBand)
    for (int64_t i = mine.begin; i < mine.end; ++i)
      pack_rows(p, i / tiles, piece(i % tiles, tiles, p.width), {r, smaller(r + kBand, p.count)},
                p.packed + (i * p.count + r) * kOperandRow);
}

// Moves a tile between a gradient [width, gates·units] and the dense block that the product works on.
struct GradientTile {
  const WeightGradient& g;
  Span rows;
  int64_t block;  // of units
  int64_t first;  // gate of the span
  int64_t count;  // gates, or for a span of one gate neighbouring blocks

  float* at(int64_t row, int64_t i) const {
    const bool gates = g.span.count > 1;
    return g.gradient + (rows.begin + row) * g.gates * g.units +
           g.span.gates[gates ? first + i : 0] * g.units + (gates ? block : block + i) * kBlock;
  }
  int64_t lanes(int64_t i) const { return g.units - (g.span.count > 1 ? block : block + i) * kBlock; }

  void load(float* tile, bool accumulate) const {
    for (int64_t r = 0; r < rows.size(); ++r)
      for (int64_t i = 0; i < count; ++i)
        for (int u = 0; u < kBlock; u += Vec::width)
          (accumulate ? load_below(at(r, i) + u, lanes(i) - u) : Vec::zero())
              .store(tile + (r * count + i) * kBlock + u);
  }
  void store(const float* tile) const {
    for (int64_t r = 0; r < rows.size(); ++r)
      for (int64_t i = 0; i < count; ++i)
        for (int u = 0; u < kBlock; u += Vec::width)
          store_below(Vec::load(tile + (r * count + i) * kBlock + u), at(r, i) + u, lanes(i) - u);
  }
};

// Rows that a weight gradient sums at a time, so that the dgates of a tile stay in the second-level cache.
constexpr int64_t kGradientRows = 768;

static void weight_gradient(const WeightGradient& g, Part part) {
  alignas(64) float tile[kTileRows * kTileColumns];
  const bool gates = g.span.count > 1;
  const int64_t most = g.operand_copy ? 1 : kTileBlocks;
  const int64_t per_block = gates ? pieces_of(g.span.count, most) : 1;
  const int64_t groups = gates ? blocks_of(g.units) * per_block : pieces_of(blocks_of(g.units), kTileBlocks);
  const int64_t bands = pieces_of(g.width, kTileRows);
  const int64_t parts = g.rows > 0 ? pieces_of(g.rows, kGradientRows) : 1;
  const int64_t a_row = g.operand_stride ? g.operand_stride : kOperandRow;
  const int64_t b_row = g.slots * kBlock;
  const auto add = [&](int64_t i, int64_t p) {
    const Span summed = piece(p, parts, g.rows);
    const int64_t group = i / bands, band = i % bands;
    const Span rows = piece(band, bands, g.width);
    const Span columns =
        gates ? piece(group % per_block, per_block, g.span.count) : piece(group, groups, blocks_of(g.units));
    const GradientTile out = {g, rows, gates ? group / per_block : columns.begin, gates ? columns.begin : 0,
                              columns.size()};
    const float* a = g.operand_stride
                         ? g.operand + rows.begin
                         : g.operand + band * g.rows * kOperandRow + g.span.gates[out.first] * g.operand_copy;
    const float* b = g.dgates + out.block * g.dgates_block + (g.span.first + out.first) * kBlock;
    out.load(tile, g.accumulate || p > 0);
    transposed_product(rows.size(), out.count,
                       {a + summed.begin * a_row, a_row, b + summed.begin * b_row, b_row,
                        gates ? kBlock : g.dgates_block, summed.size(), tile, out.count * kBlock});
    out.store(tile);
  };
  if (parts == 1) {
    Deal deal(part, groups * bands, g.rows * kTileRows * kTileColumns);
    while (deal.next()) add(deal.tile(), 0);
    return;
  }
  const Span mine = share(part, groups * bands);  // a tile's parts are added in order
  for (int64_t p = 0; p < parts; ++p)
    for (int64_t i = mine.begin; i < mine.end; ++i) add(i, p);
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
      for (int64_t r = 0; r < g.rows; ++r) sum = sum + Vec::load(dgates + r * g.slots * kBlock + u);
      store_below(sum, out, columns.count - u);
    }
  }
}

}  // namespace recurra::RECURRA_ISA::sequence
