#include "tests/venues/massive/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/venues/massive/option_value.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr Ms minutes_a_day = 1440;
constexpr double ms_a_day = 86'400'000.0;
constexpr double ms_a_year = 365.25 * ms_a_day;
constexpr std::size_t rows_max = 4'000'000;  // of one answer; no endpoint gives as many

std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 1469598103934665603ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return mix(h);
}

double unit(std::uint64_t h) { return static_cast<double>(h >> 11U) * 0x1.0p-53; }

// Sums of waves from four minutes to years long: smooth, bounded, and known at any time without its past.
double wave(std::uint64_t seed, double volatility, Ms time) {
  constexpr double periods[] = {1461, 365, 97, 23, 5.3, 1.13, 0.21, 0.043, 0.0061};
  constexpr double weights[] = {0.35, 0.3, 0.2, 0.12, 0.06, 0.03, 0.012, 0.005, 0.002};
  double sum = 0;
  for (std::size_t i = 0; i < std::size(periods); ++i) {
    const double phase = unit(mix(seed + i)) * 2 * std::numbers::pi;
    const double turns = static_cast<double>(time) / (periods[i] * ms_a_day);
    sum += weights[i] * std::sin(2 * std::numbers::pi * (turns - std::floor(turns)) + phase);
  }
  return sum * volatility;
}

double to_tick(double price) {
  const double tick = price < 1 ? 1e4 : 1e2;
  return std::max(1 / tick, std::round(price * tick) / tick);
}

std::int64_t sequence_of(Ns time) { return time / 1000 % 86'400'000'000LL / 10; }

}  // namespace

struct SyntheticMarket::Asked {
  const Instrument* instrument = nullptr;
  std::optional<Contract> contract;
  std::uint64_t seed = 0;
  Ns last = 0;  // when it expires or is delisted

  double spot(Ms time) const {
    return instrument->price * std::exp(wave(hash(instrument->listing.ticker), instrument->volatility, time));
  }
  OptionValue option(Ms time) const {
    const double years = static_cast<double>(at(contract->expiry, 16) - time) / ms_a_year;
    const double money = std::log(contract->strike / instrument->price);
    return option_value(contract->call, spot(time), contract->strike, years,
                        instrument->volatility + 0.4 * money * money);
  }
  double price(Ms time) const { return contract ? std::max(0.01, option(time).price) : spot(time); }
};

SyntheticMarket::SyntheticMarket() : splits_(universe_splits()), dividends_(universe_dividends()) {
  for (Instrument& made : universe()) {
    listings_.push_back(made.listing);
    instruments_.emplace(made.listing.ticker, std::move(made));
  }
}

std::optional<SyntheticMarket::Asked> SyntheticMarket::find(std::string_view ticker) const {
  Asked out;
  out.seed = hash(ticker);
  std::string_view name = ticker;
  if (ticker.starts_with("O:")) {
    out.contract = parse_contract(ticker);
    if (!out.contract) return std::nullopt;
    name = out.contract->underlying;
  }
  const auto found = instruments_.find(name);
  if (found == instruments_.end() || (out.contract && !found->second.listing.optionable)) return std::nullopt;
  out.instrument = &found->second;
  const Day delisted = found->second.listing.delisted;
  out.last = out.contract ? at(out.contract->expiry, 16) * ns_per_ms
             : delisted   ? midnight(delisted) * ns_per_ms
                          : extent().to;
  return out;
}

bool SyntheticMarket::known(std::string_view ticker) const { return find(ticker).has_value(); }

Span SyntheticMarket::extent() const {
  static const Span span{midnight(from_civil(2003, 9, 10)) * ns_per_ms, midnight(from_civil(2038, 1, 1)) * ns_per_ms};
  return span;
}

