#include "engine/risk/trading_state.hpp"

namespace tradebus {

namespace {

Result<void> check(const TradingStateRecord& record) {
  const bool global = record.scope == RiskScope::global;
  if (global && !record.name.empty())
    return invalid("name", "the global trading state has no name, but \"" + record.name.substr(0, 64) + "\" is given");
  if (!global && record.source == TradingStateSource::file)
    return invalid("source", "a file's trading state is a global one");
  if (!global && record.name.empty())
    return invalid("name", "a trading state of one " + std::string{to_string(record.scope)} + " needs its name");
  for (const auto& [key, text] : {std::pair{"name", &record.name}, std::pair{"reason", &record.reason}})
    if (text->size() > TradingStates::text_bytes_max)
      return invalid(key, std::string{key} + " has at most " + std::to_string(TradingStates::text_bytes_max) +
                              " bytes, this one " + std::to_string(text->size()));
  return {};
}

}  // namespace

Result<void> TradingStates::set(TradingStateRecord record) {
  if (auto ok = check(record); !ok) return ok;
  Key key{record.scope, record.name, record.source};
  if (record.state == TradingState::active) {
    records_.erase(key);
    return {};
  }
  // Whatever else is in force, everything can be stopped.
  if (record.scope != RiskScope::global && records_.size() >= records_max && !records_.contains(key))
    return fail(Errc::overloaded, std::to_string(records_max) +
                                      " trading states are in force, which is the limit; halt a wider scope, or set "
                                      "some to active first");
  records_.insert_or_assign(std::move(key), std::move(record));
  return {};
}

Result<void> TradingStates::restore(const std::vector<TradingStateRecord>& records) {
  TradingStates fresh;
  for (auto record : records) {
    if (record.reason.size() > text_bytes_max) record.reason.resize(text_bytes_max);  // of an older version
    if (auto ok = fresh.set(std::move(record)); !ok) return ok;
  }
  records_ = std::move(fresh.records_);
  return {};
}

std::vector<TradingStateRecord> TradingStates::list() const {
  std::vector<TradingStateRecord> out;
  out.reserve(records_.size());
  for (const auto& [key, record] : records_) out.push_back(record);
  return out;
}

const TradingStateRecord* TradingStates::find(RiskScope scope, std::string_view name, TradingStateSource source) const {
  const auto it = records_.find(View{scope, name, source});
  return it == records_.end() ? nullptr : &it->second;
}

const TradingStateRecord* TradingStates::find(RiskScope scope, std::string_view name) const {
  const auto* command = find(scope, name, TradingStateSource::command);
  if (scope != RiskScope::global) return command;
  const auto* file = find(scope, name, TradingStateSource::file);
  const bool stricter = file != nullptr && (command == nullptr || file->state > command->state);
  return stricter ? file : command;
}

}  // namespace tradebus
