#include "tests/venues/ibgw/contracts.hpp"

#include <date/date.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace tradebus::ibgw_sim {
namespace {

constexpr ConId first_option = 600'000'000;
constexpr int strikes_each_side = 20;

constexpr std::string_view columns =
    "con_id,symbol,sec_type,currency,primary,exchanges,local_symbol,trading_class,min_tick,market_rule,price,"
    "strike_step,isin,stock_type,long_name,industry,category,subcategory";

Contract parse_row(const std::string& line) {
  std::vector<std::string> cells;
  std::string rest = line + ',';
  for (std::size_t at = 0, end = 0; (end = rest.find(',', at)) != std::string::npos; at = end + 1)
    cells.push_back(rest.substr(at, end - at));
  if (cells.size() != split(columns, ',').size()) throw std::runtime_error("not as many columns as the header");
  const auto number = [&](std::size_t i) {
    const auto value = Num::parse(cells[i]);
    if (!value) throw std::runtime_error("no number: " + cells[i]);
    return *value;
  };
  Contract out;
  out.con_id = std::stoll(cells[0]);
  out.symbol = cells[1];
  out.sec_type = cells[2];
  out.currency = cells[3];
  out.primary = cells[4];
  out.exchanges = split(cells[5], ';');
  out.exchange = out.exchanges.at(0);
  out.local_symbol = cells[6];
  out.trading_class = cells[7];
  out.min_tick = number(8);
  out.market_rule = std::stoi(cells[9]);
  out.price = number(10);
  out.strike_step = cells[11].empty() ? Num{} : number(11);
  out.isin = cells[12];
  out.stock_type = cells[13];
  out.long_name = cells[14];
  out.industry = cells[15];
  out.category = cells[16];
  out.subcategory = cells[17];
  return out;
}

// The next five Fridays, and the third Friday of six months.
std::vector<date::sys_days> expirations(Seconds now) {
  using namespace date;
  const auto today = floor<days>(sys_seconds{std::chrono::seconds{day_start(now)} + std::chrono::hours{12}});
  std::vector<sys_days> out;
  sys_days friday = today + (Friday - weekday{today});
  for (int i = 0; i < 5; ++i) out.push_back(friday + weeks{i});
  const year_month_day first{today};
  for (int i = 0; i < 6; ++i) {
    const year_month month = first.year() / first.month() + months{i};
    const sys_days third = month / Friday[3];
    if (third >= today) out.push_back(third);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// AAPL  260618C00100000
std::string occ(const std::string& root, const std::string& expiry, char right, Num strike, std::size_t width) {
  std::string digits = std::to_string(static_cast<std::int64_t>(strike.raw() / (Num::scale / 1000)));
  digits.insert(0, 8 - std::min<std::size_t>(8, digits.size()), '0');
  std::string name = root;
  if (name.size() < width) name.append(width - name.size(), ' ');
  return name + expiry.substr(2) + right + digits;
}

bool fits(std::string_view asked, std::string_view has) { return asked.empty() || asked == has; }

bool fits(const ContractQuery& q, const Contract& c) {
  std::string right = q.right.empty() || q.right == "?" || q.right == "0" ? "" : q.right.substr(0, 1);
  if (q.con_id > 0) return q.con_id == c.con_id;
  if (!q.id.empty()) return q.id_type == "ISIN" && q.id == c.isin;
  const bool exchange = q.exchange.empty() ||
                        std::find(c.exchanges.begin(), c.exchanges.end(), q.exchange) != c.exchanges.end() ||
                        q.exchange == c.primary;
  return exchange && fits(q.symbol, c.symbol) && fits(q.sec_type, c.sec_type) &&
         c.expiry.substr(0, q.expiry.size()) == q.expiry && (q.strike.zero() || q.strike == c.strike) &&
         fits(right, c.right) && fits(q.multiplier, c.multiplier) && fits(q.currency, c.currency) &&
         fits(q.local_symbol, c.local_symbol) && fits(q.trading_class, c.trading_class) &&
         (q.primary.empty() || c.option() || q.primary == c.primary);
}

std::string hours(Seconds now, std::string_view open, std::string_view close) {
  std::string out;
  for (int day = 0; day < 6; ++day) {
    const Seconds start = day_start(now, day);
    const std::string name = eastern_day(start + 12 * 3600);
    if (!out.empty()) out += ';';
    out += name + ':';
    if (weekend(start + 12 * 3600)) {
      out += "CLOSED";
    } else {
      out.append(open).append("-").append(name).append(":").append(close);
    }
  }
  return out;
}

}  // namespace

ContractQuery read_c12(Reader& in) {
  ContractQuery q;
  q.con_id = in.integer();
  q.symbol = in.string();
  q.sec_type = in.string();
  q.expiry = in.string();
  q.strike = in.number();
  q.right = in.string();
  q.multiplier = in.string();
  q.exchange = in.string();
  q.primary = in.string();
  q.currency = in.string();
  q.local_symbol = in.string();
  q.trading_class = in.string();
  return q;
}

Contracts::Contracts(const std::string& file, Seconds now) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("can't read the contracts " + file + "; --data names the folder");
  std::string line;
  std::getline(in, line);
  if (line != columns) throw std::runtime_error(file + ":1: the header must be " + std::string(columns));
  std::vector<Contract> rows;
  for (std::size_t number = 2; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    try {
      rows.push_back(parse_row(line));
    } catch (const std::exception& error) {
      throw std::runtime_error(file + ':' + std::to_string(number) + ": " + error.what());
    }
  }
  for (Contract& row : rows) {
    order_.push_back(row.con_id);
    symbols_.emplace(row.sec_type == "CASH" ? row.symbol + '-' + row.currency : row.symbol, row.con_id);
    all_.emplace(row.con_id, row);
  }
  int chain = 0;
  for (const Contract& row : rows)
    if (!row.strike_step.zero()) make_chain(row, chain++, now);
}

void Contracts::make_chain(const Contract& under, int number, Seconds now) {
  const Num middle = Num::from_double(under.price.to_double(), under.strike_step);
  const auto epoch = date::sys_days{date::year{2020} / 1 / 1};
  for (const date::sys_days day : expirations(now)) {
    const std::string expiry = date::format("%Y%m%d", day);
    for (int k = 0; k <= 2 * strikes_each_side; ++k) {
      const Num strike = middle + under.strike_step * Num{k - strikes_each_side};
      if (!strike.positive()) continue;
      for (const char right : {'C', 'P'}) {
        Contract c = under;
        c.con_id = first_option + number * 2'000'000 + (day - epoch).count() * 200 + k * 2 + (right == 'P' ? 1 : 0);
        c.sec_type = "OPT";
        c.expiry = expiry;
        c.strike = strike;
        c.right = std::string(1, right);
        c.multiplier = "100";
        c.exchanges = under.sec_type == "IND" ? std::vector<std::string>{"SMART", "CBOE"}
                                              : std::vector<std::string>{"SMART", "AMEX", "CBOE", "PHLX", "ISE"};
        c.exchange = "SMART";
        c.primary.clear();
        c.local_symbol =
            occ(under.trading_class == "NMS" ? under.symbol : under.local_symbol, expiry, right, strike, 6);
        c.trading_class = under.symbol;
        c.min_tick = *Num::parse("0.01");
        c.under = under.con_id;
        c.under_type = under.sec_type;
        c.industry = c.category = c.subcategory = c.isin = c.stock_type = "";
        c.market_rule = 32;
        c.price = under.price * *Num::parse("0.03");  // of history: somewhere
        c.strike_step = {};
        symbols_.emplace(occ(under.symbol, expiry, right, strike, 0), c.con_id);
        order_.push_back(c.con_id);
        all_.emplace(c.con_id, std::move(c));
      }
    }
  }
}

const Contract* Contracts::find(ConId id) const {
  const auto it = all_.find(id);
  return it == all_.end() ? nullptr : &it->second;
}

const Contract* Contracts::by_symbol(std::string_view symbol) const {
  const auto it = symbols_.find(symbol);
  return it == symbols_.end() ? nullptr : find(it->second);
}

std::vector<Contract> Contracts::matches(const ContractQuery& query) const {
  std::vector<Contract> out;
  const auto add = [&](const Contract& found) {
    if (!fits(query, found)) return;
    // Asked for by its words and no exchange, a contract is answered once for each.
    if (query.exchange.empty() && query.con_id == 0 && query.id.empty()) {
      for (const std::string& exchange : found.exchanges) out.emplace_back(found).exchange = exchange;
    } else {
      out.push_back(found);
      if (!query.exchange.empty()) out.back().exchange = query.exchange;
    }
  };
  if (query.con_id > 0) {
    if (const Contract* one = find(query.con_id)) add(*one);
  } else {
    for (const ConId id : order_) add(all_.at(id));
  }
  return out;
}

std::vector<const Contract*> Contracts::search(std::string_view pattern) const {
  std::vector<const Contract*> out;
  const std::string wanted = upper(pattern);
  for (const ConId id : order_) {
    const Contract& c = all_.at(id);
    if (c.option() || wanted.empty()) continue;
    if (upper(c.symbol).starts_with(wanted) || upper(c.long_name).find(wanted) != std::string::npos) out.push_back(&c);
    if (out.size() == 16) break;
  }
  return out;
}

std::vector<const Contract*> Contracts::chain(ConId under) const {
  std::vector<const Contract*> out;
  for (auto it = all_.lower_bound(first_option); it != all_.end(); ++it)
    if (it->second.under == under) out.push_back(&it->second);
  return out;
}

void put_c11(Msg& out, const Contract& c, std::string_view right_of_stocks, std::string_view exchange,
             std::string_view zero_strike) {
  out << c.con_id << c.symbol << c.sec_type << c.expiry;
  if (c.strike.zero()) {
    out << zero_strike;
  } else {
    out << c.strike;
  }
  out << (c.right.empty() ? right_of_stocks : std::string_view{c.right}) << c.multiplier << exchange << c.currency
      << c.local_symbol << c.trading_class;
}

std::string contract_data(int sv, std::int64_t req_id, const Contract& c, Seconds now) {
  Msg out{10};
  if (sv < 164) out << 8;
  out << req_id << c.symbol << c.sec_type << c.expiry << (c.strike.zero() ? std::string("0") : c.strike.text());
  out << c.right << c.exchange << c.currency << c.local_symbol << (c.option() ? c.symbol : c.trading_class)
      << c.trading_class << c.con_id << c.min_tick;
  if (sv < 164) out << 1;
  out << c.multiplier;
  out << (c.option() ? "ACTIVETIM,AD,ADJUST,ALERT,ALGO,COND,DAY,FOK,GTC,GTD,IOC,LIT,LMT,MIT,MKT,MTL,NGCOMB,OCA,"
                       "OPENCLOSE,REL,STP,STPLMT,TRAIL,TRAILLMT,WHATIF"
                     : "ACTIVETIM,AD,ADJUST,ALERT,ALGO,COND,DAY,FOK,GAT,GTC,GTD,HID,IOC,LIT,LMT,LOC,MIDPX,MIT,MKT,MOC,"
                       "MTL,NGCOMB,OCA,OPG,REL,STP,STPLMT,TRAIL,TRAILLMT,WHATIF");
  std::string exchanges, rules;
  for (const std::string& exchange : c.exchanges) {
    exchanges += (exchanges.empty() ? "" : ",") + exchange;
    rules += (rules.empty() ? "" : ",") + std::to_string(c.market_rule);
  }
  const bool round_the_clock = c.sec_type == "CASH";
  out << exchanges << 1 << c.under << c.long_name << c.primary << c.expiry.substr(0, 6) << c.industry << c.category
      << c.subcategory << "US/Eastern"
      << (round_the_clock ? hours(now, "0000", "2359")
          : c.option()    ? hours(now, "0930", "1600")
                          : hours(now, "0400", "2000"))
      << (round_the_clock ? hours(now, "0000", "2359") : hours(now, "0930", "1600")) << ""
      << "";
  if (c.isin.empty()) {
    out << 0;
  } else {
    out << 1 << "ISIN" << c.isin;
  }
  out << (c.option() ? 2 : 1);
  if (c.option()) {
    out << c.symbol << c.under_type;
  } else {
    out << ""
        << "";
  }
  out << rules << c.expiry << c.stock_type;
  if (sv == 163) out << 1;
  if (sv >= 164) {
    if (c.option()) {
      out << 1 << 1 << 1;
    } else {
      out << "0.0001"
          << "0.0001" << 100;
    }
  }
  return out.payload();
}

}  // namespace tradebus::ibgw_sim
