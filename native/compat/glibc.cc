// Lets a binary that was linked on a newer Linux load where glibc is as old as 2.28, the oldest that Node 20
// runs on. glibc keeps the old versions of what it replaces; the linker would take the newest. It turns every
// call of these functions into one of __wrap_NAME (CMakeLists.txt, RECURRA_OLD_GLIBC), which goes on to the
// version named here.
#include <pthread.h>
#include <sys/stat.h>

#if defined(__x86_64__)
#define RECURRA_FIRST_GLIBC "GLIBC_2.2.5"
#define RECURRA_STAT_VERSION 1
#elif defined(__aarch64__)
#define RECURRA_FIRST_GLIBC "GLIBC_2.17"
#define RECURRA_STAT_VERSION 0
#else
#error "which version of its functions did glibc begin with on this processor?"
#endif

#define RECURRA_FIRST(name) __asm__(".symver first_" #name "," #name "@" RECURRA_FIRST_GLIBC)

extern "C" {

// Whether the process has had one thread only: read by std::shared_ptr, exported by glibc from 2.32 on. No is
// always safe.
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;

int first_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
RECURRA_FIRST(pthread_create);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                          void* with) {
  return first_pthread_create(thread, attributes, run, with);
}

int first_pthread_join(pthread_t, void**);
RECURRA_FIRST(pthread_join);
int __wrap_pthread_join(pthread_t thread, void** result) { return first_pthread_join(thread, result); }

int first_pthread_once(pthread_once_t*, void (*)());
RECURRA_FIRST(pthread_once);
int __wrap_pthread_once(pthread_once_t* once, void (*run)()) { return first_pthread_once(once, run); }

int first_pthread_mutex_trylock(pthread_mutex_t*);
RECURRA_FIRST(pthread_mutex_trylock);
int __wrap_pthread_mutex_trylock(pthread_mutex_t* mutex) { return first_pthread_mutex_trylock(mutex); }

double first_exp(double);
RECURRA_FIRST(exp);
double __wrap_exp(double x) { return first_exp(x); }

double first_log(double);
RECURRA_FIRST(log);
double __wrap_log(double x) { return first_log(x); }

double first_pow(double, double);
RECURRA_FIRST(pow);
double __wrap_pow(double x, double y) { return first_pow(x, y); }

// Before 2.33 a macro of <sys/stat.h> made every fstat64 one of these.
int __fxstat64(int version, int file, struct stat64* status);
int __wrap_fstat64(int file, struct stat64* status) { return __fxstat64(RECURRA_STAT_VERSION, file, status); }

}  // extern "C"
