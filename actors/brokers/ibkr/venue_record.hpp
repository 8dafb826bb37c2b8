// What the venue has told of orders and executions, ours and those placed elsewhere: what reconciliation asks for.
// Pure. By permId, which an order keeps for its life; what has none yet is not here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "actors/brokers/ibkr/wire/execution_messages.hpp"
#include "actors/brokers/ibkr/wire/order_messages.hpp"

namespace tradebus::ibkr {

struct VenueOrder {
  OrderId ours;  // empty: placed elsewhere
  std::int32_t client_id = 0;
  std::int32_t order_id = 0;
  std::int64_t perm_id = 0;
  wire::Contract contract;
  wire::Order order;  // as it was echoed last
  wire::VenueStatus status = wire::VenueStatus::unknown;
  Quantity filled;
  Price average;
  std::string reason;
  bool is_open = true;
  std::uint64_t heard = 0;  // in which snapshot
  bool is_gone = false;     // of one placed elsewhere: no longer listed
  bool is_told = false;     // of one placed elsewhere
  Quantity told_before;     // of its fills, those that were only a sum when it was told
  bool is_end_told = false;
};

struct VenueExecution {
  OrderId ours;
  std::int64_t perm_id = 0;
  AccountId account;
  Fill fill;  // with its commission, once that is known
  bool is_time_guessed = false;
  bool has_commission = false;
  bool is_bag = false;
  Symbol symbol;
  Side side = Side::buy;
};

class VenueRecord {
 public:
  struct Limits {
    std::size_t closed_max = 20'000;
    std::size_t executions_max = 100'000;
  };
  explicit VenueRecord(Limits limits) : limits_{limits} {}

  // -- what the venue says -------------------------------------------------------
  void on(const wire::OpenOrder& m, const OrderId& ours);
  void on(const wire::OrderStatusMessage& m);
  void on(const wire::CompletedOrder& m, const OrderId& ours);
  // False: it was known.
  // `is_time_guessed`: nobody knows its zone; it is then in every answer, however late that begins.
  bool on(const wire::ExecDetails& m, Timestamp ts, const OrderId& ours, bool is_time_guessed = false);
  // The execution that it is of, when that is known.
  const VenueExecution* on(const wire::CommissionReport& m);
  // Around the answer to a question for all open orders: what was open before and is not in it is closed.
  void begin_snapshot() { ++snapshot_; }
  // Those placed elsewhere are named instead: what became of them is still to be asked for; close() ends them.
  // Ours are left alone unless `closes_ours`: what becomes of them is told.
  std::vector<std::int64_t> end_snapshot(bool closes_ours = true);
  void close(std::int64_t perm_id);
  void reason(std::int64_t perm_id, std::string text);

  // -- what is known -------------------------------------------------------------
  const VenueOrder* find(const OrderId& ours) const;
  // One of ours that is there, and has no permId yet.
  bool is_on_its_way(const OrderId& ours) const { return unnumbered_.contains(ours); }
  // A sum of an order placed elsewhere is told with it: what of that has no execution is not waited for.
  void told(std::int64_t perm_id);
  VenueOrder* find(std::int64_t perm_id);
  void each_open(const std::function<void(const VenueOrder&)>& see) const;
  const VenueExecution* execution(const std::string& exec_id) const;
  // In the order of their arrival, legs of combos with their combo's, not by themselves. Before a correction, what it
  // takes back: all that its id says there was, for it may be known from an earlier life.
  std::vector<BrokerEvent> fills(Timestamp since, const BrokerName& broker) const;
  std::vector<BrokerEvent> taken_back(const VenueExecution& execution, const BrokerName& broker) const;
  BrokerEvent event_of(const VenueExecution& execution, const BrokerName& broker) const;
  std::optional<std::vector<LegFill>> legs_of(const ExecId& bag) const;
  bool is_leg(const VenueExecution& execution) const;
  // Known by its executions to be another client's.
  bool is_elsewhere(std::int64_t perm_id) const;
  bool lacks_commissions() const { return without_commission_ > 0; }
  // By the executions that are known.
  Quantity executed(std::int64_t perm_id) const;
  std::optional<Price> average(std::int64_t perm_id) const;
  Money commissions(const AccountId& account) const;
  std::size_t orders() const { return orders_.size(); }
  std::size_t executions() const { return executions_.size(); }

 private:
  VenueOrder& order(std::int64_t perm_id, const OrderId& ours);
  void set(VenueOrder& order, wire::VenueStatus status);

  const Limits limits_;
  std::map<std::int64_t, VenueOrder> orders_;
  std::unordered_map<OrderId, std::int64_t> by_ours_;
  std::unordered_map<OrderId, std::uint64_t> unnumbered_;  // in which snapshot they were heard
  std::deque<std::int64_t> closed_;
  std::uint64_t snapshot_ = 0;
  std::unordered_map<std::string, VenueExecution> executions_;  // by the part of its id that a correction keeps
  std::deque<std::string> arrived_;
  std::map<std::int64_t, std::vector<std::string>> by_perm_;
  std::size_t without_commission_ = 0;
  std::map<std::string, Money> early_;  // commissions that came before their execution
};

}  // namespace tradebus::ibkr
