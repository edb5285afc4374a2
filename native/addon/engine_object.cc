#include "addon/engine_object.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <utility>

#include "addon/arrays.h"
#include "addon/bound_run.h"
#include "addon/engine_options.h"
#include "addon/errors.h"
#include "addon/program_reader.h"

namespace recurra {
namespace {

template <class Record>
struct Tag;
template <>
struct Tag<StorageRecord> {
  static constexpr napi_type_tag value = {0x7265637572726131, 0x73746f7261676521};
};
template <>
struct Tag<ProgramRecord> {
  static constexpr napi_type_tag value = {0x7265637572726132, 0x70726f6772616d21};
};

uint64_t next_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

template <class Record>
Napi::Value make_handle(Napi::Env env, std::shared_ptr<Record> record) {
  using Pointer = std::shared_ptr<Record>;
  auto handle = Napi::External<Pointer>::New(env, new Pointer(std::move(record)),
                                             [](Napi::Env, Pointer* pointer) { delete pointer; });
  handle.TypeTag(&Tag<Record>::value);
  return handle;
}

void check(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

}  // namespace

Napi::Function EngineObject::define(Napi::Env env) {
  return DefineClass(
      env, "Engine",
      {InstanceMethod<&EngineObject::storage>("storage"), InstanceMethod<&EngineObject::touch>("touch"),
       InstanceMethod<&EngineObject::load>("load"), InstanceMethod<&EngineObject::plan>("plan"),
       InstanceMethod<&EngineObject::times>("times"), InstanceMethod<&EngineObject::run>("run"),
       InstanceMethod<&EngineObject::run_sync>("runSync"), InstanceMethod<&EngineObject::bind>("bind"),
       InstanceMethod<&EngineObject::close>("close")});
}

EngineObject::EngineObject(const Napi::CallbackInfo& info) : ObjectWrap(info), id_(next_id()) {
  const Napi::Env env = info.Env();
  const EngineOptions options = read_engine_options(info[0], "Engine");

  auto link = std::make_unique<Link>();
  guarded(env, [&] {
    engine_ = std::make_unique<Engine>(options.threads, *options.kernels, [link = link.get()] {
      napi_call_threadsafe_function(link->signal, nullptr, napi_tsfn_nonblocking);
    });
  });
  check(env, napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "recurra"), 0, 1,
                                             link.get(), delete_link, link.get(), on_signal, &link->signal));
  link_ = link.release();
  link_->object = this;
  // Runs before the thread-safe function's own hook, which waits for ever on Node 24 while our thread holds
  // it.
  napi_add_env_cleanup_hook(env, on_environment_end, this);
  napi_unref_threadsafe_function(env, link_->signal);
}

EngineObject::~EngineObject() {
  if (link_ == nullptr || ended_) return;
  napi_remove_env_cleanup_hook(Env(), on_environment_end, this);
  end();
}

void EngineObject::on_environment_end(void* object) { static_cast<EngineObject*>(object)->end(); }

void EngineObject::delete_link(napi_env, void* link, void*) { delete static_cast<Link*>(link); }

void EngineObject::on_signal(napi_env env, napi_value, void* link, void*) {
  if (env == nullptr) return;  // what was still queued when the function was finalized, and the link with it
  EngineObject* object = static_cast<Link*>(link)->object;
  if (object == nullptr) return;
  try {
    object->deliver();
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  }
}

void EngineObject::end() {
  if (ended_) return;
  ended_ = true;
  engine_->stop();
  pending_.clear();
  closed_.Reset();
  link_->object = nullptr;
  napi_release_threadsafe_function(link_->signal, napi_tsfn_release);
}

void EngineObject::expect_open(const char* what) const {
  if (closing_ || ended_) throw Error("ERR_CLOSED", std::string(what) + ": the backend was closed");
}

template <class Record>
std::shared_ptr<Record> EngineObject::record(Napi::Value handle, const char* what) const {
  using Pointer = std::shared_ptr<Record>;
  if (!handle.IsExternal() || !handle.As<Napi::External<Pointer>>().CheckTypeTag(&Tag<Record>::value))
    throw wrong_kind(handle.Env(), std::string("expected a handle of a ") + what);
  Pointer found = *handle.As<Napi::External<Pointer>>().Data();
  if (found->engine != id_)
    throw wrong_kind(handle.Env(), std::string("the ") + what + " belongs to another engine");
  return found;
}

