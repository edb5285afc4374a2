#include "engine/loaded_program.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/registry.h"

namespace recurra {
LoadedProgram::LoadedProgram(Program program, std::vector<Storage*> storages)
    : program_(std::move(program)), storages_(std::move(storages)) {
  check_program(program_);
  if (storages_.size() != program_.storages.size())
    throw Error("ERR_ARGUMENT", "load: expected " + std::to_string(program_.storages.size()) +
                                    " storages, got " + std::to_string(storages_.size()));
  for (size_t i = 0; i < storages_.size(); ++i) {
    const StorageSpec& spec = program_.storages[i];
    if (storages_[i]->dtype != spec.dtype || storages_[i]->elements < spec.elements)
      throw Error("ERR_SHAPE", "load: the storage given for " + spec.name + " does not hold " +
                                   std::to_string(spec.elements) +
                                   (spec.dtype == DType::kReal ? " real numbers" : " integers"));
  }
  read_ = program_.read();
  written_ = program_.written();
  writes_ = std::find(written_.begin(), written_.end(), true) != written_.end();
  for (size_t id = 0; id < program_.buffers.size(); ++id) {
    if (program_.buffers[id].role == Role::kFeed) feeds_.push_back(static_cast<int>(id));
    if (program_.buffers[id].role == Role::kResult) results_.push_back(static_cast<int>(id));
  }
  lives_ = lifetimes(program_);
  release(acquire());
}

void LoadedProgram::place(const std::vector<double>& offsets, double bytes) {
  constexpr double kMost = 9007199254740992.0;
  if (offsets.size() != program_.buffers.size() || !(bytes >= 0 && bytes < kMost))
    throw Error("ERR_ARGUMENT",
                "plan: expected an offset for each buffer and the size of the arena in bytes");
  auto plan = std::make_shared<ArenaPlan>();
  plan->bytes = static_cast<size_t>(bytes);
  std::vector<size_t> placed;
  for (size_t id = 0; id < offsets.size(); ++id) {
    const bool here = program_.buffers[id].in_arena() && lives_[id].first <= lives_[id].second;
    if (here && !(offsets[id] >= 0 && offsets[id] <= bytes && std::fmod(offsets[id], 64) == 0))
      throw Error("ERR_ARGUMENT", "plan: the offset of buffer " + std::to_string(id) +
                                      " must be a multiple of 64 inside the arena");
    plan->offsets.push_back(here ? static_cast<int64_t>(offsets[id]) : 0);
    plan->rooms.push_back(here ? static_cast<int64_t>(bytes - offsets[id]) : 0);
    if (here) placed.push_back(id);
  }
  std::sort(placed.begin(), placed.end(),
            [&](size_t a, size_t b) { return plan->offsets[a] < plan->offsets[b]; });
  for (size_t i = 0; i < placed.size(); ++i)
    for (size_t j = i + 1; j < placed.size(); ++j)
      if (overlap(lives_[placed[i]], lives_[placed[j]])) {
        plan->rooms[placed[i]] = plan->offsets[placed[j]] - plan->offsets[placed[i]];
        break;
      }
  plan_ = std::move(plan);
}

void LoadedProgram::enter() const {
  for (size_t i = 0; i < storages_.size(); ++i) {
    if (read_[i]) storages_[i]->readers.fetch_add(1);
    if (written_[i]) storages_[i]->writers.fetch_add(1);
  }
}

void LoadedProgram::leave() const {
  for (size_t i = 0; i < storages_.size(); ++i) {
    if (read_[i]) storages_[i]->readers.fetch_sub(1);
    if (written_[i]) storages_[i]->writers.fetch_sub(1);
  }
}

bool LoadedProgram::busy() const {
  for (size_t i = 0; i < storages_.size(); ++i) {
    if ((read_[i] || written_[i]) && storages_[i]->writers.load() > 0) return true;
    if (written_[i] && storages_[i]->readers.load() > 0) return true;
  }
  return false;
}

std::vector<double> LoadedProgram::take_times() {
  const std::lock_guard lock(mutex_);
  std::vector<double> fresh(program_.steps.size(), 0.0);
  timed_ = true;
  if (times_.empty()) times_ = fresh;
  std::swap(times_, fresh);
  return fresh;
}

void LoadedProgram::add_times(const std::vector<double>& seconds) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < seconds.size(); ++i) times_[i] += seconds[i];
}

std::unique_ptr<Instance> LoadedProgram::acquire() {
  const std::lock_guard lock(mutex_);
  if (!idle_.empty()) {
    std::unique_ptr<Instance> instance = std::move(idle_.back());
    idle_.pop_back();
    return instance;
  }
  auto instance = std::make_unique<Instance>();
  instance->operations = make_operations(program_);
  idle_.reserve(instances_ + 1);  // so that release cannot fail
  ++instances_;
  return instance;
}

void LoadedProgram::release(std::unique_ptr<Instance> instance) noexcept {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(instance));
}

}  // namespace recurra
