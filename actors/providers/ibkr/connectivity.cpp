#include "actors/providers/ibkr/connectivity.hpp"

#include <utility>

namespace tradebus::ibkr::data {

namespace {

// "Market data farm connection is broken:usfarm" -> "usfarm". Farms of market data, of history and of contracts may
// have one name: the kind of message keeps them apart.
std::string farm_of(std::int32_t code, std::string_view text) {
  const auto colon = text.rfind(':');
  auto name = std::string{colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1)};
  switch (code) {
    case 2105:
    case 2106:
    case 2107:
      return "history:" + name;
    case 2157:
    case 2158:
      return "contracts:" + name;
    default:  // numbers of the venue
      return "market data:" + name;
  }
}

}  // namespace

Connectivity::Change Connectivity::take(std::int32_t code, std::string_view text) {
  const auto note = [&] { message_ = std::to_string(code) + " " + std::string{text}; };
  switch (code) {
    case 1100:
    case 2110:
      note();
      return std::exchange(is_venue_lost_, true) ? Change::noted : Change::venue_lost;
    case 1101:
      is_venue_lost_ = false;
      return Change::resubscribe;
    case 1102:
      return std::exchange(is_venue_lost_, false) ? Change::venue_back : Change::noted;
    case 2103:
    case 2105:
    case 2157:
      if (broken_.size() < farms_max) broken_.insert(farm_of(code, text));
      note();
      return Change::noted;
    case 2104:
    case 2106:
    case 2107:
    case 2108:
    case 2158:
      broken_.erase(farm_of(code, text));
      return Change::noted;
    default:  // numbers of the venue
      return Change::none;
  }
}

Connectivity::Change Connectivity::competing(std::string_view text) {
  message_ = "10197 " + std::string{text};
  is_competing_ = true;
  return Change::noted;
}

Connectivity::Change Connectivity::data_came() {
  return std::exchange(is_competing_, false) ? Change::noted : Change::none;
}

std::string_view Connectivity::reason() const {
  if (is_venue_lost_) return "venue";
  if (is_competing_) return "competing_session";
  return broken_.empty() ? "" : "farm";
}

}  // namespace tradebus::ibkr::data
