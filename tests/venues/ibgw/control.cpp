#include "tests/venues/ibgw/control.hpp"

#include <simdjson.h>

#include "tests/venues/massive/json.hpp"

namespace tradebus::ibgw_sim {
namespace {

using massive_sim::Json;

struct Refused {
  std::string why;
};

// A body's fields; an empty body has none.
class Fields {
 public:
  explicit Fields(const std::string& body) : empty_(body.empty()) {
    if (!empty_ && parser_.parse(body).get(root_) != simdjson::SUCCESS) throw Refused{"the body is no JSON"};
  }
  std::optional<std::string> text(const char* name) const {
    std::string_view value;
    if (empty_ || root_[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return std::string(value);
  }
  std::optional<std::int64_t> integer(const char* name) const {
    std::int64_t value = 0;
    if (empty_ || root_[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
  }
  std::optional<int> small(const char* name) const {
    const auto value = integer(name);
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
  }
  bool flag(const char* name, bool otherwise) const {
    bool value = otherwise;
    if (!empty_) static_cast<void>(root_[name].get(value) == simdjson::SUCCESS);
    return value;
  }
  // Text, so that it is exact; a number will do.
  Maybe number(const char* name) const {
    if (const auto value = text(name)) return Num::parse(*value);
    double value = 0;
    if (empty_ || root_[name].get(value) != simdjson::SUCCESS || value > 1e9 || value < -1e9) return std::nullopt;
    return Num::from_double(value, Num::from_raw(1000));
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  bool empty_;
};

const Contract& contract_of(const Fields& fields, const Contracts& contracts) {
  const Contract* found = nullptr;
  if (const auto id = fields.integer("con_id")) found = contracts.find(*id);
  if (const auto symbol = fields.text("symbol")) found = contracts.by_symbol(*symbol);
  if (found == nullptr) throw Refused{"symbol or con_id: none that is known"};
  return *found;
}

// placeOrder at 178 with nothing but this.
std::string typed_order(const Contract& c, const Fields& fields, const std::string& account) {
  Msg out{3};
  out << 0 << c.con_id << c.symbol << c.sec_type << c.expiry << c.strike << c.right << c.multiplier << "SMART"
      << "" << c.currency << ""
      << ""
      << ""
      << "" << fields.text("action").value_or("BUY") << fields.number("quantity").value_or(Num{1})
      << fields.text("type").value_or("LMT");
  for (const char* key : {"limit", "aux"}) {
    if (const Maybe price = fields.number(key)) {
      out << *price;
    } else {
      out << "";
    }
  }
  out << fields.text("tif").value_or("DAY") << "" << account << "" << 0 << "" << 1 << 0;
  const auto blanks = [&](int count) {
    while (count-- > 0) out << "";
  };
  blanks(16);
  out << -1;  // exemptCode, field 45
  blanks(36);
  const std::string algo = fields.text("algo").value_or("");  // field 82
  out << algo;
  if (!algo.empty()) out << 0;
  blanks(31);
  return out.payload();
}

void put_order(Json& json, const Working& w) {
  json.begin_object()
      .field("perm_id", w.perm_id)
      .field("client", w.client)
      .field("order_id", w.order.id)
      .field("symbol", w.contract.symbol)
      .field("con_id", w.contract.con_id)
      .field("account", w.order.account)
      .field("action", w.order.action)
      .field("type", w.order.type)
      .field("algo", w.order.algo)
      .field("quantity", w.order.quantity.text())
      .field("filled", w.filled.text())
      .field("status", w.status)
      .field("order_ref", w.order.ref)
      .field("transmitted", w.transmitted);
  if (w.order.limit) json.field("limit", w.order.limit->text());
  if (!w.order.oca_group.empty()) json.field("oca_group", w.order.oca_group);
  json.end_object();
}

}  // namespace

std::string Control::stats() const {
  Json json;
  json.begin_object().key("clients").begin_array();
  for (const Peer* peer : gateway_.peers()) {
    json.begin_object();
    if (peer->client) json.field("client", *peer->client);
    json.field("version", peer->sv).field("received", peer->received).field("sent", peer->sent);
    json.field("lines", peer->lines.size()).field("ticks", peer->ticks.size()).end_object();
  }
  json.end_array().key("requests").begin_object();
  for (const auto& [id, count] : gateway_.requests()) json.field(std::to_string(id), count);
  json.end_object().field("faults_armed", faults_.armed()).field("connected", !gateway_.lost());
  json.end_object();
  return json.take();
}

std::string Control::orders() const {
  Json json;
  json.begin_array();
  for (const auto& [perm_id, w] : gateway_.book().orders()) put_order(json, w);
  json.end_array();
  return json.take();
}

std::string Control::executions() const {
  Json json;
  json.begin_array();
  for (const Execution& e : gateway_.book().executions()) {
    json.begin_object().field("exec_id", e.id).field("perm_id", e.perm_id).field("client", e.client);
    json.field("order_id", e.order_id).field("order_ref", e.ref).field("con_id", e.contract.con_id);
    json.field("symbol", e.contract.symbol)
        .field("sec_type", e.contract.sec_type)
        .field("side", e.bought ? "BOT" : "SLD");
    json.field("quantity", e.quantity.text()).field("price", e.price.text()).field("commission", e.commission.text());
    json.end_object();
  }
  json.end_array();
  return json.take();
}

std::string Control::positions() const {
  Json json;
  json.begin_array();
  for (const Account& account : gateway_.accounts().all()) {
    for (const auto& [id, held] : account.holdings) {
      json.begin_object().field("account", account.name).field("con_id", id);
      json.field("quantity", held.quantity.text()).field("price", held.price.text()).end_object();
    }
  }
  json.end_array();
  return json.take();
}

ControlReply Control::call(std::string_view method, std::string_view path, const std::string& body) try {
  const bool post = method == "POST";
  if (method == "GET") {
    if (path == "/stats") return {200, stats()};
    if (path == "/orders") return {200, orders()};
    if (path == "/executions") return {200, executions()};
    if (path == "/positions") return {200, positions()};
  }
  if (path == "/faults" && method == "DELETE") {
    faults_.clear();
    return {};
  }
  const Fields fields{body};
  const auto client = fields.small("client");
  if (path == "/faults" && post) {
    const auto kind = parse_fault(fields.text("kind").value_or(""));
    if (!kind) throw Refused{"kind must be one of " + std::string(fault_names)};
    const Fault fault{*kind, static_cast<std::size_t>(std::max<std::int64_t>(0, fields.integer("count").value_or(1))),
                      fields.small("delay_ms").value_or(200), client};
    if (!faults_.arm(fault)) throw Refused{"too many faults are armed: DELETE /faults"};
  } else if (path == "/refuse" && post) {
    gateway_.book().refuse(static_cast<std::size_t>(std::max<std::int64_t>(0, fields.integer("count").value_or(1))),
                           fields.small("code").value_or(201),
                           fields.text("text").value_or("Order rejected - reason:refused"),
                           fields.text("advanced").value_or(""));
  } else if (path == "/quote" && post) {
    const Contract& contract = contract_of(fields, gateway_.contracts());
    const Num size = 100;
    gateway_.quote(contract.con_id, fields.number("bid"), fields.number("bid_size").value_or(size),
                   fields.number("ask"), fields.number("ask_size").value_or(size));
  } else if (path == "/trade" && post) {
    const Contract& contract = contract_of(fields, gateway_.contracts());
    const Maybe price = fields.number("price");
    if (!price) throw Refused{"price is missing"};
    gateway_.trade(contract.con_id, *price, fields.number("size").value_or(Num{100}));
  } else if (path == "/play" && post) {
    server_.play(static_cast<std::size_t>(std::clamp<std::int64_t>(fields.integer("rows").value_or(1), 0, 1'000'000)));
  } else if (path == "/cut" && post) {
    server_.cut(client, fields.flag("reset", false) ? Ending::reset : Ending::close);
  } else if (path == "/half_open" && post) {
    server_.half_open(client, fields.flag("on", true));
  } else if (path == "/restart" && post) {
    server_.restart(fields.small("down_ms").value_or(1000));
  } else if (path == "/connectivity" && post) {
    const int code = fields.small("code").value_or(0);
    if (code != 1100 && code != 1101 && code != 1102) throw Refused{"code must be 1100, 1101 or 1102"};
    gateway_.connectivity(code);
  } else if (path == "/farm" && post) {
    gateway_.farm(fields.text("name").value_or("usfarm"), fields.flag("up", true));
  } else if (path == "/notice" && post) {
    gateway_.notice(fields.integer("id").value_or(no_request), fields.small("code").value_or(2104),
                    fields.text("text").value_or(""));
  } else if (path == "/data" && post) {
    const std::string kind = fields.text("delivered").value_or("live");
    if (kind != "live" && kind != "delayed" && kind != "none") throw Refused{"delivered must be live, delayed or none"};
    gateway_.set_data(kind == "live"      ? Delivered::live
                      : kind == "delayed" ? Delivered::delayed
                                          : Delivered::none,
                      fields.flag("competing", false));
  } else if (path == "/session" && post) {
    gateway_.book().set_open(fields.flag("open", true), gateway_.now());
  } else if (path == "/order" && post) {
    const Contract& contract = contract_of(fields, gateway_.contracts());
    gateway_.order_by_hand(
        typed_order(contract, fields, fields.text("account").value_or(gateway_.accounts().all().front().name)));
  } else if (path == "/correct" && post) {
    const Maybe price = fields.number("price");
    if (!price || !gateway_.book().correct(fields.text("exec_id").value_or(""), *price))
      throw Refused{"exec_id of an execution, and price"};
  } else if (path == "/next_id" && post) {
    if (!client) throw Refused{"client is missing"};
    gateway_.book().set_next_id(*client, fields.integer("id").value_or(1));
  } else if (path == "/send" && post) {
    std::string payload;
    for (const char c : fields.text("fields").value_or("")) payload.push_back(c == '|' ? '\0' : c);
    server_.send_raw(client, payload);
  } else {
    return {404,
            R"({"error":"GET /stats, /orders, /executions, /positions; POST and DELETE /faults; POST /refuse, /quote, )"
            R"(/trade, /play, /cut, /half_open, /restart, /connectivity, /farm, /notice, /data, /session, /order, )"
            R"(/correct, /next_id, /send"})"};
  }
  return {};
} catch (const Refused& refused) {
  return {400, Json{}.begin_object().field("error", refused.why).end_object().text()};
} catch (const BadMessage& bad) {
  return {400, Json{}.begin_object().field("error", bad.what()).end_object().text()};
}

}  // namespace tradebus::ibgw_sim
