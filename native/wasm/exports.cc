// What lib/backend/wasm/engine.ts calls: exports of lib/backend/wasm/exports.ts, in the same order. One
// thread, one run at a time. Where a function fails it gives 0, and `code` and `message` say why; the object
// that it was called on is as before.
#include <cmath>
#include <cstring>
#include <memory>

#include "engine/run.h"
#include "simd/isa.h"
#include "wasm/program_reader.h"
#include "wasm/thrown.h"

#define RECURRA_EXPORT(name) extern "C" __attribute__((export_name(#name))) auto name

namespace recurra {
namespace {

struct OwnedStorage {
  Memory memory;
  Storage storage;
};

// An array of a run, where TypeScript finds it.
struct Place {
  uint32_t address;
  uint32_t elements;
};

struct OwnedProgram {
  std::unique_ptr<LoadedProgram> loaded;
  std::unique_ptr<Instance> instance;
  RunRequest request;
  std::vector<Place> feeds;
  std::vector<Place> results;
  std::vector<double> times;
};

constexpr size_t kLine = 64;

Memory exchange;  // what TypeScript writes for the next call
Memory arena;     // of all programs: one runs at a time
Pool pool(1);
const std::atomic<bool> never{false};

// What `body` returns, and where it throws, nothing.
template <class Body>
auto guarded(Body body) -> decltype(body()) {
  thrown.code = nullptr;
  try {
    return body();
  } catch (...) {
    return {};
  }
}

uint32_t address_of(const void* pointer) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer));
}

std::vector<int64_t> whole_sizes(const double* sizes, size_t count) {
  std::vector<int64_t> whole;
  for (size_t i = 0; i < count; ++i) {
    if (!(sizes[i] >= 0 && sizes[i] < 9007199254740992.0 && sizes[i] == std::floor(sizes[i])))
      throw Error("ERR_FEED", "run: a size must be a whole number of at least 0");
    whole.push_back(static_cast<int64_t>(sizes[i]));
  }
  return whole;
}

}  // namespace

RECURRA_EXPORT(code)()->const char* { return thrown.code; }
RECURRA_EXPORT(message)()->const char* { return thrown.message.c_str(); }

// Memory for what the next call is given; what was there is lost.
RECURRA_EXPORT(reserve)(size_t bytes)->void* {
  return guarded([&] { return exchange.reserve(bytes == 0 ? 1 : bytes); });
}

RECURRA_EXPORT(makeStorage)(int real, double elements)->OwnedStorage* {
  return guarded([&] {
    const int64_t count = element_count({static_cast<int64_t>(elements)});
    auto owned = std::make_unique<OwnedStorage>();
    owned->storage.dtype = real != 0 ? DType::kReal : DType::kInt32;
    owned->storage.elements = count;
    owned->storage.data = owned->memory.reserve(static_cast<size_t>(count) * kElementBytes);
    return owned.release();
  });
}
RECURRA_EXPORT(storageAddress)(const OwnedStorage* storage)->void* { return storage->storage.data; }
RECURRA_EXPORT(touchStorage)(OwnedStorage* storage)->void { storage->storage.touch(); }
RECURRA_EXPORT(dropStorage)(OwnedStorage* storage)->void { delete storage; }

// `encoded` lies in the exchange; `storages` after it, in the order of the program's.
RECURRA_EXPORT(loadProgram)
(const char* encoded, size_t bytes, OwnedStorage* const* storages, size_t count)->OwnedProgram* {
  return guarded([&] {
    auto owned = std::make_unique<OwnedProgram>();
    std::vector<Storage*> bound;
    for (size_t i = 0; i < count; ++i) bound.push_back(&storages[i]->storage);
    owned->loaded = std::make_unique<LoadedProgram>(read_program(encoded, bytes), std::move(bound));
    owned->instance = owned->loaded->acquire();
    owned->loaded->take_times();  // starts the clock
    owned->request.program = owned->loaded.get();
    return owned.release();
  });
}
RECURRA_EXPORT(dropProgram)(OwnedProgram* program)->void { delete program; }

// Where this fails, the buffers lie where they lay.
RECURRA_EXPORT(placeBuffers)(OwnedProgram* program, const double* offsets, size_t count, double bytes)->int {
  return guarded([&] {
    if (bytes > static_cast<double>(SIZE_MAX)) throw std::bad_alloc();
    arena.reserve(static_cast<size_t>(bytes));
    program->loaded->place({offsets, offsets + count}, bytes);
    program->request.plan = program->loaded->plan();
    return 1;
  });
}

// Makes room for a run of these sizes: where each feed is to be written, in the order of the program's.
RECURRA_EXPORT(placeFeeds)(OwnedProgram* program, const double* sizes, size_t count)->const Place* {
  return guarded([&] {
    RunRequest& request = program->request;
    request.sizes = whole_sizes(sizes, count);
    const std::vector<int64_t> counts = feed_counts(*program->loaded, request.sizes);
    const auto bytes_of = [](int64_t elements) {
      return (static_cast<size_t>(elements) * kElementBytes + kLine - 1) / kLine * kLine;
    };
    uint64_t bytes = kLine;
    for (const int64_t elements : counts) bytes += bytes_of(elements);
    if (bytes > SIZE_MAX) throw std::bad_alloc();
    char* at = static_cast<char*>(request.copies.reserve(static_cast<size_t>(bytes)));
    request.feeds.clear();
    program->feeds.clear();
    for (const int64_t elements : counts) {
      request.feeds.push_back(at);
      program->feeds.push_back({address_of(at), static_cast<uint32_t>(elements)});
      at += bytes_of(elements);
    }
    program->feeds.push_back({});  // so that there is an address where there are no feeds
    return program->feeds.data();
  });
}

// Runs on the feeds that lie where `placeFeeds` said: where each result is, in the order of the program's.
RECURRA_EXPORT(run)(OwnedProgram* program)->const Place* {
  return guarded([&] {
    RunRequest& request = program->request;
    request.forget_outcome();
    run_steps(request, {pool, wasm::kernels, arena, *program->instance, never});
    program->results.clear();
    for (const auto& [dtype, data, count] : request.placed)
      program->results.push_back({address_of(data), static_cast<uint32_t>(count)});
    program->results.push_back({});
    return program->results.data();
  });
}

// Seconds that each step has taken since the call before.
RECURRA_EXPORT(stepSeconds)(OwnedProgram* program)->const double* {
  program->times = program->loaded->take_times();
  return program->times.data();
}

}  // namespace recurra
