#include "engine/risk/order_check.hpp"

#include "engine/risk/order_symbols.hpp"

namespace tradebus::risk {

namespace {

constexpr std::size_t holdings_max = 1'000'000;

std::optional<Price> positive(const std::optional<Price>& price) {
  return price && price->is_positive() ? price : std::nullopt;
}

// What an order of this side trades at.
std::optional<Price> market_price(const RiskQuote& quote, bool buy) {
  const auto near = positive(buy ? quote.ask : quote.bid);
  if (near) return near;
  const auto last = positive(quote.last);
  return last ? last : positive(buy ? quote.bid : quote.ask);
}

// What holdings are worth: whichever side is to be taken, the same.
std::optional<Price> mid_price(const RiskQuote& quote) {
  const auto bid = positive(quote.bid);
  const auto ask = positive(quote.ask);
  if (bid && ask) return Price::from_raw(bid->raw() + (ask->raw() - bid->raw()) / 2);
  const auto last = positive(quote.last);
  return last ? last : bid ? bid : ask;
}

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

std::string owner_text(const TradingStateRecord& record) {
  if (record.scope == RiskScope::global) return "";
  return " for " + std::string{to_string(record.scope)} + " " + quoted(record.name);
}

const ScopeLimits* named(const RiskTable::Named& table, std::string_view name) {
  if (table.empty()) return nullptr;
  const auto it = table.find(name);
  return it == table.end() ? nullptr : &it->second;
}

bool lists(const std::unordered_set<std::string>& list, const Symbol& symbol) {
  if (list.empty()) return false;
  if (list.contains(symbol.str())) return true;
  const auto underlying = underlying_of(symbol);
  return !underlying.empty() && list.contains(std::string{underlying});
}

}  // namespace

std::string qty_text(Int128 raw) { return Quantity::from_raw(raw).to_string(); }
std::string money_text(const std::optional<Int128>& raw) {
  return raw ? Money::from_raw(*raw).to_string() : "(out of range)";
}

std::string Scope::key(std::string_view key) const {
  std::string out = "risk.";
  if (kind != RiskScope::global) out.append(to_string(kind)).append(".").append(name).append(".");
  return out.append(key);
}

// ---- what applies --------------------------------------------------------------------------------------------------

template <class F>
void OrderCheck::each_symbol(F&& f) const {
  f(order_.symbol);
  if (!order_.legs) return;
  for (auto leg = order_.legs->begin(); leg != order_.legs->end(); ++leg) {
    const auto same = [&](const OrderLeg& other) { return other.symbol == leg->symbol; };
    if (leg->symbol != order_.symbol && std::none_of(order_.legs->begin(), leg, same)) f(leg->symbol);
  }
}

OrderCheck::OrderCheck(const Desk& desk, const Order* before, const Order& order, const RiskContext& context)
    : desk_{desk}, before_{before}, order_{order}, context_{context}, buy_{is_buy(order.side)} {
  scopes_.push_back({RiskScope::global, {}, &desk.limits.global});
  const auto add = [&](RiskScope kind, const RiskTable::Named& table, const std::string& name) {
    if (const auto* limits = named(table, name)) scopes_.push_back({kind, name, limits});
  };
  add(RiskScope::client, desk.limits.clients, order.client.str());
  add(RiskScope::account, desk.limits.accounts, order.account.str());
  each_symbol([&](const Symbol& symbol) { add(RiskScope::symbol, desk.limits.symbols, symbol.str()); });
  if (context.quote) market_ = market_price(*context.quote, buy_);
  adds_ = before == nullptr || order.qty > before->qty || price_changes();
  if (!desk.states.all_active()) find_states();
}

void OrderCheck::find_states() {
  const auto look = [&](RiskScope scope, std::string_view name) {
    const auto* record = desk_.states.find(scope, name);
    if (record == nullptr) return;
    if (record->state == TradingState::halted)
      halted_ = record;
    else if (scope == RiskScope::client)
      client_reducing_ = record;
    else
      reducing_ = record;
  };
  look(RiskScope::client, order_.client.str());
  any_symbol(order_, [&](std::string_view symbol) {
    look(RiskScope::symbol, symbol);
    return false;
  });
  look(RiskScope::account, order_.account.str());
  look(RiskScope::global, {});
}

bool OrderCheck::price_changes() const {
  return !is_replace() || order_.limit_price != before_->limit_price || order_.stop_price != before_->stop_price;
}

std::optional<Price> OrderCheck::price_of(const Order& order) const {
  return price_of_order(buy_, order.limit_price, order.stop_price, market_);
}

std::optional<Int128> OrderCheck::notional_of(const Order& order, Price price) const {
  if (order.notional && order.qty.is_zero()) return magnitude(order.notional->raw());
  const auto out = exact_value(order.qty.raw(), price.raw(), multiplier_of(order));
  return out ? std::optional{magnitude(*out)} : std::nullopt;
}

// ---- all checks ----------------------------------------------------------------------------------------------------

Result<void> OrderCheck::run() {
  if (auto ok = check_halted(); !ok) return ok;
  if (auto ok = check_symbols(); !ok) return ok;
  if (auto ok = check_terms(); !ok) return ok;
  if (auto ok = check_pace(); !ok) return ok;
  if (auto ok = check_exposure(); !ok) return ok;
  take_pace();
  return {};
}

Result<void> OrderCheck::check_halted() const {
  if (halted_ == nullptr) return {};
  return fail(Errc::risk_kill_switch, "trading is halted" + owner_text(*halted_) + " since " +
                                          to_iso8601(halted_->since) +
                                          (halted_->reason.empty() ? "" : ": " + halted_->reason) +
                                          "; only cancels pass until its state is active again");
}

Result<void> OrderCheck::check_symbols() const {
  return each_scope([&](const Scope& scope) -> Result<void> {
    if (!is_multi_leg()) return check_symbol(scope, order_.symbol);
    for (const auto& leg : *order_.legs)
      if (auto ok = check_symbol(scope, leg.symbol); !ok) return ok;
    return {};
  });
}

Result<void> OrderCheck::check_symbol(const Scope& scope, const Symbol& symbol) const {
  const auto& allow = scope.limits->allow_symbols;
  if (!allow.empty() && !lists(allow, symbol))
    return fail(Errc::risk_symbol, "symbol " + symbol.str() + " is not in " + scope.key("allow_symbols"));
  if (lists(scope.limits->deny_symbols, symbol))
    return fail(Errc::risk_symbol, "symbol " + symbol.str() + " is in " + scope.key("deny_symbols"));
  return {};
}

Result<void> OrderCheck::check_terms() const {
  if (auto ok = each_scope([&](const Scope& scope) { return check_open(scope); }); !ok) return ok;
  if (auto ok = each_scope([&](const Scope& scope) { return check_qty(scope); }); !ok) return ok;
  if (auto ok = check_quote(); !ok) return ok;
  if (auto ok = each_scope([&](const Scope& scope) { return check_band(scope); }); !ok) return ok;
  return each_scope([&](const Scope& scope) { return check_notional(scope); });
}

Result<void> OrderCheck::check_open(const Scope& scope) const {
  if (!scope.limits->require_open_market || context_.market_open) return {};
  return fail(Errc::risk_market_closed, "the market of " + order_.symbol.str() + " is closed, and " +
                                            scope.key("require_open_market") + " is set; send it when it is open");
}

Result<void> OrderCheck::check_qty(const Scope& scope) const {
  const auto& limit = scope.limits->max_qty;
  if (!limit || (is_replace() && order_.qty <= before_->qty)) return {};
  Int128 qty = order_.qty.raw();
  if (order_.notional && order_.qty.is_zero()) {
    const auto price = positive(price_of(order_));
    if (!price)
      return fail(Errc::risk_max_qty, "no price of " + order_.symbol.str() + " is known to tell the quantity of " +
                                          order_.notional->to_string() + " against " + scope.key("max_qty") +
                                          "; subscribe to its quotes, or give qty");
    qty = units_for(bounded(magnitude(order_.notional->raw()), part_max), price->raw(), multiplier_of(order_));
  }
  if (qty <= limit->raw()) return {};
  return fail(Errc::risk_max_qty, "quantity " + qty_text(qty) + " is above the limit of " + limit->to_string() +
                                      " an order (" + scope.key("max_qty") + ")");
}

// ---- prices --------------------------------------------------------------------------------------------------------

bool OrderCheck::uses_quote() const {
  for (const auto& scope : scopes_) {
    const auto& limits = *scope.limits;
    if (limits.price_band_pct && price_changes()) return true;
    const bool money =
        limits.max_notional || limits.max_position_notional || limits.max_gross_notional || limits.check_buying_power;
    if (money && adds_ && !has_own_price()) return true;
  }
  return false;
}

// Whose quote_max_age, the shortest one, the quote has outlived.
const Scope* OrderCheck::outlived() const {
  const Scope* shortest = nullptr;
  for (const auto& scope : scopes_)
    if (scope.limits->quote_max_age &&
        (shortest == nullptr || *scope.limits->quote_max_age < *shortest->limits->quote_max_age))
      shortest = &scope;
  if (shortest == nullptr || context_.now - context_.quote->ts <= *shortest->limits->quote_max_age) return nullptr;
  return shortest;
}

Result<void> OrderCheck::check_quote() const {
  if (!market_ || !uses_quote()) return {};
  const auto& quote = *context_.quote;
  if (quote.quality == Quality::stale)
    return fail(Errc::risk_stale_quote, "the quote of " + order_.symbol.str() + " of " + to_iso8601(quote.ts) +
                                            " is stale: no price of this order can be held against it");
  const auto* shortest = outlived();
  if (shortest == nullptr) return {};
  const auto ms = [](std::chrono::nanoseconds t) {
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(t).count()) + " ms";
  };
  return fail(Errc::risk_stale_quote, "the quote of " + order_.symbol.str() + " is " + ms(context_.now - quote.ts) +
                                          " old; at most " + ms(*shortest->limits->quote_max_age) + " are allowed (" +
                                          shortest->key("quote_max_age_ms") + ")");
}

