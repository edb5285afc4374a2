#include "cpu/cores.h"

#include <algorithm>

namespace recurra {

int usable_cores() {
  static const int found = std::max(1, count_usable_cores());
  return found;
}

}  // namespace recurra
