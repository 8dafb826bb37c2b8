// The order manager's half that keeps the risk engine's facts, and the trading states over a restart.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <filesystem>
#include <fstream>

#include "bus/wire/compact.hpp"
#include "engine/orders/order_manager.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus {

namespace {

using namespace std::chrono_literals;

const std::string trading_states_key = "trading_states";  // all in one record: older journals
const std::string trading_state_prefix = "trading_state:";
const std::string day_starts_key = "day_starts";
constexpr auto halt_file_interval = 1s;

Date utc_date(Timestamp t) { return Date::from_days(std::chrono::floor<std::chrono::days>(t)); }

struct KeptStates {
  std::vector<TradingStateRecord> states;

  static constexpr std::string_view type_name = "KeptStates";
  static constexpr auto fields() { return std::tuple{field("states", &KeptStates::states)}; }
};
struct KeptDayStarts {
  std::vector<DayStart> starts;

  static constexpr std::string_view type_name = "KeptDayStarts";
  static constexpr auto fields() { return std::tuple{field("starts", &KeptDayStarts::starts)}; }
};

}  // namespace

RiskContext OrderManagerState::risk_context(const Symbol& symbol) const {
  const auto now = clock_.now();
  if (risk_context_) return risk_context_(symbol, now);
  RiskContext out;
  out.now = now;
  out.day = utc_date(now);
  return out;
}

void OrderManagerState::recover_risk(const std::map<std::string, std::string>& state) {
  std::vector<TradingStateRecord> records;
  std::vector<std::string> ended;  // keys that are not written like this any more, or can't be read
  Result<void> ok;
  for (const auto& [key, value] : state) {
    const bool all_in_one = key == trading_states_key;
    if ((!all_in_one && !key.starts_with(trading_state_prefix)) || value.empty()) continue;
    KeptStates kept;
    const bool readable = wire::compact::unpack(value, kept);
    if (!readable) ok = fail(Errc::internal, "not trading states");
    if (all_in_one || !readable) ended.push_back(key);
    records.insert(records.end(), kept.states.begin(), kept.states.end());
  }
  if (auto restored = risk_->states().restore(records); !restored) ok = restored;
  if (!ok) {
    // Rather too strict than too lax: nobody knows any more what was forbidden.
    log_->error("trading-states-unreadable message=\"{}: trading is halted; lift it with kill_switch\"",
                ok.error().message);
    static_cast<void>(risk_->states().set(
        {RiskScope::global, "", TradingState::halted, "the states of before could not be read", clock_.now()}));
  }
  for (const auto& record : risk_->states().list()) log_trading_state(record);
  if (!ended.empty()) {
    for (const auto& record : risk_->states().list()) save_trading_state(record);
    for (const auto& key : ended) journal_->append(StateRecord{key, ""});
  }
  if (const auto it = state.find(day_starts_key); it != state.end()) {
    KeptDayStarts kept;
    if (wire::compact::unpack(it->second, kept))
      risk_->restore_day_starts(kept.starts);
    else
      log_->error("day-starts-unreadable message=\"losses count from now on\"");
  }
}

// A record each: so it is small, however many there are.
void OrderManagerState::save_trading_state(const TradingStateRecord& record) {
  StateRecord out{trading_state_prefix + std::string{to_string(record.scope)} + ":" +
                      std::string{to_string(record.source)} + ":" + record.name,
                  ""};
  if (record.state != TradingState::active) out.value = wire::compact::packed(KeptStates{{record}});
  journal_->append(out);
}

void OrderManagerState::note_account(const AccountSummary& account) {
  if (!risk_->on_account(account, risk_context(Symbol{"SPY"}).day)) return;  // the day of the US exchanges
  journal_->append(StateRecord{day_starts_key, wire::compact::packed(KeptDayStarts{risk_->day_starts()})});
  settle();
}

