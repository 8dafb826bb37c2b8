// What may be traded at all: the kill switch. Pure values; who owns them keeps their records over a restart.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

// In rising strictness. Cancels are always allowed.
enum class TradingState : std::uint8_t {
  active,
  reducing,  // only what shrinks a position
  halted,    // no new order, no replace
};
TRADEBUS_ENUM(TradingState, "active", "reducing", "halted");

enum class RiskScope : std::uint8_t { global, client, account, symbol };
TRADEBUS_ENUM(RiskScope, "global", "client", "account", "symbol");

// Who set a state, and alone lifts it. Of both the strictest counts.
enum class TradingStateSource : std::uint8_t {
  command,  // kill_switch, or a signal
  file,     // the file HALT is there; global only
};
TRADEBUS_ENUM(TradingStateSource, "command", "file");

struct TradingStateRecord {
  RiskScope scope = RiskScope::global;
  std::string name;  // of the client, account or symbol; empty for global
  TradingState state = TradingState::active;
  std::string reason;
  Timestamp since{};
  TradingStateSource source = TradingStateSource::command;

  static constexpr std::string_view type_name = "TradingStateRecord";
  static constexpr auto fields() {
    return std::tuple{field("scope", &TradingStateRecord::scope), field("name", &TradingStateRecord::name),
                      field("state", &TradingStateRecord::state), field("reason", &TradingStateRecord::reason),
                      field("since", &TradingStateRecord::since), field("source", &TradingStateRecord::source)};
  }
};

class TradingStates {
 public:
  static constexpr std::size_t records_max = 10'000;
  static constexpr std::size_t text_bytes_max = 256;  // of a name, of a reason

  // `active` takes the scope's record of this source away. request.invalid: a name where none belongs, or none where
  // one does, or a text that is too long; overloaded: records_max are in force.
  Result<void> set(TradingStateRecord record);
  // In place of all that is in force; on an error nothing changes.
  Result<void> restore(const std::vector<TradingStateRecord>& records);
  // In force, that is not active; ordered by scope, name and source.
  std::vector<TradingStateRecord> list() const;
  // The strictest of all sources; of equals the command's. Nothing: active.
  const TradingStateRecord* find(RiskScope scope, std::string_view name) const;
  const TradingStateRecord* find(RiskScope scope, std::string_view name, TradingStateSource source) const;
  bool all_active() const { return records_.empty(); }

 private:
  using Key = std::tuple<RiskScope, std::string, TradingStateSource>;
  using View = std::tuple<RiskScope, std::string_view, TradingStateSource>;
  struct Less {
    using is_transparent = void;
    static View view(const Key& key) { return key; }
    static View view(const View& key) { return key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) < view(b);
    }
  };
  std::map<Key, TradingStateRecord, Less> records_;
};

}  // namespace tradebus