Result<void> OrderCheck::check_band(const Scope& scope) const {
  if (!scope.limits->price_band_pct || !price_changes()) return {};
  if (!market_) {
    if (scope.limits->allow_without_quote) return {};
    return fail(Errc::risk_price_band, "no quote of " + order_.symbol.str() + " is known to hold the order against " +
                                           scope.key("price_band_pct") + "; subscribe to its quotes, or set " +
                                           scope.key("allow_without_quote"));
  }
  if (order_.limit_price)
    if (auto ok = check_price_in_band(scope, "limit", *order_.limit_price, *market_); !ok) return ok;
  if (order_.stop_price) return check_price_in_band(scope, "stop", *order_.stop_price, *market_);
  return {};
}

Result<void> OrderCheck::check_price_in_band(const Scope& scope, std::string_view what, Price price,
                                             Price market) const {
  const auto& band = *scope.limits->price_band_pct;
  constexpr Int128 percent = 100;
  const Int128 away = static_cast<Int128>(price.raw()) - market.raw();
  // Two numbers of 64 bits each: their product fits, and so does a difference x 1e11.
  if (magnitude(away) * percent * Price::scale <= static_cast<Int128>(band.raw()) * market.raw()) return {};
  constexpr Int128 hundredth = Price::scale / 100;
  const Int128 pct = (magnitude(away) * percent * Price::scale / market.raw() + hundredth - 1) / hundredth * hundredth;
  return fail(Errc::risk_price_band, std::string{what} + " " + price.to_string() + " is " + qty_text(pct) +
                                         (away > 0 ? " % above" : " % below") + " the market's " + market.to_string() +
                                         "; allowed are " + band.to_string() + " % (" + scope.key("price_band_pct") +
                                         ")");
}