Result<TradingStatesNow> OrderManagerState::kill_switch(const KillSwitch& command) {
  const int scopes =
      int{command.account.has_value()} + int{command.client.has_value()} + int{command.symbol.has_value()};
  if (scopes > 1) return invalid("account", "kill_switch takes one of account, client and symbol; call it for each");
  if (command.cancel_open && !command.state)
    return invalid("state", "cancel_open goes with a state; without one kill_switch only tells what is in force");
  if (command.account && command.account->empty()) return invalid("account", "account: an empty name");
  if (command.client && command.client->empty()) return invalid("client", "client: an empty name");
  if (command.symbol && command.symbol->empty()) return invalid("symbol", "symbol: an empty name");
  if (command.state)
    if (auto ok = takes_changes(); !ok) return tl::unexpected{ok.error()};
  TradingStatesNow out;
  if (command.state) {
    TradingStateRecord record;
    record.state = *command.state;
    record.since = clock_.now();
    record.reason = command.reason.value_or("kill_switch");
    if (command.account) record.scope = RiskScope::account, record.name = command.account->str();
    if (command.client) record.scope = RiskScope::client, record.name = command.client->str();
    if (command.symbol) record.scope = RiskScope::symbol, record.name = command.symbol->str();
    if (auto ok = set_trading_state(record); !ok) return tl::unexpected{ok.error()};
  }
  if (command.cancel_open)
    out.canceled =
        ask_cancels({command.client.value_or(ClientName{}), {}, command.account, command.symbol, true}).canceled;
  out.states = risk_->states().list();
  return out;
}

// While it exists trading is halted, or as its first word says: a state of its own beside the commands'. Only its end
// lifts it, and it lifts nothing else.
void OrderManagerState::watch_halt_file() {
  self_->delayed_send(self_, halt_file_interval, WatchHaltFile{});
  std::error_code error;
  const bool there = std::filesystem::exists(halt_file_, error);
  if (error) return;  // nobody knows: as it was
  auto state = TradingState::active;
  if (there) {  // also when it can't be read
    std::string word;
    std::ifstream{halt_file_} >> word;
    state = word == to_string(TradingState::reducing) ? TradingState::reducing : TradingState::halted;
  }
  const auto* kept = risk_->states().find(RiskScope::global, "", TradingStateSource::file);
  if (state == (kept == nullptr ? TradingState::active : kept->state)) return;
  TradingStateRecord record;
  record.state = state;
  record.reason = (halt_file_ + (there ? "" : " is gone")).substr(0, TradingStates::text_bytes_max);
  record.since = clock_.now();
  record.source = TradingStateSource::file;
  if (auto ok = set_trading_state(record); !ok) log_->error("halt-file-ignored message=\"{}\"", ok.error().message);
  settle();
}

Result<void> OrderManagerState::set_trading_state(const TradingStateRecord& record) {
  if (auto ok = risk_->states().set(record); !ok) return ok;
  save_trading_state(record);
  log_trading_state(record);
  return {};
}

void OrderManagerState::log_trading_state(const TradingStateRecord& record) {
  log_->warn("trading-state scope={} name=\"{}\" state={} source={} reason=\"{}\"", to_string(record.scope),
             log_text(record.name), to_string(record.state), to_string(record.source), log_text(record.reason));
}

Result<RiskReloaded> OrderManagerState::reload_risk() {
  if (!reload_risk_) return fail(Errc::internal, "this daemon can't read its limits again");
  auto table = reload_risk_();
  if (!table) {
    log_->error("risk-limits-refused message=\"{}; the old ones stay\"", table.error().message);
    return tl::unexpected{Error{Errc::request_invalid, table.error().message, "risk"}};
  }
  RiskReloaded out;
  out.scopes = static_cast<std::uint32_t>(1 + table->clients.size() + table->accounts.size() + table->symbols.size());
  risk_->set_limits(std::move(*table));
  log_->info("risk-limits-changed scopes={}", out.scopes);
  return out;
}

}  // namespace tradebus
