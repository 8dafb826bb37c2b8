// INTERNAL to engine/risk: what accounts, and clients within them, hold and may come to hold. Kept up to date by each
// change of an order and of a position, in time that does not depend on how many there are.
//
// A symbol's worst value is the larger of what it is worth once all working buys are filled, and once all working sells
// are. Exits of one bracket and orders of one OCO group count as the largest of them.
#pragma once

#include <boost/container/small_vector.hpp>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bus/model/order_id_hash.hpp"
#include "bus/model/orders.hpp"
#include "engine/risk/amounts.hpp"

namespace tradebus::risk {

// Working orders of one symbol on one side.
struct Side {
  Int128 units = 0;
  Int128 priced = 0;    // value of those whose price is known
  Int128 unpriced = 0;  // units of the others: worth what the symbol is marked at

  friend bool operator==(const Side&, const Side&) = default;
};

// One symbol in an account, or a client's part of it. All in 1e-9 units.
struct Holding {
  Int128 qty = 0;
  std::int64_t mark = 0;  // 0: no price known
  std::int32_t multiplier = 1;
  std::uint32_t lines = 0;  // working orders that point here
  Side buys;
  Side sells;
  // What follows from these.
  Int128 worst = 0;    // value, of working orders the worst
  Int128 opening = 0;  // value of working orders beyond those that close what is held

  Side& side(bool buy) { return buy ? buys : sells; }
  const Side& side(bool buy) const { return buy ? buys : sells; }
  Int128 value() const { return risk::value(qty, mark, multiplier, value_max); }
  Int128 value_of(const Side& side) const;
  bool empty() const { return qty == 0 && lines == 0; }
};

struct Book {
  Int128 gross = 0;    // sum of worst
  Int128 opening = 0;  // sum of opening
  std::unordered_map<Symbol, Holding> holdings;
};

// What an order adds to one symbol. The holdings stay while the line does.
struct Line {
  const Symbol* symbol = nullptr;  // the key of `account`
  Holding* account = nullptr;
  Holding* client = nullptr;
  bool buy = true;
  Side own;      // the order alone
  Side counted;  // own, or the order's share in its group
};

// Terms that a replace asks for; what is under way counts at the larger of both.
struct Terms {
  Quantity qty;
  std::optional<Price> limit_price;
  std::optional<Price> stop_price;

  friend bool operator==(const Terms&, const Terms&) = default;
};

// An account's, and a client's in it; null: nothing held and nothing working. They stay until something is removed.
struct Books {
  Book* account = nullptr;
  Book* client = nullptr;
};

class Exposure {
 public:
  static constexpr std::size_t group_max = 16;  // who comes to a larger group counts alone

  struct Working {
    Book* account = nullptr;
    Book* client = nullptr;
    boost::container::small_vector<Line, 1> lines;
    std::optional<Price> market;  // when it was checked: prices what has no price of its own
    Terms terms;                  // these and what is filled of them are counted
    Quantity filled;
    std::optional<Terms> replacing;  // asked for, not settled
    std::optional<std::string> group;
  };

  Books books(const BrokerName& broker, const AccountId& account, const ClientName& client);

  // Counts the order as working with these terms, in place of what it counted for. `books`: the order's, if they were
  // looked up.
  const Working& put(const Order& order, std::optional<Price> market, const std::optional<Terms>& replacing,
                     const Books& books = {});
  const Working* find(const OrderId& id) const;
  // The order no longer works. What it alone kept is forgotten.
  void remove(const Order& order);

  // A fact about an order: fills move positions, the open rest counts as working.
  void on_order_changed(const Order* before, const Order& after) {
    on_order_changed(before != nullptr ? before->filled_qty : Quantity{}, after);
  }
  void on_order_changed(Quantity filled_before, const Order& after);
  void set_position(const Position& position);
  // All of a broker's: accounts and symbols that are not named are flat.
  void reset_positions(const BrokerName& broker, const std::vector<Position>& positions);
  // The market's price of an order's symbol, as its check sees it.
  static void mark(const Books& books, const Order& order, Price price);

  // Nothing: never seen, or nothing held and nothing working.
  const Book* book(const BrokerName& broker, const AccountId& account) const;
  const Book* book(const BrokerName& broker, const AccountId& account, const ClientName& client) const;
  static const Holding* holding(const Book* book, const Symbol& symbol);
  std::size_t holdings() const { return holdings_; }
  std::size_t working() const { return working_.size(); }

 private:
  struct Account {
    Book all;
    std::unordered_map<ClientName, Book> clients;
  };
  using AccountKey = std::pair<BrokerName, AccountId>;
  struct AccountRef {
    const BrokerName& first;
    const AccountId& second;
  };
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return std::tie(a.first, a.second) < std::tie(b.first, b.second);
    }
  };

  Account& account(const BrokerName& broker, const AccountId& id);
  std::pair<const Symbol, Holding>& entry(Book& book, const Symbol& symbol);
  Line line(Working& working, const Symbol& symbol, bool buy);
  void add_lines(const Order& order, Working& working);
  void count(Working& working, int sign);
  void join(Working& working);
  void leave(Working& working);
  void regroup(const std::vector<Working*>& members);
  void fill(const Order& order, Int128 units);
  void forget_empty(const Order& order);
  void forget_empty(Account& account, const ClientName& client, const Symbol& symbol);
  void forget_empty(Book& book, const Symbol& symbol);

  std::map<AccountKey, Account, Less> accounts_;
  std::unordered_map<OrderId, Working, OrderIdHash> working_;  // never move
  std::unordered_map<std::string, std::vector<Working*>> groups_;
  std::size_t holdings_ = 0;
};

// The price at which an order is valued: a buy's limit; else the highest of its own prices and the market's (a touch
// may be reached already, and trade at the market).
std::optional<Price> price_of_order(bool buy, const std::optional<Price>& limit_price,
                                    const std::optional<Price>& stop_price, const std::optional<Price>& market);
bool is_buy(::tradebus::Side side);
std::int32_t multiplier_of(const Order& order);

}  // namespace tradebus::risk
