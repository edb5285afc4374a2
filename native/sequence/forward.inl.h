// One step forward in time: the sums of a tile, then the cell on each of its rows.
#pragma once

#include "sequence/cell.inl.h"
#include "sequence/deal.inl.h"
#include "sequence/rounding.inl.h"

namespace recurra::RECURRA_ISA::sequence {

constexpr int kMaxSumColumns = kTileBlocks * kMaxSlots * kBlock;

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
// `gates`: products of a block of units that stand side by side, one block in a tile then; where there is
// one, or each reads a copy of its own, several neighbours are in a tile. `weights`: how many of them the
// tiles read.
static inline Tiles tiles_of(int64_t blocks, int gates, int64_t rows, int64_t weights = INT64_MAX) {
  constexpr int64_t kSmall = 192 * 1024, kManyBands = 4;
  const int64_t groups = gates > 1 ? blocks : pieces_of(blocks, kTileBlocks);
  const int64_t widest = gates > 1 ? gates : pieces_of(blocks, groups > 0 ? groups : 1);
  const int64_t bands = pieces_of(rows, tile_rows(widest));
  return {blocks, groups, rows, bands, weights <= kSmall && bands >= kManyBands};
}

// Rows that products read, in words.
struct Rows {
  const Word* first;
  int64_t stride;
  int64_t copy;         // distance between the copies for each gate; 0: one for all
  const float* scales;  // of each row, or null
};

// `rows` in the numbers that products read: as they are, or rounded into `room`, of which it leaves the rest.
static Rows rows_in(const NumberKernels& numbers, const Rows& rows, int64_t copies, int64_t count,
                    int64_t width, Word*& room) {
  if (!numbers.rounds()) return rows;
  const int64_t stride = padded(width) / numbers.per_word;
  const Rows rounded = {room, stride, rows.copy ? count * stride + padded(count) : 0, room + count * stride};
  for (int64_t i = 0; i < (rows.copy ? copies : 1); ++i) {
    Word* words = room;
    float* scales = words + count * stride;
    room = scales + padded(count);
    numbers.round_rows({rows.first + i * rows.copy, rows.stride, count, width, words, scales});
  }
  return rounded;
}

static int64_t rounded_size(Quantization quantization, int64_t rows, int64_t width) {
  const NumberKernels& numbers = numbers_of(quantization);
  return numbers.rounds() ? rows * padded(width) / numbers.per_word + padded(rows) : 0;
}

static int64_t packed_size(Quantization quantization, int64_t rows, int64_t blocks) {
  return numbers_of(quantization).block_words(rows) * blocks;
}

static void pack_weights_as(const WeightPacking& p, Quantization quantization, Part part) {
  numbers_of(quantization).pack_weights(p, part);
}

static void pack_transposed_as(const WeightPacking& p, Quantization quantization, Part part) {
  numbers_of(quantization).pack_transposed(p, part);
}

// One operand of the products of a tile, with its weights.
struct Operand {
  const Word* rows;
  int64_t stride;
  int64_t copy;      // as in Rows
  const int* gates;  // of each block of columns, where there are copies
  const Word* weights;
  int64_t block;  // words of a block of them
  int64_t width;  // words of a row
  const float* scales;
};

// `rows` from the first one of a tile on, and packed weights of `width` rows from its first block of columns
// on.
static inline Operand operand_of(const NumberKernels& numbers, const Rows& rows, int64_t row,
                                 const GateSpan& span, const Word* weights, int64_t width, int64_t block) {
  const int64_t header = numbers.scale_rows * kBlock, words = numbers.block_words(width);
  return {rows.first + row * rows.stride,
          rows.stride,
          rows.copy,
          span.gates,
          weights + block * span.count * words + header,
          words,
          (words - header) / kBlock,
          rows.scales ? rows.scales + row : nullptr};
}

// The columns of a product in a tile: `gates` blocks of 16 for each block of units, in rows of `slots`
// blocks.
struct TileColumns {
  int64_t blocks;
  int gates, slots;
};

// out = start + Σ operand·weights. Gates side by side, a few columns at a time; where they read copies of
// their own, or slots that the product does not feed lie between those of several blocks, gate by gate, all
// blocks of units at once.
static void add_products(const NumberKernels& numbers, const Operand* operands, int count, int64_t rows,
                         const TileColumns& columns, const float* start, int64_t start_row, float* out,
                         int64_t out_row, Ahead* ahead = nullptr) {
  bool by_gate = columns.blocks > 1 && columns.gates < columns.slots;
  for (int i = 0; i < count; ++i) by_gate = by_gate || operands[i].copy != 0;
  const auto add = [&](int64_t first, int64_t width, int64_t step) {
    Product p = {start + first * kBlock, start_row, out + first * kBlock, out_row, {}, count, ahead};
    if (by_gate) p.block = columns.slots * kBlock;
    for (int i = 0; i < count; ++i) {
      const Operand& o = operands[i];
      const Word* copy = o.rows + (o.copy ? o.gates[first] * o.copy : 0);
      p.terms[i] = {copy, o.stride, 0, o.weights + first * o.block, step * o.block, 0, o.width, 1, o.scales};
    }
    numbers.product(rows, width, p);
  };
  if (by_gate) {
    for (int gate = 0; gate < columns.gates; ++gate) add(gate, columns.blocks, columns.gates);
  } else {
    const int64_t all = columns.blocks * columns.gates;
    for (int64_t first = 0; first < all; first += kTileBlocks)
      add(first, smaller(kTileBlocks, all - first), 1);
  }
}

static inline void copy_slot(const float* from, int64_t from_row, float* to, int64_t to_row, int64_t rows) {
  for (int64_t r = 0; r < rows; ++r)
    for (int u = 0; u < kBlock; u += Vec::width)
      Vec::load(from + r * from_row + u).store(to + r * to_row + u);
}

// The slots [first, last) of every block of a tile.
static inline void copy_slots(const CellLayout& cell, int first, int last, const float* from,
                              int64_t from_row, float* to, int64_t to_row, int64_t rows, int64_t blocks) {
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t slot = b * cell.slots + first; slot < b * cell.slots + last; ++slot)
      copy_slot(from + slot * kBlock, from_row, to + slot * kBlock, to_row, rows);
}

