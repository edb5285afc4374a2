#include <thread>

#include "cpu/cores.h"

namespace recurra {

int count_usable_cores() { return static_cast<int>(std::thread::hardware_concurrency()); }

}  // namespace recurra