void SyntheticMarket::minute_trades(const Asked& asked, Ms minute, const Session& session,
                                    std::vector<Trade>& out) const {
  const bool regular = minute >= session.open && minute < session.close;
  const std::uint64_t h = mix(asked.seed ^ static_cast<std::uint64_t>(minute / ms_per_minute));
  std::size_t count = 0;
  if (asked.contract) {
    // A seventh of the contracts never trades; those far from the money seldom do.
    const double away = std::abs(std::log(asked.contract->strike / asked.instrument->price));
    const std::uint64_t every = 5 + static_cast<std::uint64_t>(away * 400);
    if (regular && asked.seed % 7 != 0 && h % every == 0) count = 1 + h / 8192 % 3;
  } else if (regular) {
    count = asked.instrument->size < 10 ? (h % 4 == 0 ? 1 : 0) : 3 + h % 6;
  } else if (asked.instrument->size >= 100 && h % 3 == 0) {
    count = 1 + h / 64 % 2;
  }
  if (count == 0) return;
  const double first = asked.price(minute), last = asked.price(minute + ms_per_minute);
  constexpr int exchanges[] = {4, 12, 11, 19, 8, 10, 15, 21};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t r = mix(h + i);
    const double part = (static_cast<double>(i) + unit(r)) / static_cast<double>(count);
    Trade trade;
    trade.time = minute * ns_per_ms + static_cast<Ns>(part * 60e9);
    trade.price = to_tick((first + (last - first) * part) * (1 + (unit(mix(r)) - 0.5) * 6e-4));
    const double size =
        asked.contract ? 1 + static_cast<double>(r % 40) : asked.instrument->size * (0.05 + 1.9 * unit(mix(r + 1)));
    trade.size = std::max(1.0, std::round(size));
    trade.sequence = sequence_of(trade.time);
    trade.id = static_cast<std::int64_t>(r % 900'000) + 71'000;
    trade.exchange = asked.contract ? 300 + static_cast<int>(r % 20) : exchanges[r % std::size(exchanges)];
    trade.tape = asked.contract                                 ? 0
                 : asked.instrument->listing.exchange == "XNAS" ? 3
                 : asked.instrument->listing.exchange == "XNYS" ? 1
                                                                : 2;
    if (asked.contract) {
      trade.condition = r % 3 == 0 ? 209 : 227;
    } else if (!regular) {
      trade.condition = 12;  // form T
      if (trade.size < 100) trade.condition2 = 37;
    } else if (trade.size < 100) {
      trade.condition = 37;  // odd lot
    } else if (r % 2 == 0) {
      trade.condition = 14;  // intermarket sweep
      if (r % 8 == 0) trade.condition2 = 41;
    }
    out.push_back(trade);
  }
}

void SyntheticMarket::minute_quotes(const Asked& asked, Ms minute, const Session& session,
                                    std::vector<Quote>& out) const {
  const bool regular = minute >= session.open && minute < session.close;
  if (!regular && asked.contract) return;
  const std::uint64_t h = mix(asked.seed ^ static_cast<std::uint64_t>(minute / ms_per_minute) ^ 0x51ULL);
  const std::size_t count = asked.contract ? 2 : regular ? 12 : 3;
  const double first = asked.price(minute), last = asked.price(minute + ms_per_minute);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t r = mix(h + i);
    const double part = (static_cast<double>(i) + unit(r)) / static_cast<double>(count);
    const double middle = first + (last - first) * part;
    const double half =
        asked.contract ? std::max(0.01, middle * 0.01) : std::max(middle < 1 ? 1e-4 : 0.01, middle * 3e-5);
    Quote quote;
    quote.time = minute * ns_per_ms + static_cast<Ns>(part * 60e9);
    quote.bid = to_tick(middle - half);
    quote.ask = std::max(to_tick(middle + half), quote.bid + (middle < 1 ? 1e-4 : 0.01));
    quote.ask = to_tick(quote.ask);
    const double lot = asked.contract ? 1 : 100;
    quote.bid_size = lot * static_cast<double>(1 + r % 12);
    quote.ask_size = lot * static_cast<double>(1 + r / 16 % 12);
    if (!regular && r % 29 == 0) quote.bid = quote.bid_size = 0;  // one side only
    quote.sequence = sequence_of(quote.time) + 1;
    quote.bid_exchange = asked.contract ? 300 + static_cast<int>(r % 20) : 11;
    quote.ask_exchange = asked.contract ? 300 + static_cast<int>(r / 32 % 20) : 12;
    quote.tape = asked.contract ? 0 : asked.instrument->listing.exchange == "XNAS" ? 3 : 1;
    out.push_back(quote);
  }
}

