#include "actors/brokers/ibkr/venue_record.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "actors/brokers/ibkr/contracts.hpp"

namespace tradebus::ibkr {

namespace {

constexpr std::size_t early_max = 1'000;
constexpr std::size_t unnumbered_max = 10'000;
constexpr int revisions_max = 20;

std::string base_of(const std::string& exec_id) { return std::string{wire::split_exec_id(exec_id).base}; }

bool is_over(wire::VenueStatus status) { return wire::is_final(status) || status == wire::VenueStatus::inactive; }

}  // namespace

// ---- orders --------------------------------------------------------------------------------------------------------

VenueOrder& VenueRecord::order(std::int64_t perm_id, const OrderId& ours) {
  auto& out = orders_[perm_id];
  out.perm_id = perm_id;
  out.heard = snapshot_;
  out.is_gone = false;
  if (!ours.empty()) {
    out.ours = ours;
    by_ours_[ours] = perm_id;
    unnumbered_.erase(ours);
  }
  return out;
}

void VenueRecord::set(VenueOrder& order, wire::VenueStatus status) {
  if (wire::is_final(order.status) && !wire::is_final(status)) return;  // a pair from before its end
  order.status = status;
  const bool was_open = std::exchange(order.is_open, !is_over(status));
  if (was_open && !order.is_open) closed_.push_back(order.perm_id);
  while (closed_.size() > limits_.closed_max) {
    const auto oldest = orders_.find(closed_.front());
    closed_.pop_front();
    if (oldest == orders_.end() || oldest->second.is_open || oldest->first == order.perm_id) continue;
    by_ours_.erase(oldest->second.ours);
    orders_.erase(oldest);
  }
}

void VenueRecord::on(const wire::OpenOrder& m, const OrderId& ours) {
  if (m.order.what_if) return;
  if (m.order.perm_id == 0) {
    if (ours.empty() || by_ours_.contains(ours)) return;
    if (is_over(m.state.status))
      unnumbered_.erase(ours);
    else if (unnumbered_.size() < unnumbered_max)
      unnumbered_[ours] = snapshot_;
    return;
  }
  auto& entry = order(m.order.perm_id, ours);
  entry.client_id = m.order.client_id;
  entry.order_id = m.order_id;
  entry.contract = m.contract;
  entry.order = m.order;
  set(entry, m.state.status);
}

void VenueRecord::on(const wire::OrderStatusMessage& m) {
  const auto found = orders_.find(m.perm_id);
  if (found == orders_.end()) return;  // its openOrder comes too
  auto& entry = found->second;
  entry.heard = snapshot_;
  entry.filled = std::max(entry.filled, m.filled);
  if (m.average_price.is_positive()) entry.average = m.average_price;
  set(entry, m.status);
}

void VenueRecord::on(const wire::CompletedOrder& m, const OrderId& ours) {
  if (m.order.perm_id == 0) return;
  auto& entry = order(m.order.perm_id, ours);
  if (entry.order.order_type.empty()) {
    entry.contract = m.contract;
    entry.order = m.order;
  }
  if (m.filled_quantity) entry.filled = std::max(entry.filled, *m.filled_quantity);
  // 0 stands there for one that is over: what was ordered is what was filled, or it was canceled.
  if (entry.order.total_quantity.is_zero() && m.filled_quantity) entry.order.total_quantity = *m.filled_quantity;
  if (entry.reason.empty() && m.status != wire::VenueStatus::filled) {
    entry.reason = m.completed_status;
    while (!entry.reason.empty() && entry.reason.back() <= ' ') entry.reason.pop_back();
  }
  set(entry, m.status);
}

std::vector<std::int64_t> VenueRecord::end_snapshot(bool closes_ours) {
  std::vector<std::int64_t> gone;
  std::vector<std::int64_t> ended;
  for (auto& [perm, entry] : orders_) {
    if (!entry.is_open || entry.heard >= snapshot_) continue;
    if (!entry.ours.empty()) {
      if (closes_ours) ended.push_back(perm);
    } else if (!std::exchange(entry.is_gone, true)) {
      gone.push_back(perm);
    }
  }
  for (const auto perm : ended) close(perm);
  if (closes_ours) std::erase_if(unnumbered_, [this](const auto& each) { return each.second < snapshot_; });
  return gone;
}

void VenueRecord::close(std::int64_t perm_id) {
  auto* entry = find(perm_id);
  if (entry == nullptr || !entry->is_open) return;
  const auto done = executed(perm_id);
  const bool is_filled = entry->order.total_quantity.is_positive() && done >= entry->order.total_quantity;
  entry->filled = std::max(entry->filled, done);
  if (!is_filled && entry->reason.empty()) entry->reason = "the venue no longer lists it";
  set(*entry, is_filled ? wire::VenueStatus::filled : wire::VenueStatus::cancelled);
}

void VenueRecord::told(std::int64_t perm_id) {
  auto* entry = find(perm_id);
  if (entry == nullptr || std::exchange(entry->is_told, true)) return;
  entry->told_before = checked_sub(entry->filled, executed(perm_id)).value_or(Quantity{});
  if (entry->told_before.is_negative()) entry->told_before = {};
}

void VenueRecord::reason(std::int64_t perm_id, std::string text) {
  if (auto* entry = find(perm_id); entry != nullptr && entry->reason.empty()) entry->reason = std::move(text);
}

const VenueOrder* VenueRecord::find(const OrderId& ours) const {
  const auto perm = by_ours_.find(ours);
  if (perm == by_ours_.end()) return nullptr;
  const auto found = orders_.find(perm->second);
  return found == orders_.end() ? nullptr : &found->second;
}

VenueOrder* VenueRecord::find(std::int64_t perm_id) {
  const auto found = orders_.find(perm_id);
  return found == orders_.end() ? nullptr : &found->second;
}

void VenueRecord::each_open(const std::function<void(const VenueOrder&)>& see) const {
  for (const auto& [perm, entry] : orders_)
    if (entry.is_open && !entry.is_gone) see(entry);
}

// ---- executions ----------------------------------------------------------------------------------------------------

bool VenueRecord::on(const wire::ExecDetails& m, Timestamp ts, const OrderId& ours, bool is_time_guessed) {
  const auto base = base_of(m.exec_id);
  const auto known = executions_.find(base);
  if (known != executions_.end()) {
    const auto now = wire::split_exec_id(m.exec_id).revision;
    const auto before = wire::split_exec_id(known->second.fill.exec_id.str()).revision;
    if (now.size() != before.size() ? now.size() < before.size() : now <= before) return false;
    if (!known->second.has_commission) --without_commission_;
  } else {
    arrived_.push_back(base);
    by_perm_[m.perm_id].push_back(base);
  }
  VenueExecution out;
  out.ours = ours;
  out.perm_id = m.perm_id;
  out.account = AccountId{m.account};
  out.fill.exec_id = ExecId{m.exec_id};
  out.fill.qty = m.shares;
  out.fill.price = m.price;
  out.fill.ts = ts;
  out.is_time_guessed = is_time_guessed;
  out.is_bag = m.contract.sec_type == "BAG";
  out.symbol = to_symbol(m.contract).value_or(Symbol{});
  out.side = m.side == "BOT" ? Side::buy : Side::sell;
  out.has_commission = out.is_bag;  // of a combo its legs have the costs
  if (!out.has_commission) ++without_commission_;
  executions_[base] = std::move(out);
  if (const auto early = early_.find(m.exec_id); early != early_.end()) {
    wire::CommissionReport report;
    report.exec_id = m.exec_id;
    report.commission = early->second;
    early_.erase(early);
    on(report);
  }
  while (arrived_.size() > limits_.executions_max) {
    const auto oldest = executions_.find(arrived_.front());
    if (oldest != executions_.end()) {
      if (!oldest->second.has_commission) --without_commission_;
      const auto of_order = by_perm_.find(oldest->second.perm_id);
      if (of_order != by_perm_.end() && std::erase(of_order->second, arrived_.front()) > 0 && of_order->second.empty())
        by_perm_.erase(of_order);
      executions_.erase(oldest);
    }
    arrived_.pop_front();
  }
  return true;
}

const VenueExecution* VenueRecord::on(const wire::CommissionReport& m) {
  const auto found = executions_.find(base_of(m.exec_id));
  if (found == executions_.end() || found->second.fill.exec_id.str() != m.exec_id) {
    if (early_.size() >= early_max) early_.erase(early_.begin());
    early_[m.exec_id] = m.commission;
    return nullptr;
  }
  auto& execution = found->second;
  if (!std::exchange(execution.has_commission, true)) --without_commission_;
  execution.fill.commission = m.commission;
  return &execution;
}

const VenueExecution* VenueRecord::execution(const std::string& exec_id) const {
  const auto found = executions_.find(base_of(exec_id));
  return found == executions_.end() ? nullptr : &found->second;
}

// A combo is executed as itself, and each of its legs too.
bool VenueRecord::is_leg(const VenueExecution& execution) const {
  if (execution.is_bag) return false;
  if (const auto order = orders_.find(execution.perm_id);
      order != orders_.end() && order->second.contract.sec_type == "BAG")
    return true;
  const auto of_order = by_perm_.find(execution.perm_id);
  return of_order != by_perm_.end() &&
         std::ranges::any_of(of_order->second, [&](const auto& base) { return executions_.at(base).is_bag; });
}

bool VenueRecord::is_elsewhere(std::int64_t perm_id) const {
  const auto of_order = by_perm_.find(perm_id);
  return of_order != by_perm_.end() &&
         std::ranges::any_of(of_order->second, [&](const auto& base) { return executions_.at(base).ours.empty(); });
}

// Those that came after it, up to the combo's next one.
std::optional<std::vector<LegFill>> VenueRecord::legs_of(const ExecId& bag) const {
  const auto* execution = this->execution(bag.str());
  if (execution == nullptr || !execution->is_bag) return std::nullopt;
  std::vector<LegFill> out;
  bool is_mine = false;
  for (const auto& base : by_perm_.at(execution->perm_id)) {
    const auto& each = executions_.at(base);
    if (each.is_bag) {
      is_mine = each.fill.exec_id == bag;
    } else if (is_mine) {
      out.push_back({each.symbol, each.side, each.fill.qty, each.fill.price});
    }
  }
  return out.empty() ? std::nullopt : std::optional{std::move(out)};
}

BrokerEvent VenueRecord::event_of(const VenueExecution& execution, const BrokerName& broker) const {
  BrokerEvent out;
  out.broker = broker;
  out.order_id = execution.ours;
  out.broker_order_id = BrokerOrderId{std::to_string(execution.perm_id)};
  out.report = BrokerReport::fill;
  out.fill = execution.fill;
  out.ts = execution.fill.ts;
  if (!execution.is_bag) return out;
  out.fill->legs = legs_of(execution.fill.exec_id);
  bool is_mine = false;
  for (const auto& base : by_perm_.at(execution.perm_id)) {
    const auto& each = executions_.at(base);
    if (each.is_bag)
      is_mine = each.fill.exec_id == execution.fill.exec_id;
    else if (is_mine)
      out.fill->commission = checked_add(out.fill->commission, each.fill.commission).value_or(out.fill->commission);
  }
  return out;
}

std::vector<BrokerEvent> VenueRecord::fills(Timestamp since, const BrokerName& broker) const {
  std::vector<BrokerEvent> out;
  for (const auto& base : arrived_) {
    const auto& each = executions_.at(base);
    if ((each.fill.ts < since && !each.is_time_guessed) || is_leg(each)) continue;
    for (auto& before : taken_back(each, broker)) out.push_back(std::move(before));
    out.push_back(event_of(each, broker));
  }
  return out;
}

std::vector<BrokerEvent> VenueRecord::taken_back(const VenueExecution& execution, const BrokerName& broker) const {
  std::vector<BrokerEvent> out;
  const auto& id = execution.fill.exec_id.str();
  const auto parts = wire::split_exec_id(id);
  int revision = 0;
  const auto* const end = parts.revision.data() + parts.revision.size();
  if (const auto read = std::from_chars(parts.revision.data(), end, revision); read.ptr != end) return out;
  for (int before = std::max(1, revision - revisions_max); before < revision; ++before) {
    auto digits = std::to_string(before);
    digits.insert(0, parts.revision.size() - std::min(parts.revision.size(), digits.size()), '0');
    auto& event = out.emplace_back();
    event.broker = broker;
    event.order_id = execution.ours;
    event.broker_order_id = BrokerOrderId{std::to_string(execution.perm_id)};
    event.report = BrokerReport::busted;
    event.fill = execution.fill;
    event.fill->exec_id = ExecId{std::string{parts.base} + '.' + digits};
    event.reason = "corrected by the venue";
    event.ts = execution.fill.ts;
  }
  return out;
}

Quantity VenueRecord::executed(std::int64_t perm_id) const {
  Quantity out;
  const auto of_order = by_perm_.find(perm_id);
  if (of_order == by_perm_.end()) return out;
  for (const auto& base : of_order->second) {
    const auto& each = executions_.at(base);
    if (!is_leg(each)) out = checked_add(out, each.fill.qty).value_or(out);
  }
  return out;
}

std::optional<Price> VenueRecord::average(std::int64_t perm_id) const {
  const auto of_order = by_perm_.find(perm_id);
  if (of_order == by_perm_.end()) return std::nullopt;
  Money turnover;
  for (const auto& base : of_order->second) {
    const auto& each = executions_.at(base);
    if (is_leg(each)) continue;
    const auto part = notional(each.fill.price, each.fill.qty);
    if (!part) return std::nullopt;
    turnover = checked_add(turnover, *part).value_or(turnover);
  }
  return price_of(turnover, executed(perm_id));
}

Money VenueRecord::commissions(const AccountId& account) const {
  Money out;
  for (const auto& [base, each] : executions_)
    if (each.account == account) out = checked_add(out, each.fill.commission).value_or(out);
  return out;
}

}  // namespace tradebus::ibkr
