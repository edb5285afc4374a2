// Where the buffers of a program's arena lie, and when they hold something.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/program.h"

namespace recurra {

// First and last step at which a buffer holds something; first > last where none does.
using Lifetime = std::pair<int, int>;

// Of each buffer; results and what is checked live longer than the steps that touch them.
std::vector<Lifetime> lifetimes(const Program& program);
bool overlap(const Lifetime& a, const Lifetime& b);

// Places scratch buffers in a run with these sizes; those that never live at once share memory. Bytes from
// the beginning of each, a multiple of 64; `bytes`, of all.
std::vector<uint64_t> place_scratch(const Program& program, const std::vector<int64_t>& sizes,
                                    uint64_t& bytes);

}  // namespace recurra
