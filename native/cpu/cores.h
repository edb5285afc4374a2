#pragma once

namespace recurra {

// Physical cores that this process may use: those of its affinity mask, no more than its cgroup's quota, at
// least 1. Looked at once.
int usable_cores();

// The same, looked at now and as the operating system puts it: cores_<system>.cc. May be 0.
int count_usable_cores();

}  // namespace recurra
