#include "tests/venues/massive/market.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace tradebus::massive_sim {
namespace {

constexpr int look_back_days = 10;
constexpr std::size_t occ_tail = 15;  // YYMMDD, C or P, eight digits

double price_of_4_decimals(double x) { return std::round(x * 1e4) / 1e4; }

std::optional<int> digits(std::string_view text) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

}  // namespace

void extend(Bar& bar, const Bar& later) {
  const double volume = bar.volume + later.volume;
  if (volume > 0) bar.vwap = price_of_4_decimals((bar.vwap * bar.volume + later.vwap * later.volume) / volume);
  bar.high = std::max(bar.high, later.high);
  bar.low = std::min(bar.low, later.low);
  bar.close = later.close;
  bar.volume = volume;
  bar.trades += later.trades;
}

std::optional<Contract> parse_contract(std::string_view ticker) {
  if (!ticker.starts_with("O:") || ticker.size() < 2 + 1 + occ_tail) return std::nullopt;
  const std::string_view tail = ticker.substr(ticker.size() - occ_tail);
  const auto year = digits(tail.substr(0, 2)), month = digits(tail.substr(2, 2)), day = digits(tail.substr(4, 2));
  const auto strike = digits(tail.substr(7));
  if (!year || !month || !day || !strike || (tail[6] != 'C' && tail[6] != 'P')) return std::nullopt;
  Contract out;
  out.ticker = ticker;
  out.underlying = ticker.substr(2, ticker.size() - 2 - occ_tail);
  const auto expiry = parse_day("20" + std::string(tail.substr(0, 2)) + '-' + std::string(tail.substr(2, 2)) + '-' +
                                std::string(tail.substr(4, 2)));
  if (!expiry) return std::nullopt;
  out.expiry = *expiry;
  out.call = tail[6] == 'C';
  out.strike = *strike / 1000.0;
  return out;
}

std::string contract_ticker(std::string_view underlying, Day expiry, bool call, double strike) {
  const auto [year, month, day] = civil(expiry);
  std::array<char, 48> tail{};
  std::snprintf(tail.data(), tail.size(), "%02d%02d%02d%c%08lld", year % 100, month, day, call ? 'C' : 'P',
                std::llround(strike * 1000));
  return "O:" + std::string(underlying) + tail.data();
}

std::vector<Bar> bars_of(const std::vector<Trade>& trades, Ms width) {
  std::vector<Bar> out;
  double money = 0;
  for (const Trade& trade : trades) {
    const Ms start = trade.time / ns_per_ms / width * width;
    if (out.empty() || out.back().time != start) {
      out.push_back({start, trade.price, trade.price, trade.price, trade.price, 0, 0, 0});
      money = 0;
    }
    Bar& bar = out.back();
    bar.high = std::max(bar.high, trade.price);
    bar.low = std::min(bar.low, trade.price);
    bar.close = trade.price;
    bar.volume += trade.size;
    ++bar.trades;
    money += trade.price * trade.size;
    if (bar.volume > 0) bar.vwap = price_of_4_decimals(money / bar.volume);
  }
  return out;
}

std::vector<Bar> Market::seconds(std::string_view ticker, Span span) const {
  return bars_of(trades(ticker, span), 1000);
}

std::vector<Bar> Market::minutes(std::string_view ticker, Span span) const {
  return bars_of(trades(ticker, span), ms_per_minute);
}

std::optional<Bar> Market::build_day(std::string_view ticker, Day day, Ns now) const {
  const Session session = session_of(day);
  const Ns end = std::min(now, midnight(day + 1) * ns_per_ms);
  std::optional<Bar> regular, all;
  for (const Bar& minute : minutes(ticker, {midnight(day) * ns_per_ms, end})) {
    if (all) {
      extend(*all, minute);
    } else {
      all = minute;
    }
    if (minute.time < session.open || minute.time >= session.close) continue;
    if (regular) {
      extend(*regular, minute);
    } else {
      regular = minute;
    }
  }
  if (!all) return std::nullopt;
  Bar bar = regular.value_or(*all);
  bar.volume = all->volume;
  bar.vwap = all->vwap;
  bar.trades = all->trades;
  bar.time = midnight(day);
  return bar;
}

std::optional<Bar> Market::day_bar(std::string_view ticker, Day day, Ns now) const {
  const bool whole = now >= midnight(day + 1) * ns_per_ms;
  if (const auto recorded = recorded_day(ticker, day); recorded && whole) return recorded;
  if (!whole) return build_day(ticker, day, now);
  const std::pair<std::string, Day> key{ticker, day};
  if (const auto found = days_.find(key); found != days_.end()) return found->second;
  if (days_.size() >= day_cache_max) days_.clear();
  return days_[key] = build_day(ticker, day, now);
}

std::optional<Trade> Market::last_trade(std::string_view ticker, Ns now) const {
  Day day = day_of((now - 1) / ns_per_ms);
  for (int i = 0; i < look_back_days; ++i, day = previous_trading_day(day)) {
    const Ns begin = midnight(day) * ns_per_ms, end = std::min(now, midnight(day + 1) * ns_per_ms);
    constexpr Ns step = 600 * ns_per_s;
    for (Ns to = end; to > begin; to -= step) {
      const auto found = trades(ticker, {std::max(begin, to - step), to});
      if (!found.empty()) return found.back();
    }
  }
  return std::nullopt;
}

std::optional<Quote> Market::last_quote(std::string_view ticker, Ns now) const {
  Day day = day_of((now - 1) / ns_per_ms);
  for (int i = 0; i < look_back_days; ++i, day = previous_trading_day(day)) {
    const Ns begin = midnight(day) * ns_per_ms, end = std::min(now, midnight(day + 1) * ns_per_ms);
    constexpr Ns step = 600 * ns_per_s;
    for (Ns to = end; to > begin; to -= step) {
      const auto found = quotes(ticker, {std::max(begin, to - step), to});
      if (!found.empty()) return found.back();
    }
  }
  return std::nullopt;
}

const Listing* Market::listing(std::string_view ticker) const {
  const auto& all = listings();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Listing& x) { return x.ticker == ticker; });
  return found == all.end() ? nullptr : &*found;
}

double Market::split_factor(std::string_view ticker, Day day, Day today) const {
  double factor = 1;
  for (const Split& split : splits()) {
    if (split.ticker == ticker && day < split.day && split.day <= today) factor *= split.from / split.to;
  }
  return factor;
}

}  // namespace tradebus::massive_sim
