#include "engine/calendar/calendar_file.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <initializer_list>
#include <set>
#include <string_view>

#include "bus/model/instrument.hpp"
#include "config/loading.hpp"
#include "config/names.hpp"
#include "config/toml.hpp"

namespace tradebus {

namespace {

using namespace std::chrono;
using loading::Problems;

constexpr std::size_t code_bytes_max = 32;
constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t calendars_max = 200;
constexpr std::size_t entries_max = 10'000;  // of one list
constexpr int year_min = 1900;
constexpr int year_max = 2200;
constexpr minutes day_length = 24h;

// "09:30", "24:00", "-1d 17:00" (the day before).
std::optional<minutes> parse_time(std::string_view text) {
  minutes day{0};
  if (text.starts_with("-1d ") || text.starts_with("+1d ")) {
    day = text[0] == '-' ? -day_length : day_length;
    text.remove_prefix(4);
  }
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const auto i : {0U, 1U, 3U, 4U})
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  const int h = (text[0] - '0') * 10 + (text[1] - '0');
  const int m = (text[3] - '0') * 10 + (text[4] - '0');
  if (h > 24 || m > 59 || (h == 24 && m > 0)) return std::nullopt;
  return day + hours{h} + minutes{m};
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= code_bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '/' || c == '.';
  });
}

