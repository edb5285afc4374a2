// The weights and data that every contender makes for itself; ../../generate.ts says how.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

inline uint32_t seed_of(const std::string& stream) {
  uint32_t hash = 2166136261u;
  for (unsigned char character : stream) hash = (hash ^ character) * 16777619u;
  return hash;
}

// 24 random bits.
inline uint32_t bits(uint32_t seed, uint32_t index) {
  uint32_t hash = seed + index * 0x9E3779B9u;
  hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
  hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
  return (hash ^ (hash >> 16)) >> 8;
}

// In [-1, 1). Exact, so that -ffast-math has nothing to reorder.
inline double symmetric(uint32_t seed, uint32_t index) {
  return (static_cast<int32_t>(bits(seed, index)) - (1 << 23)) / 8388608.0;
}

inline void fill(float* values, size_t count, const std::string& stream, double scale) {
  const uint32_t seed = seed_of(stream);
  for (size_t k = 0; k < count; k++)
    values[k] = static_cast<float>(scale * symmetric(seed, static_cast<uint32_t>(k)));
}

inline std::vector<int> integers(const std::string& stream, size_t count, int below) {
  const uint32_t seed = seed_of(stream);
  std::vector<int> values(count);
  for (size_t k = 0; k < count; k++)
    values[k] = static_cast<int>(static_cast<uint64_t>(below) * bits(seed, static_cast<uint32_t>(k)) >> 24);
  return values;
}

inline std::string fingerprint(const float* values, size_t count) {
  const uint32_t seed = seed_of("projection");
  double squares = 0, projection = 0;
  for (size_t k = 0; k < count; k++) {
    const double value = values[k];
    squares += value * value;
    projection += value * symmetric(seed, static_cast<uint32_t>(k));
  }
  char text[80];
  snprintf(text, sizeof text, "[%.17g,%.17g]", std::sqrt(squares), projection);
  return text;
}