Napi::Value EngineObject::storage(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ArrayView array = view_array(info[0], "storage");
  if (!array.shared) throw wrong_kind(env, "storage must lie over a SharedArrayBuffer");
  auto record = std::make_shared<StorageRecord>();
  record->engine = id_;
  record->storage.dtype = array.dtype;
  record->storage.elements = static_cast<int64_t>(array.count);
  record->storage.data = array.data;
  record->array = Napi::Persistent(info[0].As<Napi::Object>());
  return make_handle(env, std::move(record));
}

void EngineObject::touch(const Napi::CallbackInfo& info) {
  record<StorageRecord>(info[0], "storage")->storage.touch();
}

Napi::Value EngineObject::load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    expect_open("load");
    Program program = read_program(info[0]);
    auto record = std::make_shared<ProgramRecord>();
    record->engine = id_;
    if (!info[1].IsArray()) throw wrong_kind(env, "load: expected a list of storages");
    const Napi::Array handles = info[1].As<Napi::Array>();
    if (handles.Length() != program.storages.size())
      throw Error("ERR_ARGUMENT", "load: expected " + std::to_string(program.storages.size()) +
                                      " storages, got " + std::to_string(handles.Length()));
    std::vector<Storage*> storages;
    for (uint32_t i = 0; i < handles.Length(); ++i) {
      record->storages.push_back(this->record<StorageRecord>(handles.Get(i), "storage"));
      storages.push_back(&record->storages.back()->storage);
    }
    record->loaded = std::make_unique<LoadedProgram>(std::move(program), std::move(storages));
    return make_handle(env, std::move(record));
  });
}

void EngineObject::plan(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  guarded(env, [&] {
    const auto program = record<ProgramRecord>(info[0], "program");
    if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array)
      throw wrong_kind(env, "plan: offsets must be a Float64Array");
    if (!info[2].IsNumber()) throw wrong_kind(env, "plan: bytes must be a number");
    const Napi::Float64Array offsets = info[1].As<Napi::Float64Array>();
    program->loaded->place({offsets.Data(), offsets.Data() + offsets.ElementLength()},
                           info[2].As<Napi::Number>().DoubleValue());
  });
}

std::unique_ptr<RunRequest> EngineObject::request(const ProgramRecord& program, Napi::Value sizes,
                                                  Napi::Value feeds, bool queued,
                                                  std::vector<Napi::ObjectReference>& kept, Rooms* rooms) {
  const Napi::Env env = Env();
  if (!sizes.IsArray()) throw wrong_kind(env, "run: expected a list of sizes");
  if (!feeds.IsArray()) throw wrong_kind(env, "run: expected a list of feeds");
  const LoadedProgram& loaded = *program.loaded;
  std::unique_ptr<RunRequest> request;
  if (spare_.empty()) {
    request = std::make_unique<RunRequest>();
  } else {
    request = std::move(spare_.back());
    spare_.pop_back();
  }
  request->program = program.loaded.get();
  request->plan = loaded.plan();
  const Napi::Array size_list = sizes.As<Napi::Array>();
  if (size_list.Length() == loaded.program().sizes.size())
    for (uint32_t i = 0; i < size_list.Length(); ++i)
      request->sizes.push_back(read_integer(size_list.Get(i), 0, "run: a size"));
  const std::vector<int64_t> counts = feed_counts(loaded, request->sizes);

  const Napi::Array feed_list = feeds.As<Napi::Array>();
  if (feed_list.Length() != counts.size())
    throw Error("ERR_FEED", "run: expected " + std::to_string(counts.size()) + " feeds, got " +
                                std::to_string(feed_list.Length()));
  // Every value is fetched before any address is taken: fetching may run JavaScript that takes memory away.
  std::vector<Napi::Value> values;
  for (uint32_t i = 0; i < counts.size(); ++i) values.push_back(feed_list.Get(i));
  if (rooms) *rooms = make_rooms(env, *request);

  // Integers are checked once and then trusted, so nobody else may write them; shared real numbers may
  // change.
  const auto copied = [&](const ArrayView& array) {
    return queued ? !array.shared || array.dtype == DType::kInt32
                  : array.shared && array.dtype == DType::kInt32;
  };
  constexpr size_t kAlignment = 64;
  size_t bytes = 0;
  std::vector<ArrayView> arrays;
  for (size_t i = 0; i < counts.size(); ++i) {
    const BufferSpec& spec = loaded.program().buffers[static_cast<size_t>(loaded.feeds()[i])];
    const ArrayView array = view_array(values[i], spec.name.c_str());
    if (array.dtype != spec.dtype || array.count != static_cast<size_t>(counts[i]))
      throw Error("ERR_FEED", "run: the feed " + spec.name + " has " + std::to_string(array.count) +
                                  " elements, expected " + std::to_string(counts[i]) +
                                  (spec.dtype == DType::kReal ? " real" : " int32"));
    arrays.push_back(array);
    if (copied(array)) bytes += (array.count * kElementBytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  char* copy = static_cast<char*>(request->copies.reserve(bytes));
  for (size_t i = 0; i < arrays.size(); ++i) {
    const ArrayView& array = arrays[i];
    if (copied(array)) {
      if (array.count > 0) std::memcpy(copy, array.data, array.count * kElementBytes);
      request->feeds.push_back(copy);
      copy += (array.count * kElementBytes + kAlignment - 1) / kAlignment * kAlignment;
    } else {
      request->feeds.push_back(array.data);
      if (queued) kept.push_back(Napi::Persistent(values[i].As<Napi::Object>()));
    }
  }
  return request;
}

Napi::Value EngineObject::times(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::vector<double> seconds = record<ProgramRecord>(info[0], "program")->loaded->take_times();
    Napi::Float64Array array = Napi::Float64Array::New(env, seconds.size());
    std::copy(seconds.begin(), seconds.end(), array.Data());
    return array;
  });
}

