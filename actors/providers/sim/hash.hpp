// Repeatable randomness: everything the simulation invents comes from these functions of (seed, symbol, position).
// Source: SplitMix64 (Steele, Lea, Flood 2014) and FNV-1a.
#pragma once

#include <cstdint>
#include <string_view>

namespace tradebus::sim {

inline constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;

constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

constexpr std::uint64_t hash(std::uint64_t seed, std::uint64_t position) { return mix(seed + golden * (position + 1)); }

constexpr std::uint64_t hash(std::uint64_t seed, std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325U;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash(h, seed);
}

// 0 <= unit < 1
constexpr double unit(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }
// -1 <= signed_unit < 1
constexpr double signed_unit(std::uint64_t bits) { return 2 * unit(bits) - 1; }

}  // namespace tradebus::sim
