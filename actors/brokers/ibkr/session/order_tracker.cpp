#include "actors/brokers/ibkr/session/order_tracker.hpp"

#include <algorithm>
#include <utility>

namespace tradebus::ibkr::session {

using wire::VenueStatus;

namespace {

constexpr std::size_t early_costs_max = 1'000;

// It has the venue's acknowledgement.
bool is_working(VenueStatus status) {
  switch (status) {
    case VenueStatus::pre_submitted:
    case VenueStatus::submitted:
    case VenueStatus::pending_cancel:
    case VenueStatus::filled:
      return true;
    case VenueStatus::unknown:
    case VenueStatus::api_pending:
    case VenueStatus::pending_submit:
    case VenueStatus::api_cancelled:
    case VenueStatus::cancelled:
    case VenueStatus::inactive:
      return false;
  }
  return false;
}

bool is_end(VenueStatus status) {
  return status == VenueStatus::cancelled || status == VenueStatus::api_cancelled || status == VenueStatus::inactive;
}

// What was asked for stands in the echo. What was not asked for may be anything there.
bool holds(const wire::Order& wanted, const wire::Order& echo) {
  auto same = [](const std::optional<Price>& a, const std::optional<Price>& b) { return !a || (b && *a == *b); };
  return wanted.total_quantity == echo.total_quantity && same(wanted.limit_price, echo.limit_price) &&
         same(wanted.aux_price, echo.aux_price) &&
         (wanted.time_in_force.empty() || wanted.time_in_force == echo.time_in_force);
}

Quantity sum(Quantity a, Quantity b) { return checked_add(a, b).value_or(a); }
Money sum(Money a, Money b) { return checked_add(a, b).value_or(a); }

// "02" after "01": numbers of equal length, else the longer one.
bool is_later(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() > b.size() : a > b; }

}  // namespace

OrderTracker::OrderTracker(TrackerOptions options, std::int32_t client_id, wire::TimeReader& times)
    : options_{options}, client_id_{client_id}, times_{times} {}

// ---- what we do
// ------------------------------------------------------------------------------------------------------

void OrderTracker::placing(std::int32_t order_id, const OrderId& ours, const wire::Contract& contract,
                           const wire::Order& order) {
  auto& entry = orders_[order_id];
  entry = Order{};
  entry.ours = ours;
  entry.is_combo = contract.sec_type == "BAG";
  entry.total = order.total_quantity;
  entry.is_grouped = !order.oca_group.empty();
  entry.has_limit = order.limit_price.has_value();
  entry.has_aux = order.aux_price.has_value();
  by_ref_[ours.str()] = order_id;
  ending_.erase(order_id);
}

void OrderTracker::forget(std::int32_t order_id) {
  const auto found = orders_.find(order_id);
  if (found == orders_.end()) return;
  by_ref_.erase(found->second.ours.str());
  if (found->second.perm_id != 0) by_perm_.erase(found->second.perm_id);
  orders_.erase(found);
  ending_.erase(order_id);
}

void OrderTracker::never_arrived(std::int32_t order_id) {
  const auto is_lost = [this](std::int32_t id) {
    const Order* order = find(id);
    return order != nullptr && !order->is_accepted && !order->is_over && !order->ending;
  };
  if (!is_lost(order_id)) return;
  lost_.push_back(order_id);
  while (lost_.size() > options_.lost_max) {
    if (is_lost(lost_.front())) forget(lost_.front());
    lost_.pop_front();
  }
}

void OrderTracker::adopt(std::int32_t order_id, const OrderId& ours, const wire::Contract& contract,
                         const wire::Order& order, Quantity filled_before) {
  placing(order_id, ours, contract, order);
  auto& entry = orders_[order_id];
  entry.perm_id = order.perm_id;
  entry.known_filled = filled_before;
  if (order.perm_id != 0) by_perm_[order.perm_id] = order_id;
  entry.is_accepted = true;
}

bool OrderTracker::changing(std::int32_t order_id, const wire::Order& wanted) {
  Order* order = find(order_id);
  if (order == nullptr || order->is_over) return false;
  order->wanted = wanted;
  return true;
}

bool OrderTracker::canceling(std::int32_t order_id) {
  Order* order = find(order_id);
  if (order == nullptr || order->is_over) return false;
  order->is_cancel_asked = true;
  return true;
}

bool OrderTracker::works(std::int32_t order_id) const {
  const auto found = orders_.find(order_id);
  return found != orders_.end() && !found->second.is_over;
}

void OrderTracker::link_lost() {
  for (auto& [key, order] : orders_) {
    order.wanted.reset();
    order.reduced_to.reset();
  }
  overtaken_.clear();
}

// ---- what the venue says
// -----------------------------------------------------------------------------------------------

OrderTracker::Owner OrderTracker::on(Time now, const wire::OpenOrder& m) {
  std::int32_t key = 0;
  Order* order = find(m.order.client_id, m.order_id, m.order.order_ref, m.order.perm_id, key);
  if (order == nullptr) return Owner::elsewhere;
  const auto before = std::exchange(order->total, m.order.total_quantity);
  learn(now, key, *order, m.order.perm_id, m.state.status);
  answer_change(*order, m.order, before);
  settle(now, key, *order);
  return Owner::ours;
}

OrderTracker::Owner OrderTracker::on(Time now, const wire::OrderStatusMessage& m) {
  std::int32_t key = 0;
  Order* order = find(m.client_id, m.order_id, {}, m.perm_id, key);
  if (order == nullptr) return Owner::elsewhere;
  order->told_filled = std::max(order->told_filled, m.filled);
  if (m.status == VenueStatus::filled && order->total.is_zero()) order->total = m.filled;  // by cash
  learn(now, key, *order, m.perm_id, m.status);
  settle(now, key, *order);
  return Owner::ours;
}

OrderTracker::Owner OrderTracker::on(Time now, Timestamp wall, const wire::ExecDetails& m, Quantity replaced) {
  std::int32_t key = 0;
  Order* order = find(m.client_id, m.order_id, m.order_ref, m.perm_id, key);
  if (order == nullptr) return Owner::elsewhere;
  const auto parts = wire::split_exec_id(m.exec_id);
  const std::string base{parts.base};
  const bool is_leg = order->is_combo && m.contract.sec_type != "BAG";
  if (const auto known = executions_.find(base); known != executions_.end()) {
    if (!is_later(parts.revision, wire::split_exec_id(known->second.fill.exec_id.str()).revision)) {
      ++counters_.repeated;
      return Owner::ours;
    }
    ++counters_.corrected;
    take_back(base, known->second);
  } else {
    execution_order_.push_back(base);
    if (!is_leg) order->known_filled = checked_sub(order->known_filled, replaced).value_or(Quantity{});
  }
  ++counters_.executions;
  learn(now, key, *order, m.perm_id, VenueStatus::pending_cancel);  // it was acknowledged, whatever it is now

  Execution execution;
  execution.order_id = key;
  execution.is_leg = is_leg;
  execution.due = now + options_.commission_wait;
  execution.fill.exec_id = ExecId{m.exec_id};
  execution.fill.qty = m.shares;
  execution.fill.price = m.price;
  const auto at = times_.read(m.time);
  if (!at) ++counters_.bad_times;
  execution.fill.ts = at.value_or(wall);
  if (!is_leg) {
    order->known_filled = sum(order->known_filled, m.shares);
    ++order->held;
    held_.push_back(base);
  }
  executions_[base] = std::move(execution);
  if (const auto early = early_costs_.find(m.exec_id); early != early_costs_.end()) {
    const auto cost = early->second;
    early_costs_.erase(early);
    std::erase(early_order_, m.exec_id);
    wire::CommissionReport report;
    report.exec_id = m.exec_id;
    report.commission = cost;
    on(now, report);
  }
  if (Order* again = find(key)) settle(now, key, *again);
  forget_oldest();
  return Owner::ours;
}

void OrderTracker::on(Time now, const wire::CommissionReport& m) {
  const auto found = executions_.find(std::string{wire::split_exec_id(m.exec_id).base});
  if (found == executions_.end() || found->second.fill.exec_id.str() != m.exec_id) {
    if (!early_costs_.insert_or_assign(m.exec_id, m.commission).second) return;
    early_order_.push_back(m.exec_id);
    if (early_order_.size() > early_costs_max) {
      early_costs_.erase(early_order_.front());
      early_order_.pop_front();
    }
    return;
  }
  auto& execution = found->second;
  Order* order = find(execution.order_id);
  if (order == nullptr) return;
  if (execution.is_told) {
    if (execution.fill.commission.is_zero() && !m.commission.is_zero() && !execution.is_leg)
      ++counters_.late_commissions;
    return;
  }
  if (execution.is_leg) {
    execution.is_told = true;
    order->leg_costs = sum(order->leg_costs, m.commission);
    return;
  }
  execution.fill.commission = m.commission;
  execution.due = now;
  tick(now);
}

std::optional<wire::Verdict> OrderTracker::on(Time now, const wire::ErrorMessage& m) {
  Order* order = find(m.req_id);
  if (order == nullptr) return std::nullopt;
  using enum wire::ErrorSubject;
  auto subject = !order->is_accepted ? new_order : live_order;
  if (order->wanted)
    subject = change;
  else if (order->is_over)
    subject = nothing;
  auto verdict = wire::judge(m, subject);
  if (order->is_cancel_asked && !order->is_over) {
    const auto of_cancel = wire::judge(m, cancel);
    if (of_cancel.effect == wire::ErrorEffect::cancel_refused || subject == live_order) verdict = of_cancel;
  }
  const auto reason = std::to_string(m.code) + " " + m.text;
  switch (verdict.effect) {
    case wire::ErrorEffect::information:
    case wire::ErrorEffect::warning:
    case wire::ErrorEffect::connection:
    case wire::ErrorEffect::request_ended:
      break;
    case wire::ErrorEffect::change_refused: {
      order->wanted.reset();
      overtaken_.erase(m.req_id);
      OrderNews news;
      news.report = OrderReport::replace_rejected;
      news.errc = verdict.errc;
      news.reason = reason;
      tell(*order, std::move(news));
      tell_reduced(*order);
      break;
    }
    case wire::ErrorEffect::cancel_refused: {
      order->is_cancel_asked = false;
      OrderNews news;
      news.report = OrderReport::cancel_rejected;
      news.errc = verdict.errc;
      news.reason = reason;
      tell(*order, std::move(news));
      break;
    }
    case wire::ErrorEffect::order_ended: {
      constexpr std::int32_t canceled_code = 202;
      const bool is_cancel = order->is_accepted || (m.code == canceled_code && order->is_cancel_asked);
      end(now, m.req_id, *order, is_cancel ? OrderReport::canceled : OrderReport::rejected, now, verdict.errc, reason);
      settle(now, m.req_id, *order);
      break;
    }
  }
  return verdict;
}

void OrderTracker::tick(Time now) {
  // In the order of their arrival: one that waits keeps back those behind it that belong to the same order.
  std::set<std::int32_t> kept_back;
  std::deque<std::string> still;
  std::set<std::int32_t> touched;
  for (auto& base : held_) {
    const auto found = executions_.find(base);
    if (found == executions_.end() || found->second.is_told) continue;
    auto& execution = found->second;
    if (execution.due > now || kept_back.contains(execution.order_id)) {
      kept_back.insert(execution.order_id);
      still.push_back(std::move(base));
      continue;
    }
    tell_fill(execution);
    touched.insert(execution.order_id);
  }
  held_ = std::move(still);
  for (auto it = overtaken_.begin(); it != overtaken_.end();) {
    Order* order = find(it->first);
    const bool waits = order != nullptr && order->wanted && it->second > now;
    if (order != nullptr && order->wanted && !waits) {
      order->wanted.reset();
      OrderNews news;
      news.report = OrderReport::replace_rejected;
      news.errc = Errc::order_not_open;
      news.reason = "the order was filled before it could be changed";
      tell(*order, std::move(news));
    }
    it = waits ? std::next(it) : overtaken_.erase(it);
  }
  touched.insert(ending_.begin(), ending_.end());
  for (const auto key : touched)
    if (Order* order = find(key)) settle(now, key, *order);
  forget_oldest();
}

// ---- one order
// ---------------------------------------------------------------------------------------------------------

OrderTracker::Order* OrderTracker::find(std::int32_t order_id) {
  const auto found = orders_.find(order_id);
  return found == orders_.end() ? nullptr : &found->second;
}

OrderTracker::Order* OrderTracker::find(std::int32_t client_id, std::int32_t order_id, const std::string& order_ref,
                                        std::int64_t perm_id, std::int32_t& key) {
  key = order_id;
  if (client_id == client_id_) {
    Order* order = find(order_id);
    // An id that belongs to another life of this client has another reference.
    if (order != nullptr && (order_ref.empty() || order->ours.str() == order_ref)) return order;
  }
  if (!order_ref.empty()) {
    const auto found = by_ref_.find(order_ref);
    if (found == by_ref_.end()) return nullptr;
    key = found->second;
    return find(key);
  }
  const auto found = by_perm_.find(perm_id);
  if (found == by_perm_.end()) return nullptr;
  key = found->second;
  return find(key);
}

void OrderTracker::learn(Time now, std::int32_t key, Order& order, std::int64_t perm_id, VenueStatus status) {
  if (perm_id != 0 && order.perm_id != perm_id) {
    order.perm_id = perm_id;
    by_perm_[perm_id] = key;
  }
  if (is_working(status) && order.perm_id != 0 && !order.is_accepted && !order.is_over) {
    order.is_accepted = true;
    OrderNews news;
    news.report = OrderReport::accepted;
    tell(order, std::move(news));
  }
  // Behind a cancel this is an old pair; an inactive order works again.
  const bool works = status == VenueStatus::submitted || status == VenueStatus::pre_submitted;
  if (works && order.ending && order.ending->is_inactive && order.ending->reason.empty()) {
    order.ending.reset();
    ending_.erase(key);
    ++counters_.revived;
  } else if (works && order.is_over && order.known_filled < order.total) {
    ++counters_.revived;
  }
  if (!is_end(status) || order.is_over) return;
  const bool is_known = order.is_accepted || order.is_cancel_asked;
  end(now, key, order, is_known ? OrderReport::canceled : OrderReport::rejected,
      order.is_cancel_asked ? now : now + options_.reason_wait, is_known ? Errc::ok : Errc::broker_rejected, {});
  order.ending->is_inactive = status == VenueStatus::inactive;
  order.ending->is_filled = false;
}

// The first end counts; a later one may give it its reason.
void OrderTracker::end(Time now, std::int32_t key, Order& order, OrderReport report, Time due, Errc errc,
                       std::string reason) {
  if (order.is_over) return;
  if (!order.ending) {
    Ending ending;
    ending.report = report;
    ending.fills_due = now + options_.fills_wait;
    ending.given_up = ending.fills_due + options_.fills_wait;
    ending.due = due;
    order.ending = std::move(ending);
    ending_.insert(key);
  }
  auto& ending = *order.ending;
  ending.due = std::min(ending.due, due);
  if (ending.reason.empty()) ending.reason = std::move(reason);
  if (ending.errc == Errc::ok) ending.errc = errc;
}

void OrderTracker::settle(Time now, std::int32_t key, Order& order) {
  if (order.is_over) return;
  const bool lacks = order.known_filled < order.told_filled;
  const bool is_filled = order.total.is_positive() && order.known_filled >= order.total && order.held == 0 && !lacks;
  if (!is_filled) {
    if (!order.ending && lacks && order.total.is_positive() && order.told_filled >= order.total) {
      // Filled, the venue says, and its executions have not come.
      end(now, key, order, OrderReport::canceled, now, Errc::ok, {});
      order.ending->is_filled = true;
    }
    if (!order.ending) return;
    auto& ending = *order.ending;
    if (now < ending.due || order.held > 0) return;
    if (lacks && now >= ending.fills_due && !std::exchange(ending.has_asked, true)) wants_executions_ = true;
    if (lacks && now < ending.given_up) return;
    if (lacks) ++counters_.missing_fills;
    if (ending.is_filled) {
      if (!lacks) return;  // the rest is still to be counted by a status
      // It can't be said to be canceled: asked for again, seldom.
      wants_executions_ = true;
      ending.given_up = now + 10 * options_.fills_wait;
      return;
    }
    OrderNews news;
    news.report = ending.report;
    news.errc = ending.report == OrderReport::rejected && ending.errc == Errc::ok ? Errc::broker_rejected : ending.errc;
    news.reason = ending.reason;
    news.may_work_again = ending.is_inactive && ending.reason.empty();
    tell(order, std::move(news));
  }
  order.is_over = true;
  order.ending.reset();
  // What becomes of a change that a fill was faster than, the venue says next, or never.
  if (is_filled && order.wanted)
    overtaken_[key] = now + options_.fills_wait;
  else
    order.wanted.reset();
  ending_.erase(key);
  over_.push_back(key);
}

void OrderTracker::tell(const Order& order, OrderNews news) {
  news.order_id = order.ours;
  news.perm_id = order.perm_id;
  news_.push_back(std::move(news));
}

void OrderTracker::tell_fill(Execution& execution) {
  execution.is_told = true;
  Order* order = find(execution.order_id);
  if (order == nullptr) return;
  if (order->held > 0) --order->held;
  execution.fill.commission = sum(execution.fill.commission, std::exchange(order->leg_costs, Money{}));
  OrderNews news;
  news.report = OrderReport::fill;
  news.fill = execution.fill;
  tell(*order, std::move(news));
}

void OrderTracker::take_back(const std::string& base, const Execution& before) {
  Order* order = find(before.order_id);
  if (order == nullptr || before.is_leg) return;
  order->known_filled = checked_sub(order->known_filled, before.fill.qty).value_or(Quantity{});
  if (!before.is_told) {
    if (order->held > 0) --order->held;
    std::erase(held_, base);
    return;
  }
  OrderNews news;
  news.report = OrderReport::busted;
  news.fill = before.fill;
  news.reason = "corrected by the venue";
  tell(*order, std::move(news));
}

void OrderTracker::answer_change(Order& order, const wire::Order& now_in_force, Quantity before) {
  const bool is_other =
      order.is_echoed && ((order.has_limit && order.limit_price != now_in_force.limit_price) ||
                          (order.has_aux && order.aux_price != now_in_force.aux_price) || order.total != before);
  order.is_echoed = true;
  order.limit_price = now_in_force.limit_price;
  order.aux_price = now_in_force.aux_price;
  if (order.is_over && !order.wanted) return;
  // What another order of its group got is taken off this one: nobody asked for that, and it comes without a word.
  const bool is_reduced = order.is_grouped && order.is_accepted && now_in_force.total_quantity < before;
  if (is_reduced) order.reduced_to = now_in_force.total_quantity;
  if (is_reduced && order.wanted)
    order.wanted->total_quantity = std::min(order.wanted->total_quantity, now_in_force.total_quantity);
  if (!order.wanted) {
    // Somebody changed it by hand, or what was asked for long ago took effect.
    if (is_other && !is_reduced && order.is_accepted && !order.ending && order.total.is_positive())
      return tell_terms(order);
    return tell_reduced(order);
  }
  if (!holds(*order.wanted, now_in_force)) return;
  OrderNews news;
  news.report = OrderReport::replaced;
  news.qty = now_in_force.total_quantity;
  if (order.wanted->limit_price) news.limit_price = now_in_force.limit_price;
  if (order.wanted->aux_price) news.aux_price = now_in_force.aux_price;
  order.wanted.reset();
  order.reduced_to.reset();
  tell(order, std::move(news));
}

void OrderTracker::tell_terms(const Order& order) {
  OrderNews news;
  news.report = OrderReport::replaced;
  news.qty = order.total;
  if (order.has_limit) news.limit_price = order.limit_price;
  if (order.has_aux) news.aux_price = order.aux_price;
  tell(order, std::move(news));
}

// With a change under way this waits: one report would be taken for the other.
void OrderTracker::tell_reduced(Order& order) {
  if (!order.reduced_to) return;
  OrderNews news;
  news.report = OrderReport::replaced;
  news.qty = std::exchange(order.reduced_to, std::nullopt);
  tell(order, std::move(news));
}

void OrderTracker::forget_oldest() {
  while (over_.size() > options_.orders_max) {
    const auto key = over_.front();
    over_.pop_front();
    const auto found = orders_.find(key);
    if (found == orders_.end() || !found->second.is_over) continue;
    const auto ref = by_ref_.find(found->second.ours.str());
    if (ref != by_ref_.end() && ref->second == key) by_ref_.erase(ref);
    by_perm_.erase(found->second.perm_id);
    orders_.erase(found);
  }
  while (execution_order_.size() > options_.executions_max) {
    executions_.erase(execution_order_.front());
    execution_order_.pop_front();
  }
}

// ---- what came of it
// -----------------------------------------------------------------------------------------------------

std::vector<OrderNews> OrderTracker::take_news() { return std::exchange(news_, {}); }

bool OrderTracker::take_wants_executions() { return std::exchange(wants_executions_, false); }

std::optional<OrderTracker::Time> OrderTracker::next_time() const {
  std::optional<Time> out;
  auto at = [&](Time t) { out = out ? std::min(*out, t) : t; };
  std::set<std::int32_t> seen;  // the first one of an order keeps the others back
  for (const auto& base : held_) {
    const auto found = executions_.find(base);
    if (found != executions_.end() && seen.insert(found->second.order_id).second) at(found->second.due);
  }
  for (const auto& [key, due] : overtaken_) at(due);
  for (const auto key : ending_) {
    const auto& order = orders_.at(key);
    const auto& ending = *order.ending;
    if (order.held > 0) continue;  // their own time comes first
    if (order.known_filled >= order.told_filled)
      at(ending.due);
    else
      at(ending.has_asked ? ending.given_up : std::max(ending.due, ending.fills_due));
  }
  return out;
}

std::optional<std::int32_t> OrderTracker::order_id_of(const OrderId& ours) const {
  const auto found = by_ref_.find(ours.str());
  return found == by_ref_.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace tradebus::ibkr::session
