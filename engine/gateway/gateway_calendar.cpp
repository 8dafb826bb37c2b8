// get_calendar: answered here, from tables; no actor is asked.
#include <algorithm>

#include "bus/wire/pack.hpp"
#include "engine/gateway/gateway.hpp"

namespace tradebus {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

struct CalendarSession {
  Date date;
  Timestamp open{};
  Timestamp close{};
  bool early = false;
  std::optional<Timestamp> break_start;
  std::optional<Timestamp> break_end;
  std::optional<Timestamp> pre_open;
  std::optional<Timestamp> pre_close;
  std::optional<Timestamp> post_open;
  std::optional<Timestamp> post_close;
  std::optional<std::int64_t> utc_offset_s;
  std::optional<std::string> name;

  static constexpr std::string_view type_name = "CalendarSession";
  static constexpr auto fields() {
    using T = CalendarSession;
    return std::tuple{field("date", &T::date),
                      field("open", &T::open),
                      field("close", &T::close),
                      field("early", &T::early),
                      field("break_start", &T::break_start),
                      field("break_end", &T::break_end),
                      field("pre_open", &T::pre_open),
                      field("pre_close", &T::pre_close),
                      field("post_open", &T::post_open),
                      field("post_close", &T::post_close),
                      field("utc_offset_s", &T::utc_offset_s),
                      field("name", &T::name)};
  }
};

struct CalendarClosure {
  Date date;
  std::string name;

  static constexpr std::string_view type_name = "CalendarClosure";
  static constexpr auto fields() {
    return std::tuple{field("date", &CalendarClosure::date), field("name", &CalendarClosure::name)};
  }
};

struct CalendarReply {
  std::string exchange;
  std::string name;
  std::string timezone;
  std::vector<CalendarSession> sessions;
  std::vector<CalendarClosure> closures;
  std::optional<Date> next_start;  // there is more: it goes on here

  static constexpr std::string_view type_name = "CalendarReply";
  static constexpr auto fields() {
    using T = CalendarReply;
    return std::tuple{field("exchange", &T::exchange), field("name", &T::name),
                      field("timezone", &T::timezone), field("sessions", &T::sessions),
                      field("closures", &T::closures), field("next_start", &T::next_start)};
  }
};

// An answer stays below a megabyte; what is behind comes with the next one.
constexpr std::size_t page_bytes_max = 950'000;

// At most so many, packed.
std::size_t bytes_of(const CalendarSession& session) {
  const auto both = [](const auto& a, const auto& b, std::size_t bytes) { return a || b ? bytes : std::size_t{0}; };
  return 54 + both(session.break_start, session.break_end, 40) + both(session.pre_open, session.pre_close, 37) +
         both(session.post_open, session.post_close, 39) + (session.utc_offset_s ? 22 : 0) +
         (session.name ? 8 + session.name->size() : 0);
}
std::size_t bytes_of(const CalendarClosure& closure) { return 26 + closure.name.size(); }

// One end of the range: a date of the exchange, or a time.
struct End {
  sys_days date;
  std::optional<Timestamp> time;
};

Result<End> end_of_range(const msgpack::object& args, std::string_view key, const Calendar& exchange) {
  const bool is_end = key == "end";
  const auto* given = wire::find(args, key);
  if (given != nullptr && given->type == msgpack::type::STR) {
    Date date;
    if (auto ok = wire::unpack_key(args, key, true, date); !ok) return tl::unexpected{ok.error()};
    return End{date.to_days(), std::nullopt};
  }
  Timestamp time;
  if (auto ok = wire::unpack_key(args, key, true, time); !ok) return tl::unexpected{ok.error()};
  // Far beyond what is covered: refused below; no arithmetic must overflow before that.
  const auto near = std::clamp(time, Timestamp{exchange.first() - days{3}}, Timestamp{exchange.last() + days{3}});
  // Its end is not part of a range of times.
  auto date = exchange.date_of(is_end ? near - std::chrono::nanoseconds{1} : near);
  // Midnight UTC of the first day may be an evening earlier at the exchange.
  if (date == exchange.first() - days{1} || date == exchange.last() + days{1})
    date = std::clamp(date, exchange.first(), exchange.last());
  return End{date, time};
}

Result<void> check_covered(const Calendar& exchange, std::string_view key, sys_days date) {
  if (date >= exchange.first() && date <= exchange.last()) return {};
  return invalid(std::string{key}, std::string{key} + ": the calendar of " + exchange.code() + " covers " +
                                       Date::from_days(exchange.first()).to_string() + " to " +
                                       Date::from_days(exchange.last()).to_string());
}

CalendarSession to_wire(const Calendar& exchange, const Session& session, bool extended) {
  CalendarSession out;
  out.date = Date::from_days(session.date);
  out.open = session.open;
  out.close = session.close;
  out.early = session.early;
  const auto put = [](const Session::Span& span, auto& begin, auto& end) {
    if (span.empty()) return;
    begin = span.begin;
    end = span.end;
  };
  put(session.pause, out.break_start, out.break_end);
  if (extended) {
    put(session.pre, out.pre_open, out.pre_close);
    put(session.post, out.post_open, out.post_close);
    out.utc_offset_s = exchange.zone().offset_at(std::chrono::floor<std::chrono::seconds>(session.open)).count();
  }
  if (!session.name.empty()) out.name = session.name;
  return out;
}

}  // namespace