Result<void> OrderCheck::check_notional(const Scope& scope) const {
  const auto& limit = scope.limits->max_notional;
  if (!limit) return {};
  const bool by_amount = order_.notional && order_.qty.is_zero();
  const auto price = price_of(order_);
  if (!price && !by_amount) {
    if (!adds_) return {};
    return fail(Errc::risk_max_notional, "no price of " + order_.symbol.str() +
                                             " is known to hold a market order against " + scope.key("max_notional") +
                                             "; subscribe to its quotes, or send a limit order");
  }
  const auto value = notional_of(order_, price.value_or(Price{}));
  if (value && *value <= limit->raw()) return {};
  if (is_replace()) {
    const auto old = price_of(*before_);
    const auto old_value = old ? notional_of(*before_, *old) : std::nullopt;
    if (old && (value ? old_value && *value <= *old_value : order_.qty <= before_->qty && !price_changes())) return {};
  }
  return fail(Errc::risk_max_notional, "notional " + money_text(value) + " is above the limit of " +
                                           limit->to_string() + " an order (" + scope.key("max_notional") + ")");
}

// ---- pace ----------------------------------------------------------------------------------------------------------

Result<void> OrderCheck::check_pace() const {
  return each_scope([&](const Scope& scope) -> Result<void> {
    const auto& limits = *scope.limits;
    if (limits.duplicate_max > 0 && !is_replace()) {
      const auto count = desk_.repeats.count(order_, limits.duplicate_window, desk_.duplicate_window_max, context_.now);
      if (count < 0)
        return fail(Errc::risk_order_rate, "more different orders than can be told apart came within " +
                                               scope.key("duplicate_window_ms") + "; send fewer");
      if (static_cast<std::size_t>(count) >= limits.duplicate_max)
        return fail(Errc::risk_order_rate, "client " + quoted(order_.client.str()) + " has sent this order of " +
                                               order_.symbol.str() + " " + std::to_string(count) + " times within " +
                                               std::to_string(limits.duplicate_window / std::chrono::milliseconds{1}) +
                                               " ms; allowed are " + std::to_string(limits.duplicate_max) + " (" +
                                               scope.key("duplicate_max") + ")");
    }
    if (!limits.orders_per_second) return {};
    const auto wait =
        desk_.rates.wait({order_.client, scope.kind, std::string{scope.name}}, *limits.orders_per_second, context_.now);
    if (wait == 0) return {};
    if (wait < 0)
      return fail(Errc::risk_order_rate, "too many clients send orders at once for " + scope.key("orders_per_second"));
    constexpr std::int64_t ns_per_ms = 1'000'000;
    return fail(Errc::risk_order_rate, "client " + quoted(order_.client.str()) + " sends more than " +
                                           limits.orders_per_second->to_string() + " orders a second (" +
                                           scope.key("orders_per_second") + "); the next one passes in " +
                                           std::to_string((wait + ns_per_ms - 1) / ns_per_ms) + " ms");
  });
}

