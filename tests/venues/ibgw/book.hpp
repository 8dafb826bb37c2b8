// The orders of all clients: their lives, matching, groups, parents and executions. Pure: time and market come from
// outside, what happens is told to a listener in the order in which a gateway sends it. docs/brokers/ibgw-sim.md.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "tests/venues/ibgw/account.hpp"
#include "tests/venues/ibgw/order.hpp"

namespace tradebus::ibgw_sim {

struct Execution {
  std::string id, account, exchange, ref;
  Contract contract;
  std::int64_t order_id = 0, perm_id = 0;
  int client = 0;
  bool bought = true;
  Num quantity, price, total, average, commission;
  std::optional<Num> realized;
  int liquidity = 2;  // 1 added, 2 removed
  Seconds time = 0;
};

// Of a message to a client about an order.
enum class Told { order_and_status, status, order };

class BookListener {
 public:
  virtual ~BookListener() = default;
  // `status`: instead of the order's own.
  virtual void on_order(const Working& order, Told what, std::string_view status = {}) = 0;
  virtual void on_execution(const Working& order, const Execution& execution) = 0;
  virtual void on_commission(const Working& order, const Execution& execution) = 0;
  virtual void on_error(int client, std::int64_t id, int code, const std::string& text,
                        const std::string& advanced = {}) = 0;
  virtual void on_what_if(const Working& order, const Margins& margins) = 0;
  virtual void on_trade(const std::string& account) = 0;  // positions changed
  // Something to keep; before anything of it is told.
  virtual void on_changed(const Working& order) = 0;
};

struct BookOptions {
  bool read_only = false;
  bool tell_pending_cancel = false;  // the orderStatus PendingCancel, often missing
  std::size_t orders_max = 200'000;  // finished ones are dropped, oldest first
};

class Book {
 public:
  Book(const Contracts& contracts, Market& market, Accounts& accounts, BookListener& listener, BookOptions options)
      : contracts_(contracts), market_(market), accounts_(accounts), listener_(listener), options_(options) {}

  // -- what clients and the market do --
  void place(int client, int sv, std::string_view request, Seconds now);
  // As placeOrder at 178; typed into TWS: client 0, id 0.
  void place_by_hand(std::string_view request, Seconds now);
  void cancel(int client, std::int64_t order_id, Seconds now);
  void cancel_all(int client, Seconds now);
  void on_market(Seconds now);  // some quotes changed
  void on_time(Seconds now);    // orders end, conditions come true
  void set_open(bool open, Seconds now);
  bool open() const { return open_; }
  // The next `count` new orders are refused with this.
  void refuse(std::size_t count, int code, std::string text, std::string advanced);
  // An execution is corrected: the same id with a higher last number. False: no such id.
  bool correct(const std::string& exec_id, Num price);
  // Hands an order that was typed in by hand (client 0, id 0) to client 0 under a negative id; how many were.
  std::vector<const Working*> bind();

  // -- questions --
  std::int64_t next_id(int client) const;
  void set_next_id(int client, std::int64_t id) { next_ids_[client] = id; }
  // A client: its own (0: those typed in too); none: all. In the order of their permIds.
  std::vector<const Working*> open_orders(std::optional<int> client) const;
  std::vector<const Working*> completed(bool api_only) const;
  const std::deque<Execution>& executions() const { return executions_; }
  std::size_t size() const { return orders_.size(); }
  const std::map<std::int64_t, Working>& orders() const { return orders_; }

  // -- the state of another run --
  void restore(Working order);
  void restore(Execution execution);
  void restore_next(std::int64_t perm_id, std::uint64_t exec) {
    last_perm_ = std::max(last_perm_, perm_id);
    last_exec_ = std::max(last_exec_, exec);
  }
  std::int64_t last_perm() const { return last_perm_; }
  std::uint64_t last_exec() const { return last_exec_; }
  const std::map<int, std::int64_t>& next_ids() const { return next_ids_; }

 private:
  using Key = std::pair<int, std::int64_t>;

  Working* find(int client, std::int64_t id);
  // -- placing (book_place.cpp) --
  void place(int client, int sv, std::string_view request, bool by_hand, Seconds now);
  bool resolve(Working& w, std::string& why);
  bool group_is_filled(const Order& order) const;
  bool refused(const Working& w, int client);
  std::string price_fault(const Order& order, const Contract& contract) const;
  void modify(Working& w, Order order, int sv, std::string_view request, Seconds now);
  void enter(Working& w, Seconds now);
  void transmit_family(Working& w, Seconds now);
  void start(Working& w, Seconds now);
  Margins margins(const Working& w, Seconds now) const;
  std::vector<std::pair<ConId, Num>> changes(const Working& w, Num quantity) const;
  // -- matching (book_match.cpp) --
  void work(Working& w, Seconds now, bool modified = false);
  bool ready(Working& w, Seconds now);
  bool triggered(Working& w, const Quote& quote);
  bool fulfilled(const Working& w, Seconds now) const;
  bool fulfilled(const Condition& condition, const Working& w, Seconds now) const;
  Maybe limit_of(const Working& w, const Quote& quote) const;
  Quote quote_of(const Working& w, Seconds now) const;
  void fill(Working& w, Num quantity, Num price, bool adds, Seconds now, bool modified);
  Execution execution(const Working& w, const Contract& contract, Num quantity, Num price, bool bought, Seconds now,
                      const std::string& id);
  Num commission(const Working& w, Num quantity, Num price) const;
  void finish(Working& w, const std::string& status, const std::string& reason, Seconds now);
  void end(Working& w, const std::string& reason, Seconds now);
  void after_fill(const Working& w, Num filled, Seconds now);
  void tell(const Working& w, Told what = Told::order_and_status);
  void forget_old();

  const Contracts& contracts_;
  Market& market_;
  Accounts& accounts_;
  BookListener& listener_;
  BookOptions options_;
  std::map<std::int64_t, Working> orders_;  // by permId
  std::map<Key, std::int64_t> ids_;
  std::set<std::int64_t> live_;  // permIds of those that aren't final
  std::map<int, std::int64_t> next_ids_;
  std::deque<Execution> executions_;
  std::int64_t last_perm_ = 700'000'000;
  std::uint64_t last_exec_ = 0;
  std::int64_t last_bound_ = 0;
  bool open_ = true;
  struct Refusal {
    std::size_t count = 0;
    int code = 201;
    std::string text, advanced;
  } refusal_;
};

}  // namespace tradebus::ibgw_sim
