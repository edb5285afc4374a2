#include "sequence/backward_chunks.h"

#include <algorithm>

namespace recurra {

std::vector<BackwardChunk> cut_backward_chunks(const Ragged& ragged, int64_t chunk_rows) {
  std::vector<BackwardChunk> chunks;
  const int64_t count = std::max<int64_t>(1, (ragged.tokens() + chunk_rows / 2) / chunk_rows);
  const int64_t most = (ragged.tokens() + count - 1) / count;
  int64_t first = 0;
  for (int64_t p = ragged.steps(); p > 0;) {
    BackwardChunk chunk = {p, p, first, 0};
    while (chunk.begin > 0) {
      const int64_t active = ragged.active(ragged.time(chunk.begin - 1));
      if (chunk.rows > 0 && chunk.rows + active / 2 > most) break;
      chunk.rows += active;
      --chunk.begin;
    }
    chunks.push_back(chunk);
    p = chunk.begin;
    first += chunk.rows;
  }
  return chunks;
}

}  // namespace recurra
