// What the gateway says of its own connections: to the venue (1100 to 1102, 2110) and to the farms that data comes from
// (2103 to 2108, 2119, 2157, 2158). Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace tradebus::ibkr::data {

class Connectivity {
 public:
  enum class Change : std::uint8_t {
    none,
    noted,        // state() may be another one
    venue_lost,   // nothing comes until it is back
    venue_back,   // and subscriptions go on
    resubscribe,  // back, and subscriptions are gone
  };

  Change take(std::int32_t code, std::string_view text);
  // Another session of this user has the market data (10197), until data comes.
  Change competing(std::string_view text);
  Change data_came();
  // A new connection to the gateway: it tells everything again.
  void clear() { *this = {}; }

  bool is_venue_lost() const { return is_venue_lost_; }
  bool is_competing() const { return is_competing_; }
  bool is_good() const { return !is_venue_lost_ && !is_competing_ && broken_.empty(); }
  // "", venue, competing_session, farm
  std::string_view reason() const;
  const std::string& message() const { return message_; }  // the venue's own words of the last trouble
  const std::set<std::string, std::less<>>& broken_farms() const { return broken_; }

 private:
  static constexpr std::size_t farms_max = 100;
  bool is_venue_lost_ = false;
  bool is_competing_ = false;
  std::set<std::string, std::less<>> broken_;
  std::string message_;
};

}  // namespace tradebus::ibkr::data