void OrderCheck::take_pace() const {
  bool repeats = false;
  for (const auto& scope : scopes_) {
    repeats = repeats || scope.limits->duplicate_max > 0;
    if (scope.limits->orders_per_second)
      desk_.rates.take({order_.client, scope.kind, std::string{scope.name}}, *scope.limits->orders_per_second,
                       context_.now);
  }
  if (repeats && !is_replace()) desk_.repeats.add(order_, context_.now);
}

// ---- exposure ------------------------------------------------------------------------------------------------------

Result<void> OrderCheck::check_exposure() {
  auto& exposure = desk_.exposure;
  if (exposure.holdings() >= holdings_max)
    return fail(Errc::overloaded, std::to_string(holdings_max) +
                                      " positions and working orders by symbol, account and client are kept, which is "
                                      "the limit; close some first");
  const auto books = exposure.books(order_.broker, order_.account, order_.client);
  if (market_ && context_.quote->quality != Quality::stale && outlived() == nullptr)
    if (const auto price = mid_price(*context_.quote)) Exposure::mark(books, order_, *price);

  const auto* account = books.account;
  const auto* client = books.client;
  gross_ = account != nullptr ? account->gross : 0;
  opening_ = account != nullptr ? account->opening : 0;
  client_gross_ = client != nullptr ? client->gross : 0;
  const auto remember = [&](const Symbol& symbol, bool buy) {
    Earlier out;
    if (const auto* held = Exposure::holding(account, symbol)) {
      out.account = held->side(buy);
      out.worst = held->worst;
    }
    if (const auto* held = Exposure::holding(client, symbol)) out.client = held->side(buy);
    earlier_.push_back(out);
  };
  if (is_multi_leg())
    for (const auto& leg : *order_.legs) remember(leg.symbol, is_buy(leg.side));
  else
    remember(order_.symbol, buy_);

  const auto* kept = before_ != nullptr ? exposure.find(before_->order_id) : nullptr;
  const auto kept_market = kept != nullptr ? kept->market : std::nullopt;
  const auto kept_terms = kept != nullptr ? kept->replacing : std::nullopt;
  const auto market = market_ ? market_ : kept_market;
  const auto& working = is_replace()
                            ? exposure.put(*before_, market, Terms{order_.qty, order_.limit_price, order_.stop_price})
                            : exposure.put(order_, market, std::nullopt, books);
  auto ok = check_exposure_of(working);
  if (ok) return ok;
  if (kept != nullptr)
    exposure.put(*before_, kept_market, kept_terms);
  else
    exposure.remove(order_);
  return ok;
}

}  // namespace tradebus::risk
