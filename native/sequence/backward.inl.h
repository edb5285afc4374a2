// One step of backpropagation through time: the gradients of a step's sums from those of the step after it.
#pragma once

#include "sequence/forward.inl.h"

namespace recurra::RECURRA_ISA::sequence {

// Factors of what a product gives back to h or x.
struct MaskRows {
  const float* mask;     // null: none
  int64_t stride;        // of a rank
  int64_t copy;          // distance between the masks of each gate; 0: one for all
  const int32_t* ranks;  // of each row; null: the row itself
  const float* row(int64_t r) const { return mask + (ranks ? ranks[r] : r) * stride; }
};
static inline MaskRows mask_rows(const float* mask, int64_t masks, int64_t width, const int32_t* ranks) {
  return {masks > 0 ? mask : nullptr, masks * width, masks > 1 ? width : 0, ranks};
}

// The gradient that a product's left operand receives: out = (dgates·Wᵀ)⊙mask over the
// columns of a span.
struct PullBack {
  const NumberKernels& numbers;
  const Word* dgates;  // as products read them
  int64_t dgates_block;
  int64_t dgates_columns;
  int64_t units;
  GateSpan span;
  const Word* weights;  // transposed
  MaskRows mask;
};

static void pull_back(const PullBack& p, Span rows, Span blocks, float* out, Ahead* ahead) {
  const int64_t gate_words = kBlock / p.numbers.per_word;  // of a gate of a block of units
  const int64_t block_words = p.span.count * gate_words;   // of the span
  const int64_t a_row = p.dgates_columns * gate_words;
  const int64_t depth = blocks_of(p.units) * block_words;
  const int64_t out_row = blocks.size() * kBlock;
  const Word* a = p.dgates + rows.begin * a_row + p.span.first * gate_words;
  const Word* b = p.weights + blocks.begin * depth * kBlock;
  if (p.mask.copy == 0) {
    const Term all = {
        a, a_row, p.dgates_block, b, depth * kBlock, block_words * kBlock, block_words, blocks_of(p.units)};
    p.numbers.product(rows.size(), blocks.size(), {kZeros, 0, out, out_row, {all}, 1, ahead});
    if (!p.mask.mask) return;
    for (int64_t r = 0; r < rows.size(); ++r) {
      const float* mask = p.mask.row(rows.begin + r) + blocks.begin * kBlock;
      for (int64_t j = 0; j < out_row; j += Vec::width)
        (Vec::load(out + r * out_row + j) * Vec::load(mask + j)).store(out + r * out_row + j);
    }
    return;
  }
  alignas(64) float one[kTileSums];
  for (int64_t i = 0; i < rows.size() * out_row; i += Vec::width) Vec::zero().store(out + i);
  for (int gate = 0; gate < p.span.count; ++gate) {
    const Term term = {
        a + gate * gate_words, a_row,      p.dgates_block,    b + gate * gate_words * kBlock, depth * kBlock,
        block_words * kBlock,  gate_words, blocks_of(p.units)};
    p.numbers.product(rows.size(), blocks.size(), {kZeros, 0, one, out_row, {term}, 1, ahead});
    for (int64_t r = 0; r < rows.size(); ++r) {
      const float* mask =
          p.mask.row(rows.begin + r) + p.span.gates[gate] * p.mask.copy + blocks.begin * kBlock;
      for (int64_t j = 0; j < out_row; j += Vec::width) {
        const int64_t at = r * out_row + j;
        fma(Vec::load(one + at), Vec::load(mask + j), Vec::load(out + at)).store(out + at);
      }
    }
  }
}

static inline int64_t dgates_at(const BackwardStep& s, const CellLayout& cell, int64_t row, int64_t unit) {
  return unit / kBlock * s.dgates_block + row * cell.dgates() * kBlock + unit % kBlock;
}

// dgates, for sums and for products.
static inline void store_dgates(const BackwardStep& s, int64_t at, Vec gradient) {
  gradient.store(s.dgates + at);
  if (s.quantization == Quantization::kBFloat16) store_halves(gradient, bytes_of(s.words) + 2 * at);
}

// What forward left of one vector of units. Lanes past the last unit read 0: whatever stands there ends here.
template <class Cell>
static inline void load_units(const BackwardStep& s, int64_t row, int64_t unit, Units& u) {
  const int64_t lanes = s.units - unit;
  const bool first = row >= s.earlier_rows;
  if constexpr (Cell::saves_slots) {
    const float* saved =
        s.gates + row * s.gates_stride + unit / kBlock * Cell::layout.slots * kBlock + unit % kBlock;
    for (int slot = 0; slot < Cell::layout.slots; ++slot)
      u.slot[slot] = load_below(saved + slot * kBlock, lanes);
  } else {
    u.h = load_below(s.y + row * s.units + unit, lanes);
  }
  if constexpr (Cell::reads_h)
    u.h_prev = first ? load_below(s.h_initial + row * s.state_stride + unit, lanes)
                     : load_below(s.y_earlier + row * s.units + unit, lanes);
  if constexpr (Cell::has_c)
    u.c_prev = first ? load_below(s.c_initial + row * s.state_stride + unit, lanes)
                     : load_below(s.cells_earlier + row * padded(s.units) + unit, lanes);
  load_options<Cell>(s, row, unit, u);
}

// What `load_units` will read of a tile.
template <class Cell>
static inline Ahead units_ahead(const BackwardStep& s, Span rows, Span blocks) {
  constexpr int64_t block_columns = Cell::layout.slots * kBlock;
  Ahead ahead;
  if (Cell::saves_slots)
    ahead.add(s.gates + rows.begin * s.gates_stride + blocks.begin * block_columns, s.gates_stride,
              blocks.size() * Cell::layout.slots, rows.size());
  const auto add = [&](const float* of_rows, int64_t width, int64_t count) {
    if (of_rows) ahead.add(of_rows + rows.begin * width + blocks.begin * kBlock, width, blocks.size(), count);
  };
  const int64_t earlier = smaller(rows.end, s.earlier_rows) - rows.begin;
  if (Cell::has_c) add(s.cells_earlier, padded(s.units), earlier);
  add(s.dy, s.units, rows.size());
  if constexpr (Cell::is_zoned) {
    add(s.zone_h, s.units, rows.size());
    add(s.zone_c, s.units, rows.size());
  }
  return ahead;
}

// The cell's gradient for one vector of units; `product` is what came through R from the later step, or null.
template <class Cell>
static inline void backward_units(const BackwardStep& s, int64_t row, int64_t unit, const float* product) {
  constexpr int slots = Cell::layout.slots, columns = Cell::layout.dgates();
  const int64_t dgates = dgates_at(s, Cell::layout, row, unit);
  const int64_t lanes = s.units - unit;
  if (lanes <= 0) {
    for (int i = 0; i < columns; ++i) store_dgates(s, dgates + i * kBlock, Vec::zero());
    return;
  }
  const int64_t at = row * s.state_stride + unit;
  Units u;
  load_units<Cell>(s, row, unit, u);
  UnitGradients d;
  d.dh = product ? load_below(product, lanes) : Vec::zero();
  if (s.dy) d.dh = d.dh + load_below(s.dy + row * s.units + unit, lanes);
  if (Cell::carries_h || !product) d.dh = d.dh + load_below(s.dh + at, lanes);
  if constexpr (Cell::has_c) d.dc = load_below(s.dc + at, lanes);
  Cell::backward(u, d);
  for (int i = 0; i < slots; ++i) store_dgates(s, dgates + i * kBlock, d.slot[i]);
  for (int i = slots; i < columns; ++i) store_dgates(s, dgates + i * kBlock, d.beside[i - slots]);
  if constexpr (Cell::carries_h) d.dh.store(s.dh + at);
  if constexpr (Cell::has_c) d.dc.store(s.dc + at);
}

static inline PullBack through_recurrence(const CellLayout& cell, const BackwardStep& s) {
  return {numbers_of(s.quantization),
          s.words_later,
          s.words_block,
          cell.dgates(),
          s.units,
          cell.recurrent,
          s.recurrent_weights,
          mask_rows(s.mask, s.masks, padded(s.units), nullptr)};
}

// Rows of both steps go through the product and the cell, rows that enter here through the cell only, rows
// that ended with the later step through the product only, which gives their initial state its gradient.
template <class Cell>
static void backward(const BackwardStep& s, Part part) {
  alignas(64) float product[kTileSums];
  const PullBack later = through_recurrence(Cell::layout, s);
  const int64_t both = smaller(s.rows, s.later_rows);
  const bool ending = s.later_rows > s.rows;
  const int64_t others = ending ? (s.initial_gradient ? s.later_rows - both : 0) : s.rows - both;
  const Tiles joint = tiles_of(blocks_of(s.units), 1, both, s.units * s.units * Cell::layout.gates);
  const Tiles rest = tiles_of(blocks_of(s.units), 1, others);
  Deal deal(part, joint.count() + rest.count(), joint.outputs() * s.units * Cell::layout.recurrent.count,
            s.turned);
  while (deal.next()) {
    const bool in_both = deal.tile() < joint.count();
    const Tiles& tiles = in_both ? joint : rest;
    const int64_t tile = in_both ? deal.tile() : deal.tile() - joint.count();
    const Span blocks = tiles.blocks_of_tile(tile);
    Span rows = tiles.rows_of_tile(tile);
    if (!in_both) rows = {rows.begin + both, rows.end + both};
    const int64_t next = deal.next_tile();
    Ahead ahead;
    if (in_both && next >= 0 && next < joint.count())
      ahead = units_ahead<Cell>(s, joint.rows_of_tile(next), joint.blocks_of_tile(next));
    if (in_both || ending) pull_back(later, rows, blocks, product, &ahead);
    const int64_t product_row = blocks.size() * kBlock;
    for (int64_t r = 0; r < rows.size(); ++r)
      for (int64_t u = 0; u < product_row; u += Vec::width) {
        const int64_t row = rows.begin + r, unit = blocks.begin * kBlock + u;
        const float* here = product + r * product_row + u;
        if (in_both || !ending) {
          backward_units<Cell>(s, row, unit, in_both ? here : nullptr);
        } else {
          float* dh = s.dh + row * s.state_stride + unit;
          const Vec carried = Cell::carries_h ? Vec::load(dh) : Vec::zero();
          (carried + Vec::load(here)).store(dh);
        }
      }
  }
}

// The second phase where the reset gate acts before the product: the gradient of r⊙h₋, and r's.
template <class Cell>
static void backward_reset(const BackwardStep& s, Part part) {
  constexpr CellLayout cell = Cell::layout;
  alignas(64) float product[kTileSums];
  const int64_t width = padded(s.units);
  const int64_t mask_at = s.masks > 1 ? cell.candidate.gates[0] * width : 0;
  const MaskRows mask = {s.masks > 0 ? s.mask + mask_at : nullptr, s.masks * width, 0, nullptr};
  const PullBack candidate = {
      numbers_of(s.quantization), s.words, s.words_block, cell.dgates(), s.units, cell.candidate,
      s.candidate_weights,        mask};
  const Tiles tiles = tiles_of(blocks_of(s.units), 1, s.rows);
  Deal deal(part, tiles.count(), tiles.outputs() * s.units);
  while (deal.next()) {
    const Span rows = tiles.rows_of_tile(deal.tile()), blocks = tiles.blocks_of_tile(deal.tile());
    pull_back(candidate, rows, blocks, product, nullptr);
    const int64_t product_row = blocks.size() * kBlock;
    for (int64_t r = 0; r < rows.size(); ++r)
      for (int64_t j = 0; j < product_row; j += Vec::width) {
        const int64_t row = rows.begin + r, unit = blocks.begin * kBlock + j, lanes = s.units - unit;
        const int64_t at = row * s.state_stride + unit;
        const int64_t dgates = dgates_at(s, cell, row, unit);
        Units u;
        load_units<Cell>(s, row, unit, u);
        UnitGradients d;
        d.dh = load_below(s.dh + at, lanes);
        const Vec reset = Cell::reset(u, load_below(product + r * product_row + j, lanes), d);
        store_dgates(s, dgates + kBlock, d.slot[1]);
        d.dh.store(s.dh + at);
        const Vec h = mask.mask ? u.h_prev * Vec::load(mask.row(row) + unit) : u.h_prev;
        (reset * h).store(s.reset_h + at);
      }
  }
}

}  // namespace recurra::RECURRA_ISA::sequence
