#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "cpu/cores.h"

namespace recurra {
namespace {

// A small file, empty where there is none. Not by a stream: those would be half a megabyte of this binary.
std::string contents(const std::string& path) {
  std::string text;
  if (std::FILE* file = std::fopen(path.c_str(), "re")) {
    char part[256];
    while (const size_t count = std::fread(part, 1, sizeof part, file)) text.append(part, count);
    std::fclose(file);
  }
  return text;
}

int cores_in_affinity_mask() {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) != 0)
    return static_cast<int>(std::thread::hardware_concurrency());
  std::set<std::pair<std::string, std::string>> cores;  // package and core: two hardware threads count once
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    const std::string name = std::to_string(cpu);
    const std::string topology = "/sys/devices/system/cpu/cpu" + name + "/topology/";
    const std::string core = contents(topology + "core_id");
    cores.insert({contents(topology + "physical_package_id"), core.empty() ? "cpu" + name : core});
  }
  return static_cast<int>(cores.size());
}

double ratio(const std::string& quota, const std::string& period) {
  const double q = std::atof(quota.c_str()), p = std::atof(period.c_str());
  return q > 0 && p > 0 ? q / p : INFINITY;
}

// The smallest quota, in processors, of a cgroup and its ancestors.
template <class Quota>
double smallest_quota(const std::string& root, std::string group, Quota quota) {
  double smallest = quota(root);
  while (group.size() > 1) {
    smallest = std::min(smallest, quota(root + group));
    group.erase(group.rfind('/'));
  }
  return smallest;
}

double cgroup_quota() {
  double smallest = INFINITY;
  const std::string groups = contents("/proc/self/cgroup");
  for (size_t begin = 0, end; begin < groups.size(); begin = end + 1) {  // lines of id:controllers:/group
    end = std::min(groups.find('\n', begin), groups.size());
    const std::string line = groups.substr(begin, end - begin);
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1),
                      group = line.substr(second + 1);
    if (controllers.empty()) {
      smallest = std::min(smallest, smallest_quota("/sys/fs/cgroup", group, [](const std::string& path) {
                            const std::string max = contents(path + "/cpu.max");  // quota and period
                            return ratio(max, max.substr(std::min(max.find(' '), max.size())));
                          }));
    } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
      smallest = std::min(smallest, smallest_quota("/sys/fs/cgroup/cpu", group, [](const std::string& path) {
                            return ratio(contents(path + "/cpu.cfs_quota_us"),
                                         contents(path + "/cpu.cfs_period_us"));
                          }));
    }
  }
  return smallest;
}

}  // namespace

int count_usable_cores() {
  return static_cast<int>(std::min<double>(cores_in_affinity_mask(), std::floor(cgroup_quota())));
}

}  // namespace recurra