// One table: its keys are read by name; what nobody asked for is unknown.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string path, std::size_t line, const std::string& file, Problems& problems)
      : table_{table}, path_{std::move(path)}, line_{line}, file_{file}, problems_{problems} {}

  const std::string& path() const { return path_; }
  std::size_t line() const { return line_; }
  std::string origin() const { return file_ + ":" + std::to_string(line_); }
  bool has(std::string_view key) const { return table_.contains(key); }

  void tell(std::string_view key, const std::string& what) { tell_at(line_of(key), key, what); }
  void tell_table(const std::string& what) {
    problems_.add(file_ + ":" + std::to_string(line_) + ": " + path_ + " " + what, line_);
  }

  void text(std::string_view key, std::string& out, std::size_t bytes_max = name_bytes_max) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* value = node->as_string();
    if (value == nullptr) return wrong(key, "a text", *node);
    if (value->get().empty() || value->get().size() > bytes_max || printable(value->get(), bytes_max) != value->get())
      return tell(key, "must have 1 to " + std::to_string(bytes_max) + " printable characters");
    out = value->get();
  }
  void year(std::string_view key, int& out) {
    const auto* node = find(key);
    if (node != nullptr) one_year(key, *node, out);
  }
  void years(std::string_view key, std::vector<int>& out) {
    each(key, "a list of years", [&](const toml::node& node) {
      int y = 0;
      if (one_year(key, node, y)) out.push_back(y);
    });
  }
  void texts(std::string_view key, const std::function<void(const std::string&)>& take) {
    each(key, "a list of texts", [&](const toml::node& node) {
      if (const auto* value = node.as_string(); value != nullptr)
        take(value->get());
      else
        wrong(key, "a list of texts", node);
    });
  }
  void date(std::string_view key, std::optional<sys_days>& out) {
    if (const auto* node = find(key); node != nullptr) out = one_date(key, *node);
  }
  void dates(std::string_view key, std::vector<sys_days>& out) {
    each(key, "a list of dates", [&](const toml::node& node) {
      if (const auto date = one_date(key, node)) out.push_back(*date);
    });
  }
  void time(std::string_view key, std::optional<minutes>& out) {
    if (const auto* node = find(key); node != nullptr) out = one_time(key, *node);
  }
  void span(std::string_view key, std::optional<LocalSpan>& out) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr || list->size() != 2) return tell(key, "must be two times, such as [\"09:30\", \"16:00\"]");
    const auto begin = one_time(key, *list->get(0));
    const auto end = one_time(key, *list->get(1));
    if (!begin || !end) return;
    if (*begin >= *end) return tell(key, "must end after it begins");
    if (*end - *begin > day_length) return tell(key, "must not be longer than 24 hours");
    out = LocalSpan{*begin, *end};
  }
  void weekdays(std::string_view key, std::optional<std::bitset<7>>& out) {
    if (!has(key)) return;
    std::bitset<7> days;
    texts(key, [&](const std::string& name) {
      if (const auto day = parse_weekday(name))
        days.set(day->c_encoding());
      else
        tell(key, "has \"" + printable(name) + "\", which is no weekday: mon, tue, wed, thu, fri, sat, sun");
    });
    if (days.none()) return tell(key, "needs at least one weekday");
    out = days;
  }
  // observed = { sat = -1, sun = 1 }
  void shifts(std::string_view key, std::array<std::int8_t, 7>& out) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* table = node->as_table();
    if (table == nullptr) return wrong(key, "days by weekday, such as { sat = -1, sun = 1 }", *node);
    for (const auto& [name, value] : *table) {
      const auto day = parse_weekday(name.str());
      const auto* shift = value.as_integer();
      if (!day || shift == nullptr || shift->get() < -7 || shift->get() > 7)
        tell(key, "must be days (-7 to 7) by weekday, such as { sat = -1, sun = 1 }");
      else
        out[day->c_encoding()] = static_cast<std::int8_t>(shift->get());
    }
  }
  // [[CODE.key]]
  void tables(std::string_view key, const std::function<void(TableReader&)>& take) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr || !list->is_array_of_tables())
      return tell(key, "must be written [[" + path_ + "." + std::string{key} + "]], once for each");
    if (list->size() > entries_max) return tell(key, "has more than " + std::to_string(entries_max) + " entries");
    for (const auto& each : *list) {
      TableReader reader{*each.as_table(), path_ + "." + std::string{key}, each.source().begin.line, file_, problems_};
      take(reader);
      reader.end();
    }
  }
  // All keys were asked for: what is left is not known.
  void end() {
    for (const auto& [key, node] : table_) {
      const std::string name{key.str()};
      if (asked_.contains(name)) continue;
      problems_.add(file_ + ":" + std::to_string(key.source().begin.line) + ": key " + path_ + "." + printable(name) +
                        " is not known" + name_hint(name, {asked_.begin(), asked_.end()}),
                    key.source().begin.line);
    }
  }

 private:
  const toml::node* find(std::string_view key) {
    asked_.emplace(key);
    return table_.get(key);
  }
  std::size_t line_of(std::string_view key) const {
    for (const auto& [name, node] : table_)
      if (name.str() == key) return name.source().begin.line;
    return line_;
  }
  void tell_at(std::size_t line, std::string_view key, const std::string& what) {
    problems_.add(file_ + ":" + std::to_string(line) + ": key " + path_ + "." + std::string{key} + " " + what, line);
  }
  void wrong(std::string_view key, const std::string& wanted, const toml::node& node) {
    tell(key, "must be " + wanted + ", not " + std::string{loading::kind_of(node)});
  }
  void each(std::string_view key, const std::string& wanted, const std::function<void(const toml::node&)>& take) {
    const auto* node = find(key);
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr) return wrong(key, wanted, *node);
    if (list->size() > entries_max) return tell(key, "has more than " + std::to_string(entries_max) + " entries");
    for (const auto& entry : *list) take(entry);
  }
  bool one_year(std::string_view key, const toml::node& node, int& out) {
    const auto* value = node.as_integer();
    if (value == nullptr || value->get() < year_min || value->get() > year_max) {
      tell(key, "must be a year from " + std::to_string(year_min) + " to " + std::to_string(year_max));
      return false;
    }
    out = static_cast<int>(value->get());
    return true;
  }
  // A text or one of TOML's own dates.
  std::optional<sys_days> one_date(std::string_view key, const toml::node& node) {
    std::optional<sys_days> out;
    if (const auto* text = node.as_string()) {
      if (const auto date = Date::parse(text->get())) out = date->to_days();
    } else if (const auto* date = node.as_date()) {
      out = std::chrono::year{date->get().year} / std::chrono::month{date->get().month} / day{date->get().day};
    }
    if (!out || *out < sys_days{std::chrono::year{year_min} / 1 / 1} ||
        *out > sys_days{std::chrono::year{year_max} / 12 / 31}) {
      tell(key, "must be a date, such as \"2026-11-27\"");
      return std::nullopt;
    }
    return out;
  }
  std::optional<minutes> one_time(std::string_view key, const toml::node& node) {
    std::optional<minutes> out;
    if (const auto* text = node.as_string()) out = parse_time(text->get());
    if (!out) tell(key, "must be a local time, such as \"09:30\"; \"-1d 17:00\" is on the day before");
    return out;
  }

  const toml::table& table_;
  std::string path_;
  std::size_t line_;
  const std::string& file_;
  Problems& problems_;
  std::set<std::string, std::less<>> asked_;
};

