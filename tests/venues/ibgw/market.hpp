// Quotes of everything: of stocks, indices and pairs from a recording or the control port, of options by a model from
// their underlying, of combos from their legs. What an order takes of a quote's size is gone until the next quote.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/venues/ibgw/contracts.hpp"

namespace tradebus::ibgw_sim {

struct Quote {
  std::optional<Num> bid, ask, last;
  Num bid_size, ask_size, last_size;
  Seconds last_time = 0;
  std::optional<Num> open, high, low;
  Num close;  // the day before
  Num volume;
  std::uint64_t trades = 0;

  std::optional<Num> mid() const;
  // Last, the middle, or the day before's close.
  Num mark() const;
};

struct Greeks {
  double vol = 0, price = 0, delta = 0, gamma = 0, vega = 0, theta = 0, under = 0;
};
// Black-Scholes without interest and dividends.
Greeks option_model(double under, double strike, double years, bool call, double vol);

struct Leg {
  ConId con_id = 0;
  std::int64_t ratio = 0;
  bool buys = true;
};

class Market {
 public:
  Market(const Contracts& contracts, Seconds now);

  void set_quote(ConId id, std::optional<Num> bid, Num bid_size, std::optional<Num> ask, Num ask_size);
  void set_trade(ConId id, Num price, Num size, Seconds now);
  // An option's own quote is forgotten: the model's again.
  void forget(ConId id) { books_.erase(id); }

  Quote quote(const Contract& contract, Seconds now) const;
  Quote combo(const std::vector<Leg>& legs, Seconds now) const;
  std::optional<Greeks> greeks(const Contract& contract, Seconds now) const;

  // What is left of the side that this order would take.
  Num left(const Quote& quote, ConId id, bool buys) const;
  void take(ConId id, bool buys, Num size);

  // Underlyings (or options with quotes of their own) that changed; asking forgets them.
  std::vector<ConId> take_changed() { return std::exchange(changed_, {}); }

 private:
  struct Book {
    Quote quote;
    Num bid_taken, ask_taken;
  };
  Quote modelled(const Contract& option, Seconds now) const;
  void changed(ConId id);

  const Contracts& contracts_;
  std::unordered_map<ConId, Book> books_;
  std::unordered_map<ConId, std::pair<Num, Num>> taken_;  // of options and combos: bid, ask
  std::vector<ConId> changed_;
};

// Rows of recordings in the project's replay form (docs/providers/replay.md), quotes and trades, by time.
struct Row {
  std::int64_t ts = 0;
  ConId con_id = 0;
  bool trade = false;
  std::optional<Num> bid, ask;
  Num bid_size, ask_size;  // a trade's price and size stand in bid and bid_size
};
struct Recording {
  std::vector<Row> rows;
  std::size_t unknown = 0;  // rows of symbols that are not in the database
};
// Throws std::runtime_error that names file and line.
Recording read_recording(const std::vector<std::string>& files, const Contracts& contracts);

}  // namespace tradebus::ibgw_sim