// The sums of x·W that a tile begins with, for all slots.
static void add_input(const NumberKernels& numbers, const CellLayout& cell, const Operand& x, Span rows,
                      Span blocks, const float* start, int64_t start_row, float* out, int64_t out_row) {
  const GateSpan& span = cell.input;
  add_products(numbers, &x, 1, rows.size(), {blocks.size(), span.count, cell.slots},
               start + span.first * kBlock, start_row, out + span.first * kBlock, out_row);
  copy_slots(cell, span.first + span.count, cell.slots, start, start_row, out, out_row, rows.size(),
             blocks.size());
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
  const Tiles tiles = tiles_of(blocks_of(p.units), p.x_copy ? 1 : cell.input.count, p.rows);
  const int64_t block_columns = cell.slots * kBlock;
  const NumberKernels& numbers = numbers_of(p.quantization);
  Word* room = p.rounded;
  const Rows all_x =
      rows_in(numbers, {p.x, p.x_stride, p.x_copy, nullptr}, cell.gates, p.rows, p.inputs, room);
  Deal deal(part, tiles.count(), tiles.outputs() * p.inputs * cell.input.count);
  while (deal.next()) {
    const Span rows = tiles.rows_of_tile(deal.tile()), blocks = tiles.blocks_of_tile(deal.tile());
    const Operand x = operand_of(numbers, all_x, rows.begin, cell.input, p.weights, p.inputs, blocks.begin);
    add_input(numbers, cell, x, rows, blocks, p.bias + blocks.begin * block_columns, 0,
              p.projected + rows.begin * p.stride + blocks.begin * block_columns, p.stride);
  }
}

// What the products of a step read.
struct StepRows {
  const NumberKernels& numbers;
  Rows x, h;
};
static inline StepRows rows_of(const CellLayout& cell, const ForwardStep& s) {
  const NumberKernels& numbers = numbers_of(s.quantization);
  Word* room = s.rounded;
  const Rows x = {s.x, s.x_stride, s.x_copy, nullptr};
  const Rows h = {s.h + (s.masks > 0 ? s.h_copy : 0), s.state_stride, s.masks > 1 ? s.h_copy : 0, nullptr};
  return {numbers, s.x ? rows_in(numbers, x, cell.gates, s.rows, s.inputs, room) : x,
          rows_in(numbers, h, cell.gates, s.rows, s.units, room)};
}