void read_hours(TableReader& in, std::vector<HoursSpec>& out) {
  HoursSpec hours;
  hours.origin = in.origin();
  std::optional<sys_days> from;
  std::optional<LocalSpan> regular;
  in.date("from", from);
  in.span("regular", regular);
  in.span("pre", hours.pre);
  in.span("post", hours.post);
  in.span("break", hours.pause);
  in.time("early_close", hours.early_close);
  in.time("early_post_close", hours.early_post_close);
  if (!in.has("regular")) in.tell_table("needs regular, such as [\"09:30\", \"16:00\"]");
  if (!regular) return;
  hours.regular = *regular;
  if (from) hours.from = *from;
  if (hours.pre && hours.pre->end > regular->begin)
    in.tell("pre", "must end when the regular session begins, or before");
  if (hours.post && hours.post->begin < regular->end)
    in.tell("post", "must begin when the regular session ends, or later");
  if (hours.pause && (hours.pause->begin <= regular->begin || hours.pause->end >= regular->end))
    in.tell("break", "must lie within the regular session");
  if (hours.early_close && (*hours.early_close <= regular->begin || *hours.early_close >= regular->end))
    in.tell("early_close", "must lie within the regular session");
  if (hours.early_post_close && (!hours.early_close || *hours.early_post_close <= *hours.early_close))
    in.tell("early_post_close", "must be later than early_close");
  // For the same date the last one said holds.
  std::erase_if(out, [&](const HoursSpec& other) { return other.from == hours.from; });
  out.push_back(std::move(hours));
  std::ranges::sort(out, {}, &HoursSpec::from);
}

void read_yearly(TableReader& in, bool has_close, std::vector<YearlyDay>& out) {
  YearlyDay day;
  day.origin = in.origin();
  std::string on;
  std::optional<std::bitset<7>> weekdays;
  in.text("name", day.name);
  in.text("on", on);
  in.year("from", day.from);
  in.year("until", day.until);
  in.years("years", day.years);
  in.years("except", day.except);
  in.weekdays("weekdays", weekdays);
  in.shifts("observed", day.observed);
  if (has_close) in.time("close", day.close);
  if (day.name.empty() && !in.has("name")) in.tell_table("needs a name");
  if (!in.has("on")) in.tell_table("needs on, such as \"12-25\" or \"3rd mon jan\"");
  if (day.from > day.until) in.tell("until", "must not be before from");
  if (weekdays) day.weekdays = *weekdays;
  if (on.empty()) return;
  const auto rule = DateRule::parse(on);
  if (!rule) return in.tell("on", rule.error().message);
  day.on = *rule;
  out.push_back(std::move(day));
}

void read_single(TableReader& in, bool closed, std::vector<SingleDay>& out) {
  SingleDay day;
  day.closed = closed;
  day.origin = in.origin();
  std::optional<sys_days> date;
  std::vector<sys_days> dates;
  in.text("name", day.name);
  in.date("date", date);
  in.dates("dates", dates);
  if (!closed) {
    in.time("open", day.open);
    in.time("close", day.close);
    if (day.open && day.close && *day.open >= *day.close) in.tell("close", "must be later than open");
  }
  if (day.name.empty() && !in.has("name")) in.tell_table("needs a name");
  if (in.has("date") == in.has("dates")) in.tell_table("needs date or dates, such as date = \"2026-11-27\"");
  if (date) dates.push_back(*date);
  for (const auto each : dates) {
    day.date = each;
    out.push_back(day);
  }
}

void read_calendar(TableReader& in, CalendarSpec& spec) {
  if (spec.origin.empty()) spec.origin = in.origin();
  in.text("name", spec.name);
  in.text("based_on", spec.based_on, code_bytes_max);
  in.text("timezone", spec.timezone);
  in.texts("aliases", [&](const std::string& alias) {
    if (!is_code(alias))
      in.tell("aliases", "has \"" + printable(alias) + "\", which is no code of an exchange");
    else
      spec.aliases.push_back(alias);
  });
  in.weekdays("week", spec.week);
  std::string week_starts;
  in.text("week_starts", week_starts);
  if (!week_starts.empty()) {
    spec.week_starts = parse_weekday(week_starts);
    if (!spec.week_starts) in.tell("week_starts", "must be a weekday, such as \"mon\"");
  }
  in.date("first", spec.first);
  in.date("last", spec.last);
  std::string bridge;
  in.text("bridge_holiday", bridge);
  if (!bridge.empty()) spec.bridge_holiday = bridge;
  in.texts("asset_classes", [&](const std::string& name) {
    if (const auto known = enum_from_string<AssetClass>(name))
      spec.asset_classes.push_back(*known);
    else
      in.tell("asset_classes", "has \"" + printable(name) + "\"; there are equity, option, crypto, fx, future");
  });
  in.texts("option_roots", [&](const std::string& root) {
    if (!is_code(root))
      in.tell("option_roots", "has \"" + printable(root) + "\", which is no root of an option");
    else
      spec.option_roots.push_back(root);
  });
  in.tables("hours", [&](TableReader& each) { read_hours(each, spec.hours); });
  in.tables("holiday", [&](TableReader& each) { read_yearly(each, false, spec.holidays); });
  in.tables("early_close", [&](TableReader& each) { read_yearly(each, true, spec.early_closes); });
  in.tables("closure", [&](TableReader& each) { read_single(each, true, spec.single_days); });
  in.tables("special_day", [&](TableReader& each) { read_single(each, false, spec.single_days); });
  in.end();
}

