#include <windows.h>

#include <thread>
#include <vector>

#include "cpu/cores.h"

namespace recurra {

int count_usable_cores() {
  DWORD_PTR allowed = 0, all = 0;
  DWORD bytes = 0;
  GetLogicalProcessorInformation(nullptr, &bytes);
  std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> found(bytes /
                                                          sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION));
  if (!GetProcessAffinityMask(GetCurrentProcess(), &allowed, &all) ||
      !GetLogicalProcessorInformation(found.data(), &bytes))
    return static_cast<int>(std::thread::hardware_concurrency());
  int cores = 0;
  for (const auto& each : found)
    if (each.Relationship == RelationProcessorCore && (each.ProcessorMask & allowed)) ++cores;
  return cores;
}

}  // namespace recurra
