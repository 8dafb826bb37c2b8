// calendar
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>

#include "clients/cli/commands.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/when.hpp"

namespace tradebus::cli {

namespace {

using client::Value;
using std::chrono::year_month;
using std::chrono::year_month_day;

struct CalendarOptions {
  std::string exchange;
  std::string month;
  std::string start, end;
};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// "2026-11"
std::optional<year_month> parse_month(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5));
  if (!year || !month) return std::nullopt;
  const year_month out{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)}};
  return out.ok() ? std::optional{out} : std::nullopt;
}

// "2026-11-27"
std::optional<year_month_day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[7] != '-') return std::nullopt;
  const auto month = parse_month(text.substr(0, 7));
  const auto day = number(text.substr(8));
  if (!month || !day) return std::nullopt;
  const year_month_day out{month->year(), month->month(), std::chrono::day{static_cast<unsigned>(*day)}};
  return out.ok() ? std::optional{out} : std::nullopt;
}

std::string day_text(year_month_day day) {
  constexpr std::int64_t ns_a_day = 86'400'000'000'000;
  return date_text(std::chrono::sys_days{day}.time_since_epoch().count() * ns_a_day);
}

std::string weekday_of(const std::string& date) {
  static constexpr const char* names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const auto day = parse_day(date);
  return day ? names[std::chrono::weekday{std::chrono::sys_days{*day}}.c_encoding()] : "";
}

// The exchange's clock: "09:30"; "Sun 17:00" on another day than the session's.
class LocalClock {
 public:
  explicit LocalClock(const Value& session)
      : offset_ns_{session["utc_offset_s"].integer().value_or(0) * 1'000'000'000}, date_{session["date"].text_or("")} {}

  std::string text(const Value& time) const {
    const auto ns = time.integer();
    if (!ns) return "";
    const auto date = date_text(*ns + offset_ns_);
    const auto clock = clock_text(*ns + offset_ns_).substr(0, 5);
    return date == date_ ? clock : weekday_of(date) + " " + clock;
  }
  std::string span(const Value& begin, const Value& end) const {
    return begin.is_nil() || end.is_nil() ? "" : text(begin) + "-" + text(end);
  }

 private:
  std::int64_t offset_ns_;
  std::string date_;
};

// A row a day that is a session or would usually be one.
void print_table(Context& ctx, const Value& reply) {
  std::map<std::string, std::vector<std::string>> days;
  std::size_t sessions = 0, early = 0, closed = 0;
  bool has_pre = false, has_break = false, has_post = false;
  const auto list = [&](std::string_view key) {
    const auto* items = reply[key].array();
    return items != nullptr ? *items : Value::Array{};
  };
  for (const auto& s : list("sessions")) {
    const LocalClock clock{s};
    const bool is_early = s["early"].boolean().value_or(false);
    const auto name = s["name"].text_or("");
    ++sessions;
    early += is_early ? 1 : 0;
    const auto pre = clock.span(s["pre_open"], s["pre_close"]);
    const auto pause = clock.span(s["break_start"], s["break_end"]);
    const auto post = clock.span(s["post_open"], s["post_close"]);
    has_pre = has_pre || !pre.empty();
    has_break = has_break || !pause.empty();
    has_post = has_post || !post.empty();
    days[s["date"].text_or("")] = {
        clock.text(s["open"]),
        clock.text(s["close"]),
        pre,
        pause,
        post,
        (is_early ? std::string{"early close"} : "") + (is_early && !name.empty() ? ": " : "") + name};
  }
  for (const auto& c : list("closures")) {
    ++closed;
    days[c["date"].text_or("")] = {"-", "-", "", "", "", "closed: " + c["name"].text_or("")};
  }

  std::vector<Table::Head> heads{{"DATE"}, {"DAY"}, {"OPEN", true}, {"CLOSE", true}};
  if (has_pre) heads.push_back({"BEFORE"});
  if (has_break) heads.push_back({"BREAK"});
  if (has_post) heads.push_back({"AFTER"});
  heads.push_back({""});
  Table table{heads};
  for (const auto& [date, cells] : days) {
    std::vector<std::string> row{date, weekday_of(date), cells[0], cells[1]};
    if (has_pre) row.push_back(cells[2]);
    if (has_break) row.push_back(cells[3]);
    if (has_post) row.push_back(cells[4]);
    row.push_back(cells[5]);
    table.add(std::move(row));
  }
  std::printf("%s  %s, local times (%s)\n", ctx.terminal().paint(reply["exchange"].text_or(""), Color::bold).c_str(),
              reply["name"].text_or("").c_str(), reply["timezone"].text_or("").c_str());
  if (!days.empty()) std::fputs(table.text(ctx.terminal()).c_str(), stdout);
  std::printf("sessions %zu, early closes %zu, closed %zu\n", sessions, early, closed);
}

// One answer of all pages: many years come in several.
client::Expected<Value> all_pages(Context& ctx, Value args) {
  std::map<std::string, Value::Array, std::less<>> lists{{"sessions", {}}, {"closures", {}}};
  while (true) {
    auto page = ctx.request("get_calendar", args);
    if (!page) return page.error();
    for (auto& [key, all] : lists)
      if (const auto* list = (*page)[key].array()) all.insert(all.end(), list->begin(), list->end());
    const auto next = (*page)["next_start"].text_or("");
    if (next <= args["start"].text_or("")) {  // none
      Value out = Value::make_map();
      if (const auto* members = page->map())
        for (const auto& member : *members)
          if (member.key != "next_start" && !lists.contains(member.key)) out.set(member.key, member.value);
      for (const auto* key : {"sessions", "closures"}) out.set(key, std::move(lists[key]));
      return out;
    }
    args.set("start", next);
  }
}

int calendar(Context& ctx, const CalendarOptions& o) {
  std::string start = o.start;
  std::string end = o.end;
  if (start.empty() != end.empty()) return ctx.usage("--start and --end go together");
  if (start.empty()) {
    const auto month = parse_month(o.month.empty() ? date_text(ctx.now_ns()).substr(0, 7) : o.month);
    if (!month) return ctx.usage("--month: \"" + o.month + "\" is no month; write 2026-11");
    start = day_text(*month / 1);
    end = day_text(year_month_day{*month / std::chrono::last});
  }
  for (const auto& [name, text] : {std::pair{"--start", &start}, {"--end", &end}})
    if (!parse_day(*text)) return ctx.usage(std::string{name} + ": \"" + *text + "\" is no date; write 2026-11-27");
  Value args;
  args.set("exchange", o.exchange).set("start", start).set("end", end).set("extended", true);
  const auto reply = all_pages(ctx, std::move(args));
  if (!reply) return ctx.fail(reply.error());
  if (ctx.json())
    std::printf("%s\n", to_json(*reply).c_str());
  else
    print_table(ctx, *reply);
  return exit_ok;
}

}  // namespace

void add_calendar_command(Commands& commands) {
  auto o = std::make_shared<CalendarOptions>();
  auto* command = commands.add("calendar", "Sessions, early closes and holidays of an exchange",
                               [o](Context& ctx) { return calendar(ctx, *o); });
  command->add_option("exchange", o->exchange, "XNYS, XNAS, OPRA, XLON, XTKS, CMES, FX, 24/7, ...")->required();
  auto* month = command->add_option("--month", o->month, "YYYY-MM; without it this month");
  command->add_option("--start", o->start, "YYYY-MM-DD, the first date; instead of --month")->excludes(month);
  command->add_option("--end", o->end, "YYYY-MM-DD, the last date")->excludes(month);
}

}  // namespace tradebus::cli
