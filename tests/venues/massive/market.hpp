// What the venue knows of a market: its instruments and what was traded, quoted and built of it. Two markets are there:
// one made up (synthetic.hpp) and one of recordings (recorded.hpp). All from one thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/venues/massive/new_york.hpp"

namespace tradebus::massive_sim {

struct Trade {
  Ns time = 0;
  double price = 0;
  double size = 0;
  std::int64_t sequence = 0;
  std::int64_t id = 0;
  int exchange = 0;
  int tape = 0;
  int condition = -1;   // -1: none
  int condition2 = -1;  // a second one
};

struct Quote {
  Ns time = 0;
  double bid = 0, ask = 0;            // 0: this side isn't quoted
  double bid_size = 0, ask_size = 0;  // shares, contracts
  std::int64_t sequence = 0;
  int bid_exchange = 0, ask_exchange = 0;
  int tape = 0;
  int condition = 1;
};

struct Bar {
  Ms time = 0;  // the window's start
  double open = 0, high = 0, low = 0, close = 0, volume = 0, vwap = 0;
  std::int64_t trades = 0;
};
// Adds what came later to a bar.
void extend(Bar& bar, const Bar& later);

struct Listing {
  std::string ticker, name, type;  // type: CS, ETF, PFD ...
  std::string exchange;            // MIC
  std::string cik, figi, share_class_figi;
  std::string description, sic_code, sic_description, homepage, city, state;
  double shares = 0;
  int employees = 0;
  Day listed = 0;
  Day delisted = 0;  // 0: active
  bool otc = false;
  bool optionable = false;
};

struct Split {
  std::string ticker;
  Day day = 0;
  double from = 1, to = 1;
};

struct Dividend {
  std::string ticker;
  Day ex = 0;
  double amount = 0;
};

struct Contract {
  std::string ticker;  // O:AAPL240621C00190000
  std::string underlying;
  Day expiry = 0;
  bool call = true;
  double strike = 0;
};
std::optional<Contract> parse_contract(std::string_view ticker);
std::string contract_ticker(std::string_view underlying, Day expiry, bool call, double strike);

struct Greeks {
  double iv = 0, delta = 0, gamma = 0, theta = 0, vega = 0;
};

// Half-open: from <= time < to.
struct Span {
  Ns from = 0, to = 0;
};

class Market {
 public:
  virtual ~Market() = default;

  virtual const std::vector<Listing>& listings() const = 0;
  // Ordered by time.
  virtual std::vector<Trade> trades(std::string_view ticker, Span span) const = 0;
  virtual std::vector<Quote> quotes(std::string_view ticker, Span span) const = 0;
  virtual bool known(std::string_view ticker) const = 0;
  // Where the past begins and the data end, when they do.
  virtual Span extent() const = 0;

  // Contracts of one underlying that live on this day, ordered by expiry, right and strike.
  virtual std::vector<Contract> contracts(std::string_view underlying, Day day) const = 0;
  // Absent for contracts that nobody values.
  virtual std::optional<Greeks> greeks(const Contract& contract, Ns now) const = 0;
  virtual std::optional<double> open_interest(const Contract& contract, Day day) const = 0;
  virtual const std::vector<Split>& splits() const = 0;
  virtual const std::vector<Dividend>& dividends() const = 0;

  // Built of the trades unless a market has them otherwise. Nothing at or after `to`.
  virtual std::vector<Bar> seconds(std::string_view ticker, Span span) const;
  virtual std::vector<Bar> minutes(std::string_view ticker, Span span) const;
  // A day's bar of the trades before `now`: prices of the regular session (of all hours while it hasn't begun).
  std::optional<Bar> day_bar(std::string_view ticker, Day day, Ns now) const;
  // The last before `now`, looking back ten trading days.
  std::optional<Trade> last_trade(std::string_view ticker, Ns now) const;
  std::optional<Quote> last_quote(std::string_view ticker, Ns now) const;
  const Listing* listing(std::string_view ticker) const;
  // What a price before this day is multiplied with, so that it compares with today's.
  double split_factor(std::string_view ticker, Day day, Day today) const;

 protected:
  virtual std::optional<Bar> recorded_day(std::string_view /*ticker*/, Day /*day*/) const { return std::nullopt; }

 private:
  std::optional<Bar> build_day(std::string_view ticker, Day day, Ns now) const;

  static constexpr std::size_t day_cache_max = 200'000;
  mutable std::map<std::pair<std::string, Day>, std::optional<Bar>, std::less<>> days_;  // whole days only
};

std::vector<Bar> bars_of(const std::vector<Trade>& trades, Ms width);

}  // namespace tradebus::massive_sim
