// Orders that come in: what is wrong with them, changes, families that wait for their last member.
#include <algorithm>

#include "tests/venues/ibgw/book.hpp"

namespace tradebus::ibgw_sim {
namespace {

constexpr ConId combo_con_id = 28812380;
constexpr Num most = 10'000'000;  // sizes and prices: what is made of them still fits
constexpr std::int64_t ratio_max = 1000;

bool one_of(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool needs_limit(const Order& o) { return one_of(o.type, {"LMT", "STP LMT", "LIT", "LOC"}); }
bool needs_aux(const Order& o) { return one_of(o.type, {"STP", "STP LMT", "MIT", "LIT"}); }
bool stop_family(const std::string& type) { return type.starts_with("STP") || type.starts_with("TRAIL"); }

// What is wrong whatever the contract is; code 321.
std::string invalid(const Order& o, Seconds now) {
  if (!one_of(o.action, {"BUY", "SELL", "SSHORT", "SLONG"})) return "Invalid action: " + o.action;
  if (!one_of(o.type, {"MKT", "LMT", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MIT", "LIT", "MOC", "LOC", "MTL", "REL",
                       "MIDPRICE", "PEG MID"}))
    return "Invalid order type was entered: " + o.type;
  if (needs_limit(o) && !o.limit) return "Missing or invalid limit price";
  if (needs_aux(o) && !o.aux) return "Missing or invalid aux price";
  if (o.type.starts_with("TRAIL") && (o.aux.value_or(Num{}).zero() == o.trailing_percent.value_or(Num{}).zero()))
    return "You must specify either a trailing amount or a trailing percent";
  if (o.type == "TRAIL LIMIT" && o.limit.has_value() == o.limit_offset.has_value())
    return "You must specify one value: limit price or limit price offset value.";
  if (!one_of(o.tif, {"", "DAY", "GTC", "IOC", "GTD", "OPG", "FOK", "DTC", "AUC"}))
    return "Invalid time in force: " + o.tif;
  for (const std::string& time : {o.good_till, o.good_after}) {
    if (time.empty()) continue;
    const auto at = parse_time(time);
    if (!at) return "Invalid date or time: " + time;
    if (&time == &o.good_till && *at <= now) return "The time in force has ended: " + time;
  }
  if (o.tif == "GTD" && o.good_till.empty()) return "A good till date must be set";
  if (o.quantity.negative() || o.quantity > most) return "Invalid size value";
  for (const Maybe& price : {o.limit, o.aux, o.trail_stop, o.limit_offset, o.trailing_percent})
    if (price && price->abs() > most) return "Invalid price";
  return {};
}

// The algos that a paper account had for a stock, and what they take.
const std::map<std::string_view, std::vector<std::string_view>>& algos() {
  static const std::map<std::string_view, std::vector<std::string_view>> all{
      {"Adaptive", {"adaptivePriority"}},
      {"Vwap", {"maxPctVol", "startTime", "endTime", "allowPastEndTime", "noTakeLiq"}},
      {"Twap", {"startTime", "endTime", "allowPastEndTime"}},
      {"ArrivalPx", {"maxPctVol", "riskAversion", "startTime", "endTime", "forceCompletion", "allowPastEndTime"}},
      {"DarkIce", {"displaySize", "startTime", "endTime", "allowPastEndTime"}},
      {"PctVol", {"pctVol", "startTime", "endTime", "noTakeLiq"}},
      {"AD",
       {"componentSize", "timeBetweenOrders", "randomizeTime20", "randomizeSize55", "giveUp", "catchUp", "waitForFill",
        "startTime", "endTime"}},
      {"ClosePx", {"maxPctVol", "riskAversion", "startTime", "forceCompletion"}}};
  return all;
}

// Code and text of what is wrong with the order's algo.
std::pair<int, std::string> wrong_algo(const Order& o) {
  if (o.algo.empty()) return {};
  const auto algo = algos().find(o.algo);
  if (algo == algos().end()) return {439, "Order processing failed. Algorithm definition not found"};
  if (!one_of(o.type, {"MKT", "LMT"}) || o.contract.sec_type == "BAG")
    return {442, "Specified algorithm is not allowed for this order."};
  for (const auto& [tag, value] : o.algo_params) {
    if (std::find(algo->second.begin(), algo->second.end(), tag) == algo->second.end())
      return {443, "Order processing failed. Unknown algo attribute:" + tag};
    const bool bad = (tag == "adaptivePriority" && !one_of(value, {"Urgent", "Normal", "Patient"})) ||
                     ((tag == "startTime" || tag == "endTime") && !value.empty() && !parse_time(value)) ||
                     ((tag == "maxPctVol" || tag == "pctVol") && !Num::parse(value));
    if (bad) return {441, "Algo attributes validation failed: " + tag + " - " + value};
  }
  return {};
}

std::string cause(const std::string& why) { return "Error validating request.-'bS' : cause - " + why; }

}  // namespace

Working* Book::find(int client, std::int64_t id) {
  const auto it = ids_.find({client, id});
  return it == ids_.end() ? nullptr : &orders_.at(it->second);
}

std::int64_t Book::next_id(int client) const {
  const auto it = next_ids_.find(client);
  return it == next_ids_.end() ? 1 : it->second;
}

void Book::refuse(std::size_t count, int code, std::string text, std::string advanced) {
  refusal_ = {count, code, std::move(text), std::move(advanced)};
}

// Finds what is traded.
bool Book::resolve(Working& w, std::string& why) {
  const ContractQuery& q = w.order.contract;
  if (q.sec_type == "BAG") {
    if (w.order.legs.empty()) why = "The contract has no legs";
    for (const ComboLeg& leg : w.order.legs) {
      const Contract* found = contracts_.find(leg.con_id);
      if (found == nullptr) why = "No security definition has been found for the leg " + std::to_string(leg.con_id);
      if (leg.ratio <= 0 || leg.ratio > ratio_max || !one_of(leg.action, {"BUY", "SELL", "SSHORT"}))
        why = "Invalid leg";
    }
    Contract& c = w.contract;
    c.con_id = combo_con_id;
    c.symbol = c.local_symbol = c.trading_class = q.symbol;
    c.sec_type = "BAG";
    c.exchange = q.exchange;
    c.currency = q.currency.empty() ? "USD" : q.currency;
    c.min_tick = Num::from_raw(Num::scale / 100);
    return why.empty();
  }
  const auto found = contracts_.matches(q);
  std::set<ConId> ids;
  for (const Contract& one : found) ids.insert(one.con_id);
  if (ids.empty()) why = "No security definition has been found for the request";
  if (ids.size() > 1) why = "The contract description specified for " + q.symbol + " is ambiguous.";
  if (!why.empty()) return false;
  w.contract = found.front();
  if (!q.exchange.empty()) w.contract.exchange = q.exchange;
  return true;
}

std::string Book::price_fault(const Order& o, const Contract& contract) const {
  const auto wrong = [&](const Maybe& price) { return price && !price->multiple_of(contract.min_tick); };
  if (wrong(o.limit) || (!o.type.starts_with("TRAIL") && wrong(o.aux)))
    return "The price does not conform to the minimum price variation for this contract.";
  return {};
}

// Faults that need the contract and the account. Tells them.
bool Book::refused(const Working& w, int client) {
  const Order& o = w.order;
  const auto say = [&](int code, const std::string& text) {
    listener_.on_error(client, o.id, code, text);
    return true;
  };
  if (!accounts_.has(o.account)) return say(321, cause("Invalid account code '" + o.account + "'."));
  if (o.quantity.zero()) return say(434, "The order size cannot be zero.");
  if (w.contract.sec_type == "IND") return say(460, "No trading permissions.");
  if (!o.quantity.multiple_of(Num{1})) {
    if (w.sv < 163) return say(10285, "Your API version does not support fractional size rules. Please upgrade.");
    if (w.contract.sec_type != "STK")
      return say(201, "Order rejected - reason:Fractional sizes are not supported for this contract.");
  }
  if (const std::string why = price_fault(o, w.contract); !why.empty()) return say(110, why);
  return false;
}

// As a paper account had it, whatever the group's type: once one of its orders is filled nothing else gets in.
bool Book::group_is_filled(const Order& order) const {
  if (order.oca_group.empty()) return false;
  return std::any_of(orders_.begin(), orders_.end(), [&](const auto& each) {
    const Working& other = each.second;
    return other.status == "Filled" && other.order.oca_group == order.oca_group && other.order.account == order.account;
  });
}

void Book::place(int client, int sv, std::string_view request, Seconds now) { place(client, sv, request, false, now); }

void Book::place_by_hand(std::string_view request, Seconds now) { place(0, 178, request, true, now); }

void Book::place(int client, int sv, std::string_view request, bool by_hand, Seconds now) {
  Order order = read_order(sv, request);
  const std::int64_t id = order.id;
  if (order.account.empty() && accounts_.all().size() == 1) order.account = accounts_.all().front().name;
  Working* known = by_hand ? nullptr : find(client, id);
  const auto say = [&](int code, const std::string& text) { listener_.on_error(client, id, code, text); };
  if (options_.read_only) {
    say(321, cause("The API interface is currently in Read-Only mode."));
    return;
  }
  if (const std::string why = invalid(order, now); !why.empty()) {
    say(321, cause(why));
    return;
  }
  if (const auto [code, why] = wrong_algo(order); code != 0) {
    say(code, why);
    return;
  }
  if (order.tif == "IOC" || order.tif == "FOK") order.outside_rth = false;
  if (known != nullptr && !order.what_if) {
    modify(*known, std::move(order), sv, request, now);
    return;
  }
  if (known == nullptr && !by_hand && (id < next_id(client) || id <= 0)) {
    say(103, "Duplicate order id");
    return;
  }
  Working w;
  w.order = std::move(order);
  w.request = std::string(request);
  w.sv = sv;
  w.client = client;
  w.placed = now;
  std::string why;
  if (!resolve(w, why)) {
    say(200, why);
    return;
  }
  if (refused(w, client)) return;
  if (w.order.parent_id != 0 && find(client, w.order.parent_id) == nullptr) {
    say(135, "Can't find order with id =" + std::to_string(w.order.parent_id));
    return;
  }
  if (w.order.what_if) {
    w.status = "PreSubmitted";
    listener_.on_what_if(w, margins(w, now));
    return;
  }
  if (!by_hand) next_ids_[client] = std::max(next_id(client), id + 1);
  if (refusal_.count > 0) {
    --refusal_.count;
    listener_.on_error(client, id, refusal_.code, refusal_.text, refusal_.advanced);
    return;
  }
  if (group_is_filled(w.order)) {
    say(201, "Order rejected - reason:OCA group is already filled.");
    return;
  }
  const Margins after = margins(w, now);
  if (after.init_after > after.equity_after && after.init_after > after.init_before) {
    listener_.on_error(
        client, id, 201,
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR "
        "EQUITY WITH LOAN VALUE [" +
            after.equity_after.text() + " USD] MUST EXCEED THE INITIAL MARGIN [" + after.init_after.text() + " USD]",
        R"({"errorCode":8229})");
    return;
  }
  w.perm_id = ++last_perm_;
  w.transmitted = w.order.transmit;
  const std::int64_t perm_id = w.perm_id;
  if (!by_hand) ids_[{client, id}] = perm_id;
  live_.insert(perm_id);
  enter(orders_.emplace(perm_id, std::move(w)).first->second, now);
  forget_old();
}

void Book::enter(Working& w, Seconds now) {
  listener_.on_changed(w);
  if (!w.transmitted) return;
  if (w.order.parent_id != 0) {
    transmit_family(w, now);
  } else {
    start(w, now);
  }
}

// The last child brings the others with it.
void Book::transmit_family(Working& w, Seconds now) {
  std::vector<Working*> family;
  for (const std::int64_t perm_id : live_) {
    Working& other = orders_.at(perm_id);
    if (other.client != w.client || other.transmitted) continue;
    if (other.order.id == w.order.parent_id || other.order.parent_id == w.order.parent_id) family.push_back(&other);
  }
  for (Working* member : family) member->transmitted = true;
  family.push_back(&w);
  for (Working* member : family) {
    if (!member->final()) start(*member, now);
  }
}

void Book::start(Working& w, Seconds now) {
  const Working* parent = w.order.parent_id == 0 ? nullptr : find(w.client, w.order.parent_id);
  w.released = parent == nullptr || parent->status == "Filled";
  if (parent != nullptr && parent->final() && parent->status != "Filled") {
    finish(w, "Cancelled", "the parent is no more", now);
    return;
  }
  w.status = "PreSubmitted";
  w.stop = stop_family(w.order.type) && !w.order.type.starts_with("TRAIL") ? w.order.aux : w.order.trail_stop;
  const bool waits = stop_family(w.order.type) || one_of(w.order.type, {"MIT", "LIT"});
  w.why_held = !w.released ? (waits ? "child,trigger" : "child") : waits ? "trigger" : "";
  tell(w);
  if (!open_ && !w.order.outside_rth && w.contract.sec_type != "CASH") {
    listener_.on_error(w.client, w.order.id, 399,
                       "Order Message:\n" + w.order.action + ' ' + w.quantity().text() + ' ' + w.contract.symbol + ' ' +
                           w.contract.exchange +
                           "\nWarning: Your order will not be placed at the exchange until the market opens.");
    tell(w);
  }
  work(w, now);
}

void Book::modify(Working& w, Order order, int sv, std::string_view request, Seconds now) {
  const auto say = [&](int code, const std::string& text) { listener_.on_error(w.client, w.order.id, code, text); };
  if (w.final()) {
    if (w.status == "Filled") {
      say(104, "Cannot modify a filled order.");
    } else {
      say(103, "Duplicate order id");
    }
    return;
  }
  Working changed = w;
  changed.order = std::move(order);
  std::string why;
  const bool found = resolve(changed, why);
  if (!found || changed.contract.con_id != w.contract.con_id || changed.order.action != w.order.action ||
      changed.order.account != w.order.account || changed.order.legs.size() != w.order.legs.size()) {
    say(105, "Order being modified does not match original order.");
    return;
  }
  if (changed.order.algo != w.order.algo) {
    say(440, "Order modify failed. Algorithm cannot be modified.");
    return;
  }
  if (stop_family(changed.order.type) != stop_family(w.order.type)) {
    say(329, "Order modify failed. Cannot change to the new order type. : " + changed.order.type);
    return;
  }
  if (const std::string fault = price_fault(changed.order, w.contract); !fault.empty()) {
    say(110, fault);
    return;
  }
  if (changed.order.quantity <= w.filled) {
    say(321, cause("The new size is not above what is filled"));
    return;
  }
  const bool now_transmitted = changed.order.transmit && !w.transmitted;
  changed.request = std::string(request);
  changed.sv = sv;
  if (now_transmitted) changed.transmitted = true;
  if (changed.order.aux != w.order.aux || changed.order.trail_stop != w.order.trail_stop)
    changed.stop = changed.order.type.starts_with("TRAIL") ? changed.order.trail_stop : changed.order.aux;
  if (!stop_family(changed.order.type)) changed.stop.reset();
  w = std::move(changed);
  if (now_transmitted) {
    enter(w, now);
    return;
  }
  listener_.on_changed(w);
  if (!w.transmitted) return;
  tell(w);
  work(w, now, true);
}

std::vector<std::pair<ConId, Num>> Book::changes(const Working& w, Num quantity) const {
  const Num signed_quantity = w.order.buys() ? quantity : -quantity;
  if (!w.contract.bag()) return {{w.contract.con_id, signed_quantity}};
  std::vector<std::pair<ConId, Num>> out;
  for (const Leg& leg : w.order.combo()) {
    const Num ratio = Num::from_raw(Int128{leg.ratio} * Num::scale);
    out.emplace_back(leg.con_id, leg.buys ? signed_quantity * ratio : -(signed_quantity * ratio));
  }
  return out;
}

Margins Book::margins(const Working& w, Seconds now) const {
  const Account& account = *accounts_.find(w.order.account);
  const auto before = accounts_.worth(account, now);
  Num paid;
  for (const auto& [id, change] : changes(w, w.quantity())) {
    const Contract* contract = contracts_.find(id);
    if (contract != nullptr) paid += change * accounts_.mark(id, now) * contract->size();
  }
  Margins out;
  const Num price = w.order.limit.value_or(quote_of(w, now).mark());
  out.commission = commission(w, w.quantity(), price.abs());
  const auto after = accounts_.worth_after(account, changes(w, w.quantity()), paid + out.commission, now);
  out.init_before = before.init;
  out.maint_before = before.maint;
  out.equity_before = before.net;
  out.init_after = after.init;
  out.maint_after = after.maint;
  out.equity_after = after.net;
  return out;
}

}  // namespace tradebus::ibgw_sim
