// What Debian's C++ runtime asks of glibc and musl does not have: with it, what was compiled for the one loads in a
// process of the other. In the addon: how exceptions find their handlers.
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <sys/random.h>

#include <cstdint>

namespace {

struct Search {
  uintptr_t address;
  dl_find_object* found;
};

int look(dl_phdr_info* object, size_t, void* data) {
  const auto& [address, found] = *static_cast<Search*>(data);
  const ElfW(Phdr)* frames = nullptr;
  bool here = false;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = object->dlpi_phdr[i];
    const uintptr_t begin = object->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_GNU_EH_FRAME) frames = &part;
    if (part.p_type != PT_LOAD || address < begin || address >= begin + part.p_memsz) continue;
    here = true;
    found->dlfo_map_start = reinterpret_cast<void*>(begin);
    found->dlfo_map_end = reinterpret_cast<void*>(begin + part.p_memsz);
  }
  if (!here || !frames) return 0;
  found->dlfo_eh_frame = reinterpret_cast<void*>(object->dlpi_addr + frames->p_vaddr);
  return 1;
}

}  // namespace

extern "C" {

int _dl_find_object(void* address, dl_find_object* found) noexcept {
  *found = {};
  Search search{reinterpret_cast<uintptr_t>(address), found};
  return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}

// glibc's other name for it, to which the linker sends what asks for that.
int __wrap___pthread_key_create(pthread_key_t* key, void (*end)(void*)) { return pthread_key_create(key, end); }

uint32_t arc4random() noexcept {
  uint32_t bits = 0;
  return getrandom(&bits, sizeof bits, 0) == sizeof bits ? bits : 0;
}

// Destructors of thread_local objects are not run: nothing that is tried here has any.
int __cxa_thread_atexit_impl(void (*)(void*), void*, void*) { return 0; }

extern char __libc_single_threaded;
char __libc_single_threaded = 0;

size_t strftime_l(char*, size_t, const char*, const tm*, locale_t) noexcept;
size_t __strftime_l(char* to, size_t size, const char* format, const tm* time, locale_t locale) noexcept {
  return strftime_l(to, size, format, time, locale);
}

}  // extern "C"
