// NativeEngine of lib/backend/native.ts.
#pragma once

#include <napi.h>

#include <deque>
#include <memory>
#include <vector>

#include "addon/arrays.h"
#include "engine/engine.h"

namespace recurra {

// What a handle refers to. Released on JavaScript's thread only: they hold references to its objects.
struct StorageRecord {
  uint64_t engine;
  Storage storage;
  Napi::ObjectReference array;  // keeps the memory
};

struct ProgramRecord {
  uint64_t engine;
  std::vector<std::shared_ptr<StorageRecord>> storages;
  std::unique_ptr<LoadedProgram> loaded;
};

class EngineObject : public Napi::ObjectWrap<EngineObject> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit EngineObject(const Napi::CallbackInfo& info);
  ~EngineObject() override;

 private:
  // What a queued run needs of JavaScript until it has ended.
  struct PendingRun {
    std::shared_ptr<ProgramRecord> program;
    Napi::FunctionReference done;
    std::vector<Napi::ObjectReference> kept;
    Rooms rooms;
  };

  // How the engine's thread reaches an object that may be gone by the time JavaScript's thread hears of it.
  struct Link {
    EngineObject* object = nullptr;
    napi_threadsafe_function signal = nullptr;
  };

  Napi::Value storage(const Napi::CallbackInfo& info);
  void touch(const Napi::CallbackInfo& info);
  Napi::Value load(const Napi::CallbackInfo& info);
  void plan(const Napi::CallbackInfo& info);
  Napi::Value times(const Napi::CallbackInfo& info);
  void run(const Napi::CallbackInfo& info);
  Napi::Value run_sync(const Napi::CallbackInfo& info);
  Napi::Value bind(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  [[noreturn]] static void throw_failure(Napi::Env env, const RunRequest& request);
  // `rooms`: of its large results, or null.
  std::unique_ptr<RunRequest> request(const ProgramRecord& program, Napi::Value sizes, Napi::Value feeds,
                                      bool queued, std::vector<Napi::ObjectReference>& kept, Rooms* rooms);
  // Keeps a request that is done with for the next: fresh memory would have to be cleared page by page.
  void keep_spare(std::unique_ptr<RunRequest> request);
  void expect_open(const char* what) const;
  template <class Record>
  std::shared_ptr<Record> record(Napi::Value handle, const char* what) const;

  static void on_environment_end(void* object);
  static void delete_link(napi_env env, void* link, void*);
  static void on_signal(napi_env env, napi_value, void* link, void*);

  // While something is pending, the object lives and the event loop does not end.
  void hold();
  void let_go();
  void deliver();
  void end();

  const uint64_t id_;
  Link* link_ = nullptr;  // the thread-safe function's, which deletes it
  std::unique_ptr<Engine> engine_;
  std::deque<PendingRun> pending_;
  std::vector<std::unique_ptr<RunRequest>> spare_;
  Napi::FunctionReference closed_;
  int held_ = 0;
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace recurra
