// One step forward in time: the sums of a tile, then the cell on each of its rows.
#pragma once

#include "sequence/cell.inl.h"
#include "sequence/deal.inl.h"
#include "sequence/product.inl.h"

namespace recurra::RECURRA_ISA::sequence {

// Blocks of units of one tile: one for a cell with gates, several neighbours for rnn.
static inline int64_t blocks_per_tile(const CellLayout& cell) { return cell.slots == 1 ? kTileBlocks : 1; }
constexpr int kMaxSumColumns = (kTileBlocks > kMaxSlots ? kTileBlocks : kMaxSlots) * kBlock;

// The work of a step, cut into tiles. Neighbouring tiles have the same blocks of units and other rows, so
// that weights stay in cache while the rows pass; where the weights fit a core's cache anyway and the rows
// are many, they have the same rows: what is kept of a row is met in one piece, and by one core step after
// step, as cores may be far from each other.
struct Tiles {
  int64_t blocks, groups;  // of units; groups of blocks
  int64_t rows, bands;     // bands of rows
  bool by_rows;
  int64_t count() const { return groups * bands; }
  // Rows times units of a tile, about.
  int64_t outputs() const { return count() > 0 ? rows * blocks * kBlock / count() : 0; }
  Span blocks_of_tile(int64_t i) const { return piece(by_rows ? i % groups : i / bands, groups, blocks); }
  Span rows_of_tile(int64_t i) const { return piece(by_rows ? i / groups : i % bands, bands, rows); }
};
// `weights`: how many of them the tiles read.
static inline Tiles tiles_of(int64_t blocks, int64_t blocks_per_tile, int64_t rows,
                             int64_t weights = INT64_MAX) {
  constexpr int64_t kSmall = 192 * 1024, kManyBands = 4;
  const int64_t bands = pieces_of(rows, kTileRows);
  return {blocks, pieces_of(blocks, blocks_per_tile), rows, bands, weights <= kSmall && bands >= kManyBands};
}

// Rows that a product reads, for one tile.
struct Operand {
  const float* rows;
  int64_t stride;
  int64_t copy;      // distance between the copies for each gate; 0: one for all
  const int* gates;  // of each block of columns, where there are copies
  const float* weights;
  int64_t width;
};

// out = start + Σ operand·weights over `columns` blocks of columns.
static void add_products(const Operand* operands, int count, int64_t rows, int64_t columns,
                         const float* start, int64_t start_row, float* out, int64_t out_row,
                         Ahead* ahead = nullptr) {
  bool copies = false;
  for (int i = 0; i < count; ++i) copies = copies || operands[i].copy != 0;
  const int64_t most = copies ? 1 : kTileBlocks;
  for (int64_t column = 0; column < columns; column += most) {
    Product p = {start + column * kBlock, start_row, out + column * kBlock, out_row, {}, count, ahead};
    for (int i = 0; i < count; ++i) {
      const Operand& o = operands[i];
      p.terms[i] = {o.rows + (o.copy ? o.gates[column] * o.copy : 0),
                    o.stride,
                    0,
                    o.weights + column * o.width * kBlock,
                    o.width * kBlock,
                    0,
                    o.width,
                    1};
    }
    product(rows, smaller(most, columns - column), p);
  }
}

static inline void copy_slot(const float* from, int64_t from_row, float* to, int64_t to_row, int64_t rows) {
  for (int64_t r = 0; r < rows; ++r)
    for (int u = 0; u < kBlock; u += Vec::width)
      Vec::load(from + r * from_row + u).store(to + r * to_row + u);
}

// The sums of x·W that a tile begins with, for all slots.
static void add_input(const CellLayout& cell, const Operand& x, Span rows, Span blocks, const float* start,
                      int64_t start_row, float* out, int64_t out_row) {
  const GateSpan& span = cell.input;
  const int64_t columns = blocks.size() * span.count;
  add_products(&x, 1, rows.size(), columns, start + span.first * kBlock, start_row, out + span.first * kBlock,
               out_row);
  for (int slot = span.first + span.count; slot < cell.slots; ++slot)
    copy_slot(start + slot * kBlock, start_row, out + slot * kBlock, out_row, rows.size());
}

static void mask_inputs(const InputMasking& m, Part part) {
  const int64_t width = padded(m.inputs);
  const Span rows = share(part, m.rows);
  for (int64_t r = rows.begin; r < rows.end; ++r)
    for (int64_t copy = 0; copy < m.masks; ++copy)
      for (int64_t i = 0; i < m.inputs; i += Vec::width) {
        const Vec x = load_below(m.x + r * m.inputs + i, m.inputs - i);
        const Vec mask = Vec::load(m.mask + (r * m.masks + copy) * width + i);
        (x * mask).store(m.masked + copy * m.copy + r * m.stride + i);
      }
}

static void project(const CellLayout& cell, const Projection& p, Part part) {
  const Tiles tiles = tiles_of(blocks_of(p.units), blocks_per_tile(cell), p.rows);
  const int64_t block_columns = cell.slots * kBlock;
  Deal deal(part, tiles.count(), tiles.outputs() * p.inputs * cell.input.count);
  while (deal.next()) {
    const Span rows = tiles.rows_of_tile(deal.tile()), blocks = tiles.blocks_of_tile(deal.tile());
    const Operand x = {p.x + rows.begin * p.x_stride,
                       p.x_stride,
                       p.x_copy,
                       cell.input.gates,
                       p.weights + blocks.begin * cell.input.count * p.inputs * kBlock,
                       p.inputs};
    add_input(cell, x, rows, blocks, p.bias + blocks.begin * block_columns, 0,
              p.projected + rows.begin * p.stride + blocks.begin * block_columns, p.stride);
  }
}

// The sums of a tile with both products, [row][block][slot][16].
static void add_both(const CellLayout& cell, const ForwardStep& s, Span rows, Span blocks, float* out,
                     int64_t out_row, Ahead* ahead) {
  const GateSpan& span = cell.recurrent;
  const int64_t columns = blocks.size() * span.count;
  const float* start = s.start + blocks.begin * cell.slots * kBlock;
  int64_t start_row = s.start_stride;
  if (s.start_rows) {
    for (int64_t r = 0; r < rows.size(); ++r)
      for (int64_t i = 0; i < blocks.size() * cell.slots; ++i)
        copy_slot(start + s.start_rows[rows.begin + r] * s.start_stride + i * kBlock, 0,
                  out + r * out_row + i * kBlock, 0, 1);
    start = out, start_row = out_row;
  } else {
    start += rows.begin * s.start_stride;
  }
  const Operand h = {s.h + (s.masks > 0 ? s.h_copy : 0) + rows.begin * s.state_stride,
                     s.state_stride,
                     s.masks > 1 ? s.h_copy : 0,
                     span.gates,
                     s.recurrent_weights + blocks.begin * span.count * s.units * kBlock,
                     s.units};
  if (s.x) {
    const Operand x = {s.x + rows.begin * s.x_stride,
                       s.x_stride,
                       s.x_copy,
                       cell.input.gates,
                       s.input_weights + blocks.begin * cell.input.count * s.inputs * kBlock,
                       s.inputs};
    if (cell.input.count == cell.slots && span.count == cell.slots) {  // both products feed every slot
      const Operand operands[] = {x, h};
      return add_products(operands, 2, rows.size(), columns, start, start_row, out, out_row, ahead);
    }
    add_input(cell, x, rows, blocks, start, start_row, out, out_row);
    start = out, start_row = out_row;
  } else if (start != out) {
    for (int slot = 0; slot < span.first; ++slot)
      copy_slot(start + slot * kBlock, start_row, out + slot * kBlock, out_row, rows.size());
  }
  add_products(&h, 1, rows.size(), columns, start + span.first * kBlock, start_row, out + span.first * kBlock,
               out_row, ahead);
}

template <class Cell>
static inline float* saved_units(const ForwardStep& s, int64_t row, int64_t unit) {
  return s.gates + row * s.gates_stride + unit / kBlock * Cell::layout.slots * kBlock + unit % kBlock;
}

// The new state of one vector of units, wherever it is wanted.
template <class Cell>
static inline void store_state(const ForwardStep& s, int64_t row, int64_t unit, const Units& u) {
  const int64_t at = row * s.state_stride + unit;
  u.h.store(s.h_next + at);
  for (int64_t m = 0; m < s.masks; ++m) {
    const Vec mask = Vec::load(s.mask + (row * s.masks + m) * padded(s.units) + unit);
    (u.h * mask).store(s.h_next + (1 + m) * s.h_copy + at);
  }
  store_below(u.h, s.y + row * s.units + unit, s.units - unit);
  if constexpr (Cell::has_c) {
    u.c.store(s.c + at);
    if (s.cells) u.c.store(s.cells + row * padded(s.units) + unit);
  }
}

template <class Cell>
static inline void load_state(const ForwardStep& s, int64_t row, int64_t unit, Units& u) {
  const int64_t at = row * s.state_stride + unit;
  if constexpr (Cell::reads_h) u.h_prev = Vec::load(s.h + at);
  if constexpr (Cell::has_c) u.c_prev = Vec::load(s.c + at);
}

// Where a tile's units will be written to, and its share of the inputs that the next step reads.
template <class Cell>
static inline Ahead saved_ahead(const ForwardStep& s, const Tiles& tiles, int64_t tile) {
  Ahead ahead;
  if (s.x_next) {
    const Span lines = piece(tile - 1, tiles.count(), s.x_next_lines);
    ahead.add(s.x_next + lines.begin * kBlock, 0, lines.size(), 1);
  }
  if (tile == tiles.count()) return ahead;
  const Span rows = tiles.rows_of_tile(tile), blocks = tiles.blocks_of_tile(tile);
  const int64_t unit = blocks.begin * kBlock;
  const int64_t columns = blocks.size() * Cell::layout.slots;
  if (s.start_rows)
    for (int64_t row = rows.begin; row < rows.end; ++row)
      ahead.add(s.start + s.start_rows[row] * s.start_stride + unit * Cell::layout.slots, 0, columns, 1);
  if (Cell::saves_slots && s.gates)
    ahead.add(saved_units<Cell>(s, rows.begin, unit), s.gates_stride, columns, rows.size());
  if (Cell::has_c && s.cells)
    ahead.add(s.cells + rows.begin * padded(s.units) + unit, padded(s.units), blocks.size(), rows.size());
  ahead.add(s.y + rows.begin * s.units + unit, s.units, blocks.size(), rows.size());
  return ahead;
}

// Calls body(row, unit, sums of the first slot) for every vector of units that is dealt to this thread.
// `depth`: how many products a sum has.
template <class Cell, class Sum, class Body>
static inline void for_each_units(const ForwardStep& s, int64_t depth, Part part, Sum sum, Body body) {
  constexpr CellLayout cell = Cell::layout;
  constexpr int64_t block_columns = cell.slots * kBlock;
  alignas(64) float a[kTileRows * kMaxSumColumns];
  const Tiles tiles =
      tiles_of(blocks_of(s.units), blocks_per_tile(cell), s.rows, depth * s.units * cell.gates);
  Deal deal(part, tiles.count(), tiles.outputs() * depth * cell.slots);
  while (deal.next()) {
    const Span rows = tiles.rows_of_tile(deal.tile()), blocks = tiles.blocks_of_tile(deal.tile());
    const int64_t a_row = blocks.size() * block_columns;
    Ahead ahead = saved_ahead<Cell>(s, tiles, deal.tile() + 1);
    sum(rows, blocks, a, a_row, &ahead);
    for (int64_t r = 0; r < rows.size(); ++r)
      for (int64_t b = 0; b < blocks.size(); ++b)
        for (int u = 0; u < kBlock; u += Vec::width)
          body(rows.begin + r, (blocks.begin + b) * kBlock + u, a + r * a_row + b * block_columns + u);
  }
}

static inline int64_t depth_of(const ForwardStep& s) { return s.units + (s.x ? s.inputs : 0); }

template <class Cell>
static void forward(const ForwardStep& s, Part part) {
  constexpr CellLayout cell = Cell::layout;
  for_each_units<Cell>(
      s, depth_of(s), part,
      [&](Span rows, Span blocks, float* a, int64_t a_row, Ahead* ahead) {
        add_both(cell, s, rows, blocks, a, a_row, ahead);
      },
      [&](int64_t row, int64_t unit, const float* a) {
        Units u;
        for (int slot = 0; slot < cell.slots; ++slot) u.slot[slot] = Vec::load(a + slot * kBlock);
        load_state<Cell>(s, row, unit, u);
        Cell::forward(u);
        if (Cell::saves_slots && s.gates) {
          float* saved = saved_units<Cell>(s, row, unit);
          for (int slot = 0; slot < cell.slots; ++slot) u.slot[slot].store(saved + slot * kBlock);
        }
        store_state<Cell>(s, row, unit, u);
      });
}

// The first phase where the reset gate acts before the product: all gates but the candidate, and r⊙h₋.
template <class Cell>
static void forward_gates(const ForwardStep& s, Part part) {
  constexpr CellLayout cell = Cell::layout;
  const float* h = s.h + (s.masks > 1 ? 1 + cell.candidate.gates[0] : s.masks) * s.h_copy;
  for_each_units<Cell>(
      s, depth_of(s), part,
      [&](Span rows, Span blocks, float* a, int64_t a_row, Ahead* ahead) {
        add_both(cell, s, rows, blocks, a, a_row, ahead);
      },
      [&](int64_t row, int64_t unit, const float* a) {
        Units u;
        for (int slot = 0; slot < cell.slots; ++slot) u.slot[slot] = Vec::load(a + slot * kBlock);
        Cell::gates(u);
        float* saved = saved_units<Cell>(s, row, unit);
        for (int slot = 0; slot < cell.slots; ++slot) u.slot[slot].store(saved + slot * kBlock);
        const int64_t at = row * s.state_stride + unit;
        (u.slot[1] * Vec::load(h + at)).store(s.reset_h + at);
      });
}

// The second: the candidate's sum goes on with (r⊙h₋)·R_n from where it was saved.
template <class Cell>
static void forward_candidate(const ForwardStep& s, Part part) {
  constexpr CellLayout cell = Cell::layout;
  for_each_units<Cell>(
      s, s.units, part,
      [&](Span rows, Span blocks, float* a, int64_t a_row, Ahead* ahead) {
        const Operand h = {s.reset_h + rows.begin * s.state_stride,
                           s.state_stride,
                           0,
                           nullptr,
                           s.candidate_weights + blocks.begin * s.units * kBlock,
                           s.units};
        add_products(&h, 1, rows.size(), 1, saved_units<Cell>(s, rows.begin, blocks.begin * kBlock),
                     s.gates_stride, a, a_row, ahead);
      },
      [&](int64_t row, int64_t unit, const float* a) {
        float* saved = saved_units<Cell>(s, row, unit);
        Units u;
        u.slot[0] = Vec::load(a);
        for (int slot = 1; slot < cell.slots; ++slot) u.slot[slot] = Vec::load(saved + slot * kBlock);
        load_state<Cell>(s, row, unit, u);
        Cell::forward(u);
        u.slot[0].store(saved);
        store_state<Cell>(s, row, unit, u);
      });
}

}  // namespace recurra::RECURRA_ISA::sequence