// The sums of a tile with both products, [row][block][slot][16].
static void add_both(const CellLayout& cell, const ForwardStep& s, const StepRows& all, Span rows,
                     Span blocks, float* out, int64_t out_row, Ahead* ahead) {
  const GateSpan& span = cell.recurrent;
  const TileColumns columns = {blocks.size(), span.count, cell.slots};
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
  const NumberKernels& numbers = all.numbers;
  const Operand h = operand_of(numbers, all.h, rows.begin, span, s.recurrent_weights, s.units, blocks.begin);
  if (s.x) {
    const Operand x =
        operand_of(numbers, all.x, rows.begin, cell.input, s.input_weights, s.inputs, blocks.begin);
    if (cell.input.count == cell.slots && span.count == cell.slots) {  // both products feed every slot
      const Operand operands[] = {x, h};
      return add_products(numbers, operands, 2, rows.size(), columns, start, start_row, out, out_row, ahead);
    }
    add_input(numbers, cell, x, rows, blocks, start, start_row, out, out_row);
    start = out, start_row = out_row;
  } else if (start != out) {
    copy_slots(cell, 0, span.first, start, start_row, out, out_row, rows.size(), blocks.size());
  }
  add_products(numbers, &h, 1, rows.size(), columns, start + span.first * kBlock, start_row,
               out + span.first * kBlock, out_row, ahead);
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

// What a cell with options or zoneout reads beside, of a forward or a backward step.
template <class Cell, class Step>
static inline void load_options(const Step& s, int64_t row, int64_t unit, Units& u) {
  if constexpr (Cell::is_zoned) {
    const auto share = [&](const float* zone, float everywhere) {
      return zone ? load_below(zone + row * s.units + unit, s.units - unit) : Vec::set(everywhere);
    };
    u.zone_h = share(s.zone_h, s.options->zoneout_h);
    if constexpr (Cell::has_c) u.zone_c = share(s.zone_c, s.options->zoneout_c);
  }
  if constexpr (Cell::has_options) {
    u.options = s.options;
    if constexpr (Cell::layout.beside > 0)
      for (int k = 0; k < kPeepholes; ++k) {
        const float* weights = s.options->peepholes[k];
        u.peephole[k] = weights ? Vec::load(weights + unit) : Vec::zero();
      }
  }
}

// Where a tile's units will be written to, and its share of the inputs that the next step reads.
template <class Cell>
static inline Ahead saved_ahead(const ForwardStep& s, const Tiles& tiles, int64_t tile, int64_t next) {
  Ahead ahead;
  if (s.x_next) {
    const Span lines = piece(tile, tiles.count(), s.x_next_lines);
    ahead.add(s.x_next + lines.begin * kBlock, 0, lines.size(), 1);
  }
  if (next < 0) return ahead;
  const Span rows = tiles.rows_of_tile(next), blocks = tiles.blocks_of_tile(next);
  const int64_t unit = blocks.begin * kBlock;
  const int64_t columns = blocks.size() * Cell::layout.slots;
  if (s.start_rows)
    for (int64_t row = rows.begin; row < rows.end; ++row)
      ahead.add(s.start + s.start_rows[row] * s.start_stride + unit * Cell::layout.slots, 0, columns, 1);
  if (Cell::saves_slots && s.gates)
    ahead.add(saved_units<Cell>(s, rows.begin, unit), s.gates_stride, columns, rows.size());
  const auto add = [&](const float* of_rows, int64_t width) {
    if (of_rows) ahead.add(of_rows + rows.begin * width + unit, width, blocks.size(), rows.size());
  };
  if (Cell::has_c) add(s.cells, padded(s.units));
  add(s.y, s.units);
  if constexpr (Cell::is_zoned) {
    add(s.zone_h, s.units);
    add(s.zone_c, s.units);
  }
  return ahead;
}

// Calls body(row, unit, sums of the first slot) for every vector of units that is dealt to this thread.
// `depth`: how many products a sum has.
template <class Cell, class Sum, class Body>
static inline void for_each_units(const ForwardStep& s, const Tiles& tiles, int64_t depth, Part part, Sum sum,
                                  Body body) {
  constexpr CellLayout cell = Cell::layout;
  constexpr int64_t block_columns = cell.slots * kBlock;
  alignas(64) float a[kMostTileRows * kMaxSumColumns];
  Deal deal(part, tiles.count(), tiles.outputs() * depth * cell.slots, s.turned);
  while (deal.next()) {
    const Span rows = tiles.rows_of_tile(deal.tile()), blocks = tiles.blocks_of_tile(deal.tile());
    const int64_t a_row = blocks.size() * block_columns;
    Ahead ahead = saved_ahead<Cell>(s, tiles, deal.tile(), deal.next_tile());
    sum(rows, blocks, a, a_row, &ahead);
    for (int64_t r = 0; r < rows.size(); ++r)
      for (int64_t b = 0; b < blocks.size(); ++b)
        for (int u = 0; u < kBlock; u += Vec::width)
          body(rows.begin + r, (blocks.begin + b) * kBlock + u, a + r * a_row + b * block_columns + u);
  }
}

static inline int64_t depth_of(const ForwardStep& s) { return s.units + (s.x ? s.inputs : 0); }
static inline Tiles step_tiles(const CellLayout& cell, const ForwardStep& s) {
  const bool copies = s.masks > 1 || (s.x && s.x_copy != 0);
  const int most = cell.input.count > cell.recurrent.count ? cell.input.count : cell.recurrent.count;
  return tiles_of(blocks_of(s.units), copies ? 1 : most, s.rows, depth_of(s) * s.units * cell.gates);
}

template <class Cell>
static void forward(const ForwardStep& s, Part part) {
  constexpr CellLayout cell = Cell::layout;
  const StepRows operands = rows_of(cell, s);
  for_each_units<Cell>(
      s, step_tiles(cell, s), depth_of(s), part,
      [&](Span rows, Span blocks, float* a, int64_t a_row, Ahead* ahead) {
        add_both(cell, s, operands, rows, blocks, a, a_row, ahead);
      },
      [&](int64_t row, int64_t unit, const float* a) {
        Units u;
        for (int slot = 0; slot < cell.slots; ++slot) u.slot[slot] = Vec::load(a + slot * kBlock);
        load_state<Cell>(s, row, unit, u);
        load_options<Cell>(s, row, unit, u);
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
  const StepRows operands = rows_of(cell, s);
  for_each_units<Cell>(
      s, step_tiles(cell, s), depth_of(s), part,
      [&](Span rows, Span blocks, float* a, int64_t a_row, Ahead* ahead) {
        add_both(cell, s, operands, rows, blocks, a, a_row, ahead);
      },
      [&](int64_t row, int64_t unit, const float* a) {
        Units u;
        for (int slot = 0; slot < cell.slots; ++slot) u.slot[slot] = Vec::load(a + slot * kBlock);
        load_options<Cell>(s, row, unit, u);
        const Vec reset = Cell::gates(u);
        float* saved = saved_units<Cell>(s, row, unit);
        for (int slot = 0; slot < cell.slots; ++slot) u.slot[slot].store(saved + slot * kBlock);
        const int64_t at = row * s.state_stride + unit;
        (reset * Vec::load(h + at)).store(s.reset_h + at);
      });
}

// The second: the candidate's sum goes on with (r⊙h₋)·R_n from where it was saved.
template <class Cell>
static void forward_candidate(const ForwardStep& s, Part part) {
  constexpr CellLayout cell = Cell::layout;
  const NumberKernels& numbers = numbers_of(s.quantization);
  Word* room = s.rounded;
  const Rows reset_h = rows_in(numbers, {s.reset_h, s.state_stride, 0, nullptr}, 1, s.rows, s.units, room);
  for_each_units<Cell>(
      s, tiles_of(blocks_of(s.units), 1, s.rows, s.units * s.units), s.units, part,
      [&](Span rows, Span blocks, float* a, int64_t a_row, Ahead* ahead) {
        const Operand h = operand_of(numbers, reset_h, rows.begin, cell.candidate, s.candidate_weights,
                                     s.units, blocks.begin);
        add_products(numbers, &h, 1, rows.size(), {blocks.size(), 1, cell.slots},
                     saved_units<Cell>(s, rows.begin, blocks.begin * kBlock), s.gates_stride, a, a_row,
                     ahead);
      },
      [&](int64_t row, int64_t unit, const float* a) {
        float* saved = saved_units<Cell>(s, row, unit);
        Units u;
        u.slot[0] = Vec::load(a);
        for (int slot = 1; slot < cell.slots; ++slot) u.slot[slot] = Vec::load(saved + slot * kBlock);
        load_state<Cell>(s, row, unit, u);
        load_options<Cell>(s, row, unit, u);
        Cell::forward(u);
        u.slot[0].store(saved);
        store_state<Cell>(s, row, unit, u);
      });
}

}  // namespace recurra::RECURRA_ISA::sequence