void EngineObject::run(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  guarded(env, [&] {
    expect_open("run");
    PendingRun pending;
    pending.program = record<ProgramRecord>(info[0], "program");
    std::unique_ptr<RunRequest> request =
        this->request(*pending.program, info[1], info[2], true, pending.kept, &pending.rooms);
    const ArrayView cancel = view_array(info[3], "run: cancel");
    if (cancel.dtype != DType::kInt32 || !cancel.shared || cancel.count == 0)
      throw wrong_kind(env, "run: cancel must be an Int32Array over a SharedArrayBuffer");
    request->cancel = static_cast<const int32_t*>(cancel.data);
    pending.kept.push_back(Napi::Persistent(info[3].As<Napi::Object>()));
    if (!info[4].IsFunction()) throw wrong_kind(env, "run: done must be a function");
    pending.done = Napi::Persistent(info[4].As<Napi::Function>());
    expect_open("run");
    pending_.push_back(std::move(pending));
    try {
      engine_->enqueue(std::move(request));
    } catch (...) {
      pending_.pop_back();
      throw;
    }
    hold();
  });
}

Napi::Value EngineObject::run_sync(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    expect_open("runSync");
    const auto program = record<ProgramRecord>(info[0], "program");
    std::vector<Napi::ObjectReference> kept;
    Rooms rooms;
    std::unique_ptr<RunRequest> request = this->request(*program, info[1], info[2], false, kept, &rooms);
    expect_open("runSync");
    engine_->run_now(*request);
    if (request->code != nullptr) throw_failure(env, *request);
    const Napi::Value results = take_results(env, *request, rooms);
    keep_spare(std::move(request));
    return results;
  });
}

void EngineObject::keep_spare(std::unique_ptr<RunRequest> request) {
  constexpr size_t kMost = 2, kMostBytes = size_t{64} << 20;
  if (spare_.size() >= kMost || request->copies.bytes() + request->results.bytes() > kMostBytes) return;
  request->reset();
  spare_.push_back(std::move(request));
}

void EngineObject::throw_failure(Napi::Env env, const RunRequest& request) {
  Napi::Error error = to_javascript(env, request.code, request.message);
  if (request.buffer >= 0) error.Set("buffer", Napi::Number::New(env, request.buffer));
  throw error;
}

