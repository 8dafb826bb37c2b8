#include "tests/venues/ibgw/book.hpp"

#include <algorithm>

namespace tradebus::ibgw_sim {

void Book::tell(const Working& w, Told what) { listener_.on_order(w, what); }

// -- ends ------------------------------------------------------------------------------------------------------------

void Book::finish(Working& w, const std::string& status, const std::string& reason, Seconds now) {
  w.status = status;
  w.why_held.clear();
  w.reason = status == "Cancelled" ? "Cancelled by Trader" : reason;
  w.done = now;
  live_.erase(w.perm_id);
  listener_.on_changed(w);
  if (status == "Inactive") {
    tell(w);
    return;
  }
  tell(w, Told::status);
  listener_.on_error(w.client, w.order.id, 202, "Order Canceled - reason:" + reason);
  // What waits for it goes with it.
  const std::vector<std::int64_t> live(live_.begin(), live_.end());
  for (const std::int64_t perm_id : live) {
    if (!live_.contains(perm_id)) continue;
    Working& child = orders_.at(perm_id);
    if (child.client == w.client && child.order.parent_id == w.order.id && w.order.id != 0)
      finish(child, "Cancelled", "", now);
  }
}

void Book::cancel(int client, std::int64_t id, Seconds now) {
  Working* w = find(client, id);
  if (w == nullptr) {
    listener_.on_error(client, id, 10147,
                       "OrderId " + std::to_string(id) + " that needs to be cancelled is not found.");
    return;
  }
  if (w->final()) {
    // A cancel that met the fill on its way.
    if (w->status == "Filled" && now - w->done <= 2) {
      listener_.on_error(
          client, id, 10148,
          "OrderId " + std::to_string(id) + " that needs to be cancelled cannot be cancelled, state: Filled.");
    } else {
      listener_.on_error(
          client, id, 161,
          "Cancel attempted when order is not in a cancellable state.  Order permId =" + std::to_string(w->perm_id));
    }
    return;
  }
  if (options_.tell_pending_cancel) listener_.on_order(*w, Told::status, "PendingCancel");
  finish(*w, "Cancelled", "", now);
}

void Book::cancel_all(int client, Seconds now) {
  const std::vector<std::int64_t> live(live_.begin(), live_.end());
  for (const std::int64_t perm_id : live) {
    if (live_.contains(perm_id)) finish(orders_.at(perm_id), "Cancelled", "", now);
  }
  if (!live.empty()) return;
  for (const auto& [perm_id, w] : orders_) {
    if (w.client != client || now - w.done > 60) continue;
    listener_.on_error(
        client, w.order.id, 161,
        "Cancel attempted when order is not in a cancellable state.  Order permId =" + std::to_string(perm_id));
  }
}

void Book::on_time(Seconds now) {
  const std::vector<std::int64_t> live(live_.begin(), live_.end());
  for (const std::int64_t perm_id : live) {
    if (!live_.contains(perm_id)) continue;
    Working& w = orders_.at(perm_id);
    if (w.order.tif == "GTD" && parse_time(w.order.good_till).value_or(now + 1) <= now) {
      finish(w, "Cancelled", "", now);
    } else if (w.status == "PreSubmitted" && (!w.order.conditions.empty() || !w.order.good_after.empty())) {
      work(w, now);
    }
  }
}

void Book::set_open(bool open, Seconds now) {
  if (open == open_) return;
  const std::vector<std::int64_t> live(live_.begin(), live_.end());
  if (open) {
    open_ = true;
    on_market(now);
    return;
  }
  for (const std::int64_t perm_id : live) {
    if (!live_.contains(perm_id)) continue;
    Working& w = orders_.at(perm_id);
    if (!w.transmitted || !w.released) continue;
    const bool on_close = w.order.type == "MOC" || w.order.type == "LOC";
    if (on_close) {
      const Num price = quote_of(w, now).mark();
      const bool in = w.order.type == "MOC" || (w.order.buys() ? price <= *w.order.limit : price >= *w.order.limit);
      if (in) {
        fill(w, w.left(), price, false, now, false);
        continue;
      }
    }
    if (on_close || ((w.order.tif.empty() || w.order.tif == "DAY") && !w.order.outside_rth))
      finish(w, "Cancelled", "the day is over", now);
  }
  open_ = false;
}

// -- questions -------------------------------------------------------------------------------------------------------

std::vector<const Working*> Book::open_orders(std::optional<int> client) const {
  std::vector<const Working*> out;
  for (const std::int64_t perm_id : live_) {
    const Working& w = orders_.at(perm_id);
    if (w.transmitted && (!client || w.client == *client)) out.push_back(&w);
  }
  return out;
}

std::vector<const Working*> Book::completed(bool api_only) const {
  std::vector<const Working*> out;
  for (const auto& [perm_id, w] : orders_) {
    if (w.final() && w.transmitted && (!api_only || w.order.id > 0)) out.push_back(&w);
  }
  return out;
}

std::vector<const Working*> Book::bind() {
  std::vector<const Working*> out;
  for (const std::int64_t perm_id : live_) {
    Working& w = orders_.at(perm_id);
    if (w.client != 0 || w.order.id != 0) continue;
    w.order.id = --last_bound_;
    ids_[{0, w.order.id}] = perm_id;
    listener_.on_changed(w);
    out.push_back(&w);
  }
  return out;
}

bool Book::correct(const std::string& exec_id, Num price) {
  const auto it =
      std::find_if(executions_.begin(), executions_.end(), [&](const Execution& e) { return e.id == exec_id; });
  if (it == executions_.end()) return false;
  const std::size_t dot = it->id.rfind('.');
  const int number = std::stoi(it->id.substr(dot + 1)) + 1;
  it->id = it->id.substr(0, dot + 1) + (number < 10 ? "0" : "") + std::to_string(number);
  it->price = it->average = price;
  const auto order = orders_.find(it->perm_id);
  if (order == orders_.end()) return false;
  const Execution corrected = *it;
  listener_.on_execution(order->second, corrected);
  listener_.on_commission(order->second, corrected);
  return true;
}

// -- the state of another run ----------------------------------------------------------------------------------------

void Book::restore(Working w) {
  const std::int64_t perm_id = w.perm_id;
  last_perm_ = std::max(last_perm_, perm_id);
  if (w.order.id != 0) ids_[{w.client, w.order.id}] = perm_id;
  if (w.order.id < 0) last_bound_ = std::min(last_bound_, w.order.id);
  if (w.order.id > 0) next_ids_[w.client] = std::max(next_id(w.client), w.order.id + 1);
  if (w.final()) {
    live_.erase(perm_id);
  } else {
    live_.insert(perm_id);
  }
  orders_.insert_or_assign(perm_id, std::move(w));
}

void Book::restore(Execution execution) {
  // A correction differs in the last number.
  const auto base = [](const std::string& id) { return id.substr(0, id.rfind('.')); };
  for (Execution& known : executions_) {
    if (base(known.id) == base(execution.id)) {
      known = std::move(execution);
      return;
    }
  }
  executions_.push_back(std::move(execution));
}

void Book::forget_old() {
  while (orders_.size() > options_.orders_max) {
    const auto old = std::find_if(orders_.begin(), orders_.end(), [](const auto& one) { return one.second.final(); });
    if (old == orders_.end()) return;
    ids_.erase({old->second.client, old->second.order.id});
    orders_.erase(old);
  }
}

}  // namespace tradebus::ibgw_sim
