#include "tests/venues/ibgw/state.hpp"

#include <filesystem>
#include <stdexcept>

namespace tradebus::ibgw_sim {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\0':
        out += "\\0";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case '0':
        out += '\0';
        break;
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

// Empty cells too.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find('\t', at), line.size());
    out.push_back(unescape(line.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

std::string text(const Maybe& number) { return number ? number->text() : ""; }
std::string text(bool flag) { return flag ? "1" : "0"; }
template <class T>
std::string text(T number) requires std::is_integral_v<T> {
  return std::to_string(number);
}
std::string text(Num number) { return number.text(); }

// Reads cells one after the other.
class Cells {
 public:
  explicit Cells(const std::vector<std::string>& cells) : cells_(cells) {}
  const std::string& string() { return cells_.at(next_++); }
  std::int64_t integer() { return std::stoll(string()); }
  bool flag() { return string() == "1"; }
  Maybe maybe() { return Num::parse(string()); }
  Num number() { return maybe().value_or(Num{}); }

 private:
  const std::vector<std::string>& cells_;
  std::size_t next_ = 1;
};

std::vector<std::string> row(const Working& w) {
  return {"order",
          text(w.perm_id),
          text(w.client),
          text(w.sv),
          w.request,
          w.order.account,
          text(w.order.id),
          text(w.order.quantity),
          w.status,
          text(w.filled),
          text(w.paid),
          text(w.last_price),
          text(w.commission),
          text(w.stop),
          text(w.triggered),
          text(w.released),
          text(w.transmitted),
          text(w.placed),
          text(w.done),
          text(w.fills),
          w.why_held,
          w.reason,
          text(w.contract.con_id),
          w.contract.exchange};
}

Working read_working(Cells in, const Contracts& contracts) {
  Working w;
  w.perm_id = in.integer();
  w.client = static_cast<int>(in.integer());
  w.sv = static_cast<int>(in.integer());
  w.request = in.string();
  w.order = read_order(w.sv, w.request);
  w.order.account = in.string();
  w.order.id = in.integer();
  w.order.quantity = in.number();
  w.status = in.string();
  w.filled = in.number();
  w.paid = in.number();
  w.last_price = in.number();
  w.commission = in.number();
  w.stop = in.maybe();
  w.triggered = in.flag();
  w.released = in.flag();
  w.transmitted = in.flag();
  w.placed = in.integer();
  w.done = in.integer();
  w.fills = static_cast<int>(in.integer());
  w.why_held = in.string();
  w.reason = in.string();
  const ConId con_id = in.integer();
  if (const Contract* known = contracts.find(con_id)) {
    w.contract = *known;
  } else {  // a combo, or an option of the past
    const ContractQuery& q = w.order.contract;
    w.contract.con_id = con_id;
    w.contract.symbol = w.contract.local_symbol = w.contract.trading_class = q.symbol;
    w.contract.sec_type = q.sec_type;
    w.contract.expiry = q.expiry;
    w.contract.strike = q.strike;
    w.contract.right = q.right;
    w.contract.multiplier = q.multiplier;
    w.contract.currency = q.currency;
    w.contract.min_tick = Num::from_raw(Num::scale / 100);
  }
  w.contract.exchange = in.string();
  return w;
}

std::vector<std::string> row(const Execution& e) {
  const Contract& c = e.contract;
  return {"exec",
          e.id,
          e.account,
          e.exchange,
          e.ref,
          text(c.con_id),
          c.symbol,
          c.sec_type,
          c.expiry,
          text(c.strike),
          c.right,
          c.multiplier,
          c.exchange,
          c.currency,
          c.local_symbol,
          c.trading_class,
          text(e.order_id),
          text(e.perm_id),
          text(e.client),
          text(e.bought),
          text(e.quantity),
          text(e.price),
          text(e.total),
          text(e.average),
          text(e.commission),
          text(e.realized),
          text(e.liquidity),
          text(e.time)};
}

Execution read_execution(Cells in) {
  Execution e;
  e.id = in.string();
  e.account = in.string();
  e.exchange = in.string();
  e.ref = in.string();
  Contract& c = e.contract;
  c.con_id = in.integer();
  c.symbol = in.string();
  c.sec_type = in.string();
  c.expiry = in.string();
  c.strike = in.number();
  c.right = in.string();
  c.multiplier = in.string();
  c.exchange = in.string();
  c.currency = in.string();
  c.local_symbol = in.string();
  c.trading_class = in.string();
  e.order_id = in.integer();
  e.perm_id = in.integer();
  e.client = static_cast<int>(in.integer());
  e.bought = in.flag();
  e.quantity = in.number();
  e.price = in.number();
  e.total = in.number();
  e.average = in.number();
  e.commission = in.number();
  e.realized = in.maybe();
  e.liquidity = static_cast<int>(in.integer());
  e.time = in.integer();
  return e;
}

}  // namespace

State::State(std::string file, Book& book, Accounts& accounts, const Contracts& contracts)
    : file_(std::move(file)), book_(book), accounts_(accounts) {
  if (file_.empty()) return;
  load(contracts);
  save_all();
}

void State::load(const Contracts& contracts) {
  std::ifstream in(file_, std::ios::binary);
  std::string text_line;
  std::vector<std::vector<std::string>> event;  // its last line is the one with the ids; half an event didn't happen
  for (std::size_t number = 1; std::getline(in, text_line); ++number) {
    if (in.eof()) break;  // it has no end
    event.push_back(cells_of(text_line));
    if (event.back().front() != "ids") continue;
    for (const auto& cells : std::exchange(event, {})) {
      try {
        load_line(cells, contracts);
      } catch (const std::exception& error) {
        throw std::runtime_error(file_ + ": in the lines before " + std::to_string(number) + ": " + error.what());
      }
    }
  }
}

void State::load_line(const std::vector<std::string>& cells, const Contracts& contracts) {
  Cells in{cells};
  const std::string& kind = cells.at(0);
  if (kind == "order") {
    book_.restore(read_working(in, contracts));
  } else if (kind == "exec") {
    book_.restore(read_execution(in));
  } else if (kind == "ids") {
    const std::int64_t perm_id = in.integer();
    book_.restore_next(perm_id, static_cast<std::uint64_t>(in.integer()));
  } else if (kind == "next") {
    const int client = static_cast<int>(in.integer());
    book_.set_next_id(client, in.integer());
  } else if (kind == "account") {
    const std::string name = in.string();
    accounts_.add(name, {});
    Account& account = *accounts_.find(name);
    account.cash = in.number();
    account.start = in.number();
    account.realized = in.number();
  } else if (kind == "holding") {
    const std::string name = in.string();
    accounts_.add(name, {});
    const ConId id = in.integer();
    if (contracts.find(id) == nullptr) return;  // an option that has expired since
    Holding& held = accounts_.find(name)->holdings[id];
    held.quantity = in.number();
    held.price = in.number();
    held.realized = in.number();
  } else {
    throw std::runtime_error("unknown kind: " + kind);
  }
}

void State::save_all() {
  const std::string fresh = file_ + ".new";
  out_.open(fresh, std::ios::binary | std::ios::trunc);
  for (const Account& a : accounts_.all()) account(a);
  for (const auto& [perm_id, w] : book_.orders()) order(w);
  for (const Execution& e : book_.executions()) execution(e);
  for (const auto& [client, id] : book_.next_ids()) next_id(client, id);
  commit();
  if (!out_) throw std::runtime_error("can't write " + fresh);
  std::filesystem::rename(fresh, file_);
}

void State::line(const std::vector<std::string>& cells) {
  if (file_.empty()) return;
  dirty_ = true;
  for (std::size_t i = 0; i < cells.size(); ++i) out_ << (i == 0 ? "" : "\t") << escape(cells[i]);
  out_ << '\n';
}

void State::order(const Working& w) { line(row(w)); }
void State::execution(const Execution& e) { line(row(e)); }
void State::next_id(int client, std::int64_t id) { line({"next", text(client), text(id)}); }

void State::account(const Account& a) {
  line({"account", a.name, text(a.cash), text(a.start), text(a.realized)});
  for (const auto& [id, held] : a.holdings)
    line({"holding", a.name, text(id), text(held.quantity), text(held.price), text(held.realized)});
}

void State::commit() {
  if (!dirty_) return;
  line({"ids", text(book_.last_perm()), text(static_cast<std::int64_t>(book_.last_exec()))});
  out_.flush();
  if (!out_) throw std::runtime_error("can't write " + file_);
  dirty_ = false;
}

}  // namespace tradebus::ibgw_sim
