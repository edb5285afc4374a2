#include "engine/arena.h"

#include <algorithm>
#include <numeric>

namespace recurra {

std::vector<Lifetime> lifetimes(const Program& program) {
  const int end = static_cast<int>(program.steps.size());
  std::vector<Lifetime> lives(program.buffers.size(), {end, -1});
  const auto touch = [&](int id, int step) {
    auto& [first, last] = lives[static_cast<size_t>(id)];
    first = std::min(first, step);
    last = std::max(last, step);
  };
  for (int index = 0; index < end; ++index) {
    for (const auto& [slot, id] : program.steps[static_cast<size_t>(index)].inputs) touch(id, index);
    for (const auto& [slot, id] : program.steps[static_cast<size_t>(index)].outputs) touch(id, index);
  }
  for (const int id : program.checks) touch(id, program.commit);
  for (size_t id = 0; id < program.buffers.size(); ++id)
    if (program.buffers[id].role == Role::kResult) touch(static_cast<int>(id), end);
  return lives;
}

bool overlap(const Lifetime& a, const Lifetime& b) { return a.first <= b.second && b.first <= a.second; }

std::vector<uint64_t> place_scratch(const Program& program, const std::vector<int64_t>& sizes,
                                    uint64_t& bytes) {
  constexpr uint64_t kLine = 64;
  const std::vector<Lifetime> lives = lifetimes(program);
  std::vector<uint64_t> extents(program.buffers.size()), offsets(program.buffers.size());
  std::vector<size_t> order;
  std::vector<int64_t> shape;
  for (size_t id = 0; id < program.buffers.size(); ++id) {
    if (program.buffers[id].role != Role::kScratch) continue;
    resolve_shape(program.buffers[id], sizes, shape);
    extents[id] = (static_cast<uint64_t>(element_count(shape)) * kElementBytes + kLine - 1) / kLine * kLine;
    order.push_back(id);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return extents[a] > extents[b]; });
  bytes = 0;
  std::vector<size_t> placed;  // by where they begin
  for (const size_t id : order) {
    uint64_t start = 0;
    for (const size_t other : placed) {
      if (!overlap(lives[id], lives[other])) continue;
      if (start + extents[id] <= offsets[other]) break;
      start = std::max(start, offsets[other] + extents[other]);
    }
    offsets[id] = start;
    bytes = std::max(bytes, start + extents[id]);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), id,
                                   [&](size_t a, size_t b) { return offsets[a] < offsets[b]; }),
                  id);
  }
  return offsets;
}

}  // namespace recurra