template <class T>
void put_before(std::vector<T>& list, const std::vector<T>& base) {
  list.insert(list.begin(), base.begin(), base.end());
}

}  // namespace

bool YearlyDay::is_kept_in(int year) const {
  if (year < from || year > until || std::ranges::find(except, year) != except.end()) return false;
  return years.empty() || std::ranges::find(years, year) != years.end();
}

std::optional<sys_days> YearlyDay::in(int year) const {
  if (!is_kept_in(year)) return std::nullopt;
  const auto date = on.in(std::chrono::year{year});
  if (!date) return std::nullopt;
  const auto day = weekday{*date}.c_encoding();
  if (!weekdays.test(day)) return std::nullopt;
  return *date + days{observed[day]};
}

Result<void> read_calendar_file(const std::string& text, const std::string& file, CalendarSpecs& specs) {
  Problems problems;
  CalendarSpecs merged = specs;
  if (const auto root = loading::parse_toml(text, file, problems)) {
    for (const auto& [key, node] : *root) {
      const std::string code{key.str()};
      const auto line = key.source().begin.line;
      const auto at = file + ":" + std::to_string(line) + ": ";
      const auto* table = node.as_table();
      if (table == nullptr) {
        problems.add(at + "key " + printable(code) +
                         " is not known: a calendar file has a table for each exchange, such as [XNYS] or "
                         "[[XNYS.closure]]",
                     line);
      } else if (!is_code(code)) {
        problems.add(at + "\"" + printable(code) + "\" is no code of an exchange: 1 to " +
                         std::to_string(code_bytes_max) + " of A-Z a-z 0-9 _ - / .",
                     line);
      } else {
        auto& spec = merged[code];
        spec.code = code;
        TableReader reader{*table, code, line, file, problems};
        read_calendar(reader, spec);
        if (spec.timezone.empty() && spec.based_on.empty()) {
          std::vector<std::string> known;
          for (const auto& [other, unused] : specs) known.push_back(other);
          reader.tell_table("is not known" + name_hint(code, known) +
                            "; a new exchange needs a timezone and hours, or based_on");
        }
      }
    }
    if (merged.size() > calendars_max)
      problems.add(file + ": more than " + std::to_string(calendars_max) + " calendars");
  }
  if (!problems.empty()) return tl::unexpected{std::move(problems).to_error()};
  specs = std::move(merged);
  return {};
}

Result<CalendarSpec> resolved(const CalendarSpecs& specs, const CalendarSpec& spec) {
  constexpr int generations_max = 8;
  CalendarSpec out = spec;
  std::string base_code = spec.based_on;
  for (int n = 0; !base_code.empty(); ++n) {
    const auto base = specs.find(base_code);
    if (base == specs.end() || n == generations_max) {
      std::vector<std::string> known;
      for (const auto& [code, unused] : specs) known.push_back(code);
      return fail(Errc::config_invalid,
                  spec.origin + ": key " + spec.code + ".based_on names \"" + base_code + "\", " +
                      (base == specs.end() ? "which is not there" + name_hint(base_code, known)
                                           : std::string{"and so do those after it, without an end"}));
    }
    const auto& from = base->second;
    if (out.name.empty()) out.name = from.name;
    if (out.timezone.empty()) out.timezone = from.timezone;
    if (!out.week) out.week = from.week;
    if (!out.week_starts) out.week_starts = from.week_starts;
    if (!out.first) out.first = from.first;
    if (!out.last) out.last = from.last;
    if (!out.bridge_holiday) out.bridge_holiday = from.bridge_holiday;
    if (out.hours.empty()) out.hours = from.hours;
    put_before(out.holidays, from.holidays);
    put_before(out.early_closes, from.early_closes);
    put_before(out.single_days, from.single_days);
    base_code = from.based_on;
  }
  return out;
}

}  // namespace tradebus
