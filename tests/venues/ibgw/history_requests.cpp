// History: bars and ticks. What was before the recording is invented, the same at every asking.
#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "tests/venues/ibgw/gateway.hpp"

namespace tradebus::ibgw_sim {
namespace {

constexpr std::size_t bars_most = 10'000, going_on_max = 50;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 21> sizes = {
    {{"1 secs", 1},       {"5 secs", 5},      {"10 secs", 10},    {"15 secs", 15},  {"30 secs", 30},
     {"1 min", 60},       {"2 mins", 120},    {"3 mins", 180},    {"5 mins", 300},  {"10 mins", 600},
     {"15 mins", 900},    {"20 mins", 1200},  {"30 mins", 1800},  {"1 hour", 3600}, {"2 hours", 7200},
     {"3 hours", 10800},  {"4 hours", 14400}, {"8 hours", 28800}, {"1 day", 86400}, {"1 week", 604800},
     {"1 month", 2592000}}};

constexpr std::array<std::string_view, 8> kinds = {"TRADES",
                                                   "MIDPOINT",
                                                   "BID",
                                                   "ASK",
                                                   "BID_ASK",
                                                   "ADJUSTED_LAST",
                                                   "HISTORICAL_VOLATILITY",
                                                   "OPTION_IMPLIED_VOLATILITY"};

std::int64_t seconds_of(std::string_view size) {
  for (const auto& [name, seconds] : sizes)
    if (name == size || (name == "1 secs" && size == "1 sec")) return seconds;
  return 0;
}

std::optional<std::int64_t> duration_of(const std::string& text) {
  std::istringstream in(text);
  std::int64_t number = 0;
  std::string unit;
  if (!(in >> number >> unit) || number <= 0 || number > 100'000) return std::nullopt;
  if (unit == "S") return number;
  if (unit == "D") return number * 86400;
  if (unit == "W") return number * 7 * 86400;
  if (unit == "M") return number * 30 * 86400;
  if (unit == "Y") return number * 365 * 86400;
  return std::nullopt;
}

// From -1 to 1, of a number.
double noise(std::int64_t n) {
  auto x = static_cast<std::uint64_t>(n) * 0x9E3779B97F4A7C15ULL;
  x ^= x >> 31U;
  x *= 0xBF58476D1CE4E5B9ULL;
  x ^= x >> 29U;
  return static_cast<double>(x % 20001) / 10000.0 - 1;
}

Num price_at(const Contract& contract, Seconds time) {
  const auto t = static_cast<double>(time);
  const double wave = 0.04 * std::sin(t / 2.1e6 + static_cast<double>(contract.con_id % 7)) +
                      0.01 * std::sin(t / 9000.0) + 0.001 * noise(time / 5 + contract.con_id);
  const Num tick = contract.min_tick;
  return max(tick, Num::from_double(contract.price.to_double() * (1 + wave), tick));
}

struct Bar {
  Seconds start = 0;
  Num open, high, low, close, volume, wap;
  std::int64_t count = 0;
};

Bar bar_at(const Contract& contract, Seconds start, std::int64_t seconds, const std::string& what) {
  Bar bar;
  bar.start = start;
  bar.open = bar.high = bar.low = price_at(contract, start);
  for (int i = 1; i <= 4; ++i) {
    bar.close = price_at(contract, start + seconds * i / 4);
    bar.high = max(bar.high, bar.close);
    bar.low = min(bar.low, bar.close);
  }
  bar.volume = bar.wap = Num{-1};
  bar.count = -1;
  if (what == "TRADES" || what == "ADJUSTED_LAST") {
    bar.volume = Num{static_cast<int>(100 + std::min<std::int64_t>(seconds, 100'000) * 37 + start % 977)};
    bar.wap = (bar.open + bar.high + bar.low + bar.close) / Num{4};
    bar.count = 1 + seconds / 10;
  }
  return bar;
}

std::string date_of(Seconds start, std::int64_t seconds, int format) {
  if (seconds >= 86400) return eastern_day(start);
  return format == 2 ? std::to_string(start) : eastern(start);
}

// The days on which the market was open, `count` of them up to `end`; oldest first. As the midnights before them.
std::vector<Seconds> sessions(Seconds end, std::int64_t count, bool every_day) {
  std::vector<Seconds> out;
  for (int back = 0; static_cast<std::int64_t>(out.size()) < count && out.size() < bars_most; ++back) {
    const Seconds day = day_start(end, -back);
    if (every_day || (!weekend(day + 43200) && day + 34200 <= end)) out.push_back(day);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::int64_t days_of(std::int64_t duration) { return std::max<std::int64_t>(1, duration / 86400); }

// How many of these days a time of that length has: a week has five.
std::int64_t open_days(std::int64_t duration) {
  const std::int64_t days = days_of(duration);
  return days < 7 || days % 7 != 0 ? (days >= 30 ? days * 5 / 7 : days) : days / 7 * 5;
}

std::vector<Bar> make_bars(const Contract& contract, Seconds end, std::int64_t duration, std::int64_t seconds,
                           bool regular, const std::string& what) {
  const bool every_day = contract.sec_type == "CASH";
  const Seconds opens = every_day ? 0 : regular ? 34200 : 14400, closes = every_day ? 86400 : regular ? 57600 : 72000;
  std::vector<Bar> out;
  if (seconds >= 86400) {
    const auto step = static_cast<std::size_t>(seconds >= 2592000 ? 21 : seconds >= 604800 ? 5 : 1);
    const auto days =
        sessions(end, std::max<std::int64_t>(open_days(duration), static_cast<std::int64_t>(step)), every_day);
    for (std::size_t i = days.size() % step; i < days.size(); i += step)
      out.push_back(bar_at(contract, days[i] + opens, closes - opens, what));
    return out;
  }
  if (duration >= 86400) {
    for (const Seconds day : sessions(end, open_days(duration), every_day)) {
      // The first one begins with the session, the others with the clock.
      for (Seconds start = day + opens; start < std::min(day + closes, end) && out.size() < bars_most;
           start += seconds - (start - day) % seconds)
        out.push_back(bar_at(contract, start, seconds, what));
    }
    return out;
  }
  // Of the last session when there is none now.
  const Seconds last_day = sessions(end, 1, every_day).back();
  const Seconds until = std::min(end, last_day + closes);
  for (Seconds start = std::max(until - duration, last_day + opens); start < until && out.size() < bars_most;
       start += seconds - (start - last_day) % seconds)
    out.push_back(bar_at(contract, start, seconds, what));
  return out;
}

void put_bar(Msg& out, const Bar& bar, std::int64_t seconds, int format) {
  out << date_of(bar.start, seconds, format) << bar.open << bar.high << bar.low << bar.close << bar.volume << bar.wap
      << bar.count;
}

}  // namespace

bool Gateway::history_paced(Peer& peer, std::int64_t req_id, std::string_view text, const std::string& contract,
                            bool twice) {
  const std::int64_t now_ms = wall_now_ms();
  std::erase_if(peer.history, [&](const HistoryCall& call) { return now_ms - call.at_ms > 600'000; });
  std::size_t same_contract = 0;
  bool identical = false;
  for (const HistoryCall& call : peer.history) {
    identical = identical || (call.text == text && now_ms - call.at_ms < 15'000);
    same_contract += call.contract == contract && now_ms - call.at_ms < 2000 ? 1 : 0;
  }
  if (identical || same_contract >= 5 || peer.history.size() >= 60) {
    error(peer, req_id, 162, "Historical Market Data Service error message:Historical data request pacing violation");
    return true;
  }
  for (int i = twice ? 2 : 1; i > 0; --i) peer.history.push_back({std::string(text), contract, now_ms});
  return false;
}

void Gateway::historical_data(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const ContractQuery query = read_c12(in);
  in.skip();  // includeExpired
  const std::string end_text = in.string(), size = in.string(), duration_text = in.string();
  const bool regular = in.flag();
  const std::string what = in.string();
  const int format = in.small();
  if (query.sec_type == "BAG") in.skip(4 * in.count(32));
  const bool goes_on = in.flag();
  const auto refuse = [&](int code, const std::string& text) { error(peer, req_id, code, text); };
  const auto contract = one_contract(peer, req_id, query);
  if (!contract) return;
  const std::int64_t seconds = seconds_of(size);
  const auto duration = duration_of(duration_text);
  const auto end = end_text.empty() ? std::optional<Seconds>(now()) : parse_time(end_text);
  if (!end) return refuse(10314, "End Date/Time: The date, time, or time-zone entered is invalid.");
  if (!end_text.empty() && (goes_on || what == "ADJUSTED_LAST"))
    return refuse(321, "Error validating request.-'bT' : cause - End date is not supported for this request");
  if (!duration)
    return refuse(
        321, "Error validating request.-'bT' : cause - Historical data query end date/time or duration is invalid");
  if (what == "SCHEDULE") {
    Msg out{106};
    const auto days = sessions(*end, open_days(*duration), contract->sec_type == "CASH");
    const auto local = [](Seconds t) { return eastern_day(t) + '-' + eastern_clock(t) + ":00"; };
    out << req_id << local(days.front() + 34200) << local(days.back() + 57600) << "US/Eastern" << days.size();
    for (const Seconds day : days) out << local(day + 34200) << local(day + 57600) << eastern_day(day + 43200);
    peer.send(out.payload());
    return;
  }
  if (seconds == 0 || std::find(kinds.begin(), kinds.end(), what) == kinds.end() || (goes_on && seconds < 5))
    return refuse(321,
                  "Error validating request.-'bT' : cause - Invalid bar size or what to show: " + size + ' ' + what);
  if (*duration / seconds > 100'000)
    return refuse(162, "Historical Market Data Service error message:Time length exceed max.");
  const std::string key = std::to_string(contract->con_id) + contract->exchange + what;
  if (seconds <= 30 && history_paced(peer, req_id, key + end_text + size + duration_text, key, what == "BID_ASK"))
    return;
  const auto bars = make_bars(*contract, *end, *duration, seconds, regular, what);
  if (bars.empty() || (contract->sec_type == "IND" && what != "TRADES"))
    return refuse(162, "Historical Market Data Service error message:HMDS query returned no data: " + contract->symbol +
                           '@' + contract->exchange + ' ' + what);
  Msg out{17};
  out << req_id << eastern(*end - *duration) << eastern(*end) << bars.size();
  for (const Bar& bar : bars) put_bar(out, bar, seconds, format);
  peer.send(out.payload());
  if (!goes_on) return;
  if (peer.going_on.size() >= going_on_max) return;
  BarLine line;
  line.contract = *contract;
  line.what = what;
  line.seconds = seconds;
  line.format = format;
  peer.going_on[req_id] = line;
}

void Gateway::cancel_historical_data(Peer& peer, Reader& in) {
  in.skip();
  const std::int64_t req_id = in.integer();
  if (peer.going_on.erase(req_id) > 0) {
    error(
        peer, req_id, 162,
        "Historical Market Data Service error message:API historical data query cancelled: " + std::to_string(req_id));
  } else {
    error(peer, req_id, 366, "No historical data query found for ticker id:" + std::to_string(req_id));
  }
}

void Gateway::head_timestamp(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const auto contract = one_contract(peer, req_id, read_c12(in));
  if (!contract) return;
  in.skip(3);
  const Seconds first = 345479400 + contract->con_id % 1000 * 86400;  // 19801212-14:30:00 and later
  peer.send((Msg{88} << req_id << (in.small() == 2 ? std::to_string(first) : utc_dash(first))).payload());
}

void Gateway::historical_ticks(Peer& peer, Reader& in) {
  const std::int64_t req_id = in.integer();
  const auto contract = one_contract(peer, req_id, read_c12(in));
  if (!contract) return;
  in.skip();
  const std::string start_text = in.string(), end_text = in.string();
  const auto count = std::clamp<std::int64_t>(in.integer(), 1, 1000);
  const std::string what = in.string();
  const auto start = parse_time(start_text), end = parse_time(end_text);
  if ((start.has_value() == end.has_value()) || (what != "TRADES" && what != "BID_ASK" && what != "MIDPOINT")) {
    error(peer, req_id, 10187,
          "Failed to request historical ticks:either start or end, and TRADES, BID_ASK or MIDPOINT");
    return;
  }
  const Seconds from = start ? *start : *end - count;
  Msg out{what == "MIDPOINT" ? 96 : what == "BID_ASK" ? 97 : 98};
  out << req_id << count;
  for (std::int64_t i = 0; i < count; ++i) {
    const Num price = price_at(*contract, from + i);
    out << from + i << 0;
    if (what == "MIDPOINT") out << price << 0;
    if (what == "BID_ASK") out << price - contract->min_tick << price + contract->min_tick << 300 << 200;
    if (what == "TRADES") out << price << 100 << contract->exchanges.back() << "";
  }
  peer.send((out << 1).payload());
}

// Once a second: bars that are complete, or the one that goes on.
void Gateway::update_bars(Peer& peer, Seconds now) {
  const auto step = [&](BarLine& bar, Seconds start) {
    const Quote q = market_.quote(bar.contract, now);
    const Num price = bar.what == "BID"        ? q.bid.value_or(q.mark())
                      : bar.what == "ASK"      ? q.ask.value_or(q.mark())
                      : bar.what == "MIDPOINT" ? q.mid().value_or(q.mark())
                                               : q.mark();
    if (bar.start != start) {
      bar.start = start;
      bar.open = bar.high = bar.low = price;
      bar.volume = {};
      bar.trades = 0;
    }
    bar.close = price;
    bar.high = max(bar.high, price);
    bar.low = min(bar.low, price);
  };
  for (auto& [req_id, bar] : peer.bars) {
    const Seconds start = now - now % 5;
    if (bar.start != 0 && bar.start != start)
      peer.send((Msg{50} << 3 << req_id << bar.start << bar.open << bar.high << bar.low << bar.close << bar.volume
                         << bar.close << static_cast<std::int64_t>(bar.trades))
                    .payload());
    step(bar, start);
  }
  for (auto& [req_id, bar] : peer.going_on) {
    const Seconds start = bar.seconds >= 86400 ? day_start(now) : now - now % bar.seconds;
    step(bar, start);
    const std::int64_t count = bar.trades == 0 ? -1 : static_cast<std::int64_t>(bar.trades);
    peer.send((Msg{90} << req_id << count << date_of(start, bar.seconds, bar.format) << bar.open << bar.close
                       << bar.high << bar.low << bar.close << bar.volume)
                  .payload());
  }
}

}  // namespace tradebus::ibgw_sim