void GatewayState::get_calendar(const Call& call) {
  std::string exchange_name;
  bool extended = false;
  auto ok = wire::unpack_key(*call.args, "exchange", true, exchange_name);
  if (ok) ok = wire::unpack_key(*call.args, "extended", false, extended);
  if (!ok) return fail_with(call.token, ok.error());
  const auto found = context.calendars->get(exchange_name);
  if (!found) return fail_with(call.token, found.error());
  const Calendar& exchange = **found;
  const auto start = end_of_range(*call.args, "start", exchange);
  if (!start) return fail_with(call.token, start.error());
  const auto end = end_of_range(*call.args, "end", exchange);
  if (!end) return fail_with(call.token, end.error());
  if (ok = check_covered(exchange, "start", start->date); ok) ok = check_covered(exchange, "end", end->date);
  // The next page may begin with a session that opens on the evening before its date.
  const auto latest_start = end->date + days{end->time && !start->time ? 1 : 0};
  const bool is_backwards = start->time && end->time ? *start->time >= *end->time : start->date > latest_start;
  if (ok && is_backwards) ok = invalid("start", "start is not before end");
  if (!ok) return fail_with(call.token, ok.error());

  CalendarReply reply;
  reply.exchange = exchange.code();
  reply.name = exchange.name();
  reply.timezone = exchange.zone().name();
  std::size_t bytes = 512;
  // By date, sessions and closures together. False: the page is full, and goes on there.
  const auto add = [&](auto& list, auto item) {
    bytes += bytes_of(item);
    if (bytes <= page_bytes_max) return list.push_back(std::move(item)), true;
    reply.next_start = item.date;
    return false;
  };
  const auto closures = exchange.closures(start->date, end->date);
  auto closure = closures.begin();
  const auto add_closures_before = [&](sys_days date) {
    for (; closure != closures.end() && closure->date < date; ++closure)
      if (!add(reply.closures, CalendarClosure{Date::from_days(closure->date), std::string{closure->name}}))
        return false;
    return true;
  };
  bool more = true;
  // A session that opens the evening before its date may belong to a range that ends then.
  for (const auto& session : exchange.sessions(start->date - days{1}, end->date + days{1})) {
    if (start->time ? session.close <= *start->time : session.date < start->date) continue;
    if (end->time ? session.open >= *end->time : session.date > end->date) continue;
    more = add_closures_before(session.date) && add(reply.sessions, to_wire(exchange, session, extended));
    if (!more) break;
  }
  if (more) add_closures_before(end->date + days{1});
  answer(call.token, wire::packed(reply));
}

}  // namespace tradebus