Napi::Value EngineObject::bind(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    expect_open("bind");
    const auto program = record<ProgramRecord>(info[0], "program");
    std::vector<Napi::ObjectReference> kept;
    std::unique_ptr<RunRequest> request = this->request(*program, info[1], info[2], false, kept, nullptr);
    if (!info[3].IsArray()) throw wrong_kind(env, "bind: expected a list of results");
    const auto view_all = [&](const Napi::Array& list, const std::vector<int>& buffers,
                              const std::vector<int64_t>& counts) {
      std::vector<ArrayView> views;
      if (list.Length() != buffers.size())
        throw Error("ERR_ARGUMENT", "bind: expected " + std::to_string(buffers.size()) + " arrays, got " +
                                        std::to_string(list.Length()));
      for (size_t i = 0; i < buffers.size(); ++i) {
        const BufferSpec& spec = program->loaded->program().buffers[static_cast<size_t>(buffers[i])];
        const Napi::Value value = list.Get(static_cast<uint32_t>(i));
        const ArrayView view = view_array(value, spec.name.c_str());
        if (!view.shared || view.dtype != spec.dtype || view.count != static_cast<size_t>(counts[i]))
          throw Error("ERR_ARGUMENT", "bind: " + spec.name + " must be " + std::to_string(counts[i]) +
                                          " elements of its type over a SharedArrayBuffer");
        kept.push_back(Napi::Persistent(value.As<Napi::Object>()));
        views.push_back(view);
      }
      return views;
    };
    const LoadedProgram& loaded = *program->loaded;
    const std::vector<ArrayView> feeds =
        view_all(info[2].As<Napi::Array>(), loaded.feeds(), feed_counts(loaded, request->sizes));
    const std::vector<ArrayView> results =
        view_all(info[3].As<Napi::Array>(), loaded.results(), result_counts(loaded, request->sizes));
    // Fetching may have run JavaScript: what was taken before must be what is bound, or a copy of it.
    for (size_t i = 0; i < feeds.size(); ++i)
      if (request->feeds[i] != feeds[i].data && !request->copies.holds(request->feeds[i]))
        throw Error("ERR_ARGUMENT", "bind: the feeds changed meanwhile");
    kept.push_back(Napi::Persistent(info.This().As<Napi::Object>()));
    kept.push_back(Napi::Persistent(info[0].As<Napi::Object>()));
    auto* bound = new std::pair<EngineObject*, BoundRun>(
        this, BoundRun(std::move(request), feeds, results, std::move(kept)));
    const auto call = [](const Napi::CallbackInfo& info) {
      auto& [object, run] = *static_cast<std::pair<EngineObject*, BoundRun>*>(info.Data());
      guarded(info.Env(), [&] {
        object->expect_open("run");
        run.run(*object->engine_);
        if (run.request().code != nullptr) throw_failure(info.Env(), run.request());
      });
    };
    Napi::Function function = Napi::Function::New(env, call, "run", bound);
    function.AddFinalizer([](Napi::Env, std::pair<EngineObject*, BoundRun>* bound) { delete bound; }, bound);
    return function;
  });
}

void EngineObject::close(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  guarded(env, [&] {
    expect_open("close");
    if (!info[0].IsFunction()) throw wrong_kind(env, "close: done must be a function");
    engine_->enqueue(nullptr);
    closed_ = Napi::Persistent(info[0].As<Napi::Function>());
    closing_ = true;
    hold();
  });
}

void EngineObject::hold() {
  if (held_++ > 0) return;
  Ref();
  napi_ref_threadsafe_function(Env(), link_->signal);
}

void EngineObject::let_go() {
  if (--held_ > 0) return;
  napi_unref_threadsafe_function(Env(), link_->signal);
  Unref();
}

void EngineObject::deliver() {
  const Napi::Env env = Env();
  std::unique_ptr<RunRequest> request = engine_->take_ended();
  if (request == nullptr) {
    engine_->stop();
    const Napi::FunctionReference closed = std::move(closed_);
    let_go();
    closed.Call({});
    return;
  }
  const PendingRun run = std::move(pending_.front());
  pending_.pop_front();
  let_go();
  if (request->code == nullptr) {
    const Napi::Value results = take_results(env, *request, run.rooms);
    keep_spare(std::move(request));
    run.done.Call({env.Undefined(), results});
    return;
  }
  Napi::Object error = Napi::Object::New(env);
  error.Set("code", request->code);
  error.Set("message", request->message);
  if (request->buffer >= 0) error.Set("buffer", request->buffer);
  run.done.Call({error, env.Undefined()});
}

}  // namespace recurra
