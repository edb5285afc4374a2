// How backpropagation cuts the time steps: what follows a chunk's steps is done for all its rows at once.
#pragma once

#include <cstdint>
#include <vector>

#include "sequence/ragged.h"

namespace recurra {

// Steps [begin, end) in the order of processing, done from the last to the first.
struct BackwardChunk {
  int64_t begin, end;
  int64_t first;  // row, counted in the order in which backpropagation meets them
  int64_t rows;
};

// Chunks of about equal size: a small last one would cost as much as a large one. `chunk_rows`: rows of one,
// about; a step is not cut.
std::vector<BackwardChunk> cut_backward_chunks(const Ragged& ragged, int64_t chunk_rows);

}  // namespace recurra
