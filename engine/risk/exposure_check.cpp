// The order together with all that is held and works already. It is counted while this looks at it.
#include "engine/risk/order_check.hpp"

namespace tradebus::risk {

Result<void> OrderCheck::check_exposure_of(const Exposure::Working& working) {
  if (auto ok = check_reducing(working); !ok) return ok;
  return each_scope([&](const Scope& scope) -> Result<void> {
    if (auto ok = check_lines(scope, working); !ok) return ok;
    if (auto ok = check_gross(scope, working); !ok) return ok;
    if (auto ok = check_buying_power(scope, working); !ok) return ok;
    return check_daily_loss(scope, working);
  });
}

// ---- what shrinks --------------------------------------------------------------------------------------------------

// With this order and all that work on its side filled, the position is smaller or none, and never on the other side.
bool OrderCheck::shrinks(const Exposure::Working& working, bool of_client) const {
  for (const auto& line : working.lines) {
    const Holding& held = of_client ? *line.client : *line.account;
    const Int128 closes = line.buy ? -held.qty : held.qty;
    if (line.own.units == 0 || held.side(line.buy).units > closes) return false;
  }
  return true;
}

Result<void> OrderCheck::check_reducing(const Exposure::Working& working) const {
  if (!adds_) return {};
  const auto refused = [&](const TradingStateRecord& record, const std::string& what) {
    return fail(Errc::risk_kill_switch,
                "trading is reducing" +
                    (record.scope == RiskScope::global
                         ? std::string{}
                         : " for " + std::string{to_string(record.scope)} + " \"" + record.name + "\"") +
                    " since " + to_iso8601(record.since) + (record.reason.empty() ? "" : ": " + record.reason) + what);
  };
  // What it closes its exits would open again.
  const auto* state = reducing_ != nullptr ? reducing_ : client_reducing_;
  if (state != nullptr && context_.has_exits) return refused(*state, "; an order with a bracket does not pass");
  const auto only = [](const char* whose) {
    return std::string{"; only orders that shrink "} + whose + " position, beside those that work already, pass";
  };
  if (reducing_ != nullptr && !shrinks(working, false)) return refused(*reducing_, only("the account's"));
  if (client_reducing_ != nullptr && !shrinks(working, true)) return refused(*client_reducing_, only("the client's"));
  return {};
}

// ---- positions -----------------------------------------------------------------------------------------------------

Result<void> OrderCheck::check_lines(const Scope& scope, const Exposure::Working& working) const {
  if (!scope.limits->max_position_qty && !scope.limits->max_position_notional) return {};
  // Whatever it pays for it: what closes is not held against what is open.
  if (shrinks(working, scope.kind == RiskScope::client)) return {};
  for (std::size_t i = 0; i < working.lines.size(); ++i) {
    const auto& line = working.lines[i];
    if (scope.kind == RiskScope::symbol && line.symbol->str() != scope.name) continue;
    const auto& earlier = scope.kind == RiskScope::client ? earlier_[i].client : earlier_[i].account;
    if (auto ok = check_position(scope, line, earlier); !ok) return ok;
  }
  return {};
}

Result<void> OrderCheck::check_position(const Scope& scope, const Line& line, const Side& earlier) const {
  const Holding& held = scope.kind == RiskScope::client ? *line.client : *line.account;
  const Side& now = held.side(line.buy);
  const Int128 sign = line.buy ? 1 : -1;
  const std::string side = line.buy ? "buys" : "sells";
  if (const auto& limit = scope.limits->max_position_qty; limit && now.units > earlier.units) {
    const Int128 reach = sign * held.qty + now.units;
    if (reach > limit->raw())
      return fail(Errc::risk_position_limit, "position of " + line.symbol->str() + " would come to " +
                                                 qty_text(sign * reach) + " (" + qty_text(held.qty) + " held, " +
                                                 qty_text(now.units) + " working " + side +
                                                 " with this one), above the limit of " + limit->to_string() + " (" +
                                                 scope.key("max_position_qty") + ")");
  }
  const auto& limit = scope.limits->max_position_notional;
  if (!limit) return {};
  if (adds_ && line.own.unpriced > 0 && held.mark == 0)
    return fail(Errc::risk_position_limit,
                "no price of " + line.symbol->str() + " is known to hold the order against " +
                    scope.key("max_position_notional") + "; subscribe to its quotes, or send a limit order");
  const Int128 working = held.value_of(now);
  const Int128 reach = sign * held.value() + working;
  if (reach <= limit->raw() || working <= held.value_of(earlier)) return {};
  return fail(Errc::risk_position_limit, "position of " + line.symbol->str() + " would come to a value of " +
                                             money_text(sign * reach) + " (" + money_text(held.value()) + " held, " +
                                             money_text(working) + " in working " + side +
                                             " with this one), above the limit of " + limit->to_string() + " (" +
                                             scope.key("max_position_notional") + ")");
}

// ---- sums ----------------------------------------------------------------------------------------------------------

Result<void> OrderCheck::check_gross(const Scope& scope, const Exposure::Working& working) const {
  if (!scope.limits->max_gross_notional || shrinks(working, scope.kind == RiskScope::client)) return {};
  if (adds_)
    for (const auto& line : working.lines)
      if (line.own.unpriced > 0 && line.account->mark == 0)
        return fail(Errc::risk_position_limit,
                    "no price of " + line.symbol->str() + " is known to hold the order against " +
                        scope.key("max_gross_notional") + "; subscribe to its quotes, or send a limit order");
  switch (scope.kind) {
    case RiskScope::global:
    case RiskScope::account:
      return check_gross(scope, gross_, working.account->gross);
    case RiskScope::client:
      return check_gross(scope, client_gross_, working.client->gross);
    case RiskScope::symbol:
      break;
  }
  for (std::size_t i = 0; i < working.lines.size(); ++i)
    if (working.lines[i].symbol->str() == scope.name)
      if (auto ok = check_gross(scope, earlier_[i].worst, working.lines[i].account->worst); !ok) return ok;
  return {};
}

Result<void> OrderCheck::check_gross(const Scope& scope, Int128 before, Int128 after) const {
  const auto& limit = *scope.limits->max_gross_notional;
  if (after <= limit.raw() || after <= before) return {};
  return fail(Errc::risk_position_limit, "gross exposure would come to " + money_text(after) +
                                             " with working orders and this one, above the limit of " +
                                             limit.to_string() + " (" + scope.key("max_gross_notional") + ")");
}

Result<void> OrderCheck::check_buying_power(const Scope& scope, const Exposure::Working& working) const {
  if (!scope.limits->check_buying_power) return {};
  const auto account = "account " + order_.account.str() + " at " + order_.broker.str();
  if (adds_)
    for (const auto& line : working.lines)
      if (line.own.unpriced > 0 && line.account->mark == 0)
        return fail(Errc::risk_buying_power, "no price of " + line.symbol->str() +
                                                 " is known to hold the order against the buying power of " + account +
                                                 " (" + scope.key("check_buying_power") + ")");
  const Int128 needed = working.account->opening;
  if (needed <= opening_) return {};
  const auto power = desk_.accounts.buying_power(order_.broker, order_.account);
  if (!power)
    return fail(Errc::risk_buying_power, "the buying power of " + account + " is not known yet (" +
                                             scope.key("check_buying_power") + "); wait for the broker's first report");
  if (needed <= power->raw()) return {};
  return fail(Errc::risk_buying_power, "the order needs " + money_text(needed - opening_) + ", but of " +
                                           power->to_string() + " buying power of " + account + " " +
                                           money_text(opening_) + " are taken by working orders (" +
                                           scope.key("check_buying_power") + ")");
}

Result<void> OrderCheck::check_daily_loss(const Scope& scope, const Exposure::Working& working) const {
  const auto& limit = scope.limits->daily_loss_limit;
  if (!limit || !adds_) return {};
  const auto loss = desk_.accounts.loss(order_.broker, order_.account, context_.day);
  if (loss && *loss <= *limit) return {};
  if (shrinks(working, scope.kind == RiskScope::client)) return {};
  const auto account = "account " + order_.account.str() + " at " + order_.broker.str();
  if (!loss)
    return fail(Errc::risk_daily_loss, "the equity of " + account + " is not known yet (" +
                                           scope.key("daily_loss_limit") + "); wait for the broker's first report");
  return fail(Errc::risk_daily_loss, account + " lost " + loss->to_string() + " today, above the limit of " +
                                         limit->to_string() + " (" + scope.key("daily_loss_limit") +
                                         "); only orders that shrink a position pass");
}

}  // namespace tradebus::risk