namespace {

// Calls `make(minute, session)` for every minute with trading of a span.
template <class Make>
void each_minute(Span span, Make make) {
  for (Day day = day_of(span.from / ns_per_ms); midnight(day) * ns_per_ms < span.to; ++day) {
    if (!trades_on(day)) continue;
    const Session session = session_of(day);
    const Ms from = std::max(session.pre, span.from / ns_per_ms / ms_per_minute * ms_per_minute);
    for (Ms minute = from; minute < session.post && minute * ns_per_ms < span.to; minute += ms_per_minute) {
      if (!make(minute, session)) return;
    }
  }
}

template <class Row>
void cut(std::vector<Row>& rows, Span span) {
  std::erase_if(rows, [&](const Row& row) { return row.time < span.from || row.time >= span.to; });
}

}  // namespace

std::vector<Trade> SyntheticMarket::trades(std::string_view ticker, Span span) const {
  std::vector<Trade> out;
  const auto asked = find(ticker);
  if (!asked) return out;
  span.from = std::max(span.from, extent().from);
  span.to = std::min(span.to, asked->last);
  each_minute(span, [&](Ms minute, const Session& session) {
    minute_trades(*asked, minute, session, out);
    return out.size() < rows_max;
  });
  cut(out, span);
  return out;
}

std::vector<Quote> SyntheticMarket::quotes(std::string_view ticker, Span span) const {
  std::vector<Quote> out;
  const auto asked = find(ticker);
  if (!asked) return out;
  span.from = std::max(span.from, extent().from);
  span.to = std::min(span.to, asked->last);
  each_minute(span, [&](Ms minute, const Session& session) {
    minute_quotes(*asked, minute, session, out);
    return out.size() < rows_max;
  });
  cut(out, span);
  return out;
}

std::vector<Contract> SyntheticMarket::contracts(std::string_view underlying, Day day) const {
  std::vector<Contract> out;
  const auto found = instruments_.find(underlying);
  if (found == instruments_.end() || !found->second.listing.optionable) return out;
  // The next six Fridays and the third Fridays of the six months after.
  std::vector<Day> expiries;
  for (Day friday = day + (5 - weekday_of(day) + 7) % 7; expiries.size() < 6; friday += 7)
    expiries.push_back(last_trading_day(friday));
  const auto [year, month, dom] = civil(day);
  for (int i = 1; i <= 6; ++i) {
    const int later = month - 1 + i;
    const Day first = from_civil(year + later / 12, later % 12 + 1, 1);
    const Day third = last_trading_day(first + (5 - weekday_of(first) + 7) % 7 + 14);
    if (third > expiries[5]) expiries.push_back(third);
  }
  const double price = found->second.price;
  const double step = price < 25 ? 0.5 : price < 100 ? 1 : price < 250 ? 2.5 : 5;
  const double middle = std::round(price / step) * step;
  for (const Day expiry : expiries) {
    for (const bool call : {true, false}) {
      for (int i = -20; i <= 20; ++i) {
        const double strike = middle + step * i;
        if (strike <= 0) continue;
        out.push_back(
            {contract_ticker(underlying, expiry, call, strike), std::string(underlying), expiry, call, strike});
      }
    }
  }
  return out;
}

std::optional<Greeks> SyntheticMarket::greeks(const Contract& contract, Ns now) const {
  const auto asked = find(contract.ticker);
  if (!asked || now >= asked->last) return std::nullopt;
  const Greeks out = asked->option(now / ns_per_ms).greeks;
  if (std::abs(out.delta) > 0.97 || std::abs(out.delta) < 0.002)
    return std::nullopt;  // as the venue: none far out or deep in
  return out;
}

std::optional<double> SyntheticMarket::open_interest(const Contract& contract, Day day) const {
  return static_cast<double>(mix(hash(contract.ticker) + static_cast<std::uint64_t>(day)) % 5'000);
}

}  // namespace tradebus::massive_sim
