#include "engine/calendar/day_plan.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "bus/model/time.hpp"

namespace tradebus {

namespace {

using namespace std::chrono;

constexpr std::bitset<7> every_weekday{0b0111110};  // Monday to Friday
constexpr std::size_t many_max = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint16_t none = std::numeric_limits<std::uint16_t>::max();

class Planner {
 public:
  explicit Planner(const CalendarSpec& spec) : spec_{spec} {}

  Result<DayPlan> run() {
    out_.first = std::max(spec_.first.value_or(calendar_first), sys_days{1970y / January / 2});
    out_.last = std::min(spec_.last.value_or(calendar_last), calendar_last);
    if (out_.first > out_.last)
      return fail(Errc::config_invalid, spec_.origin + ": key " + spec_.code + ".first must not be after last (" +
                                            "time zones are known to the end of 2037)");
    if (spec_.hours.empty() || spec_.hours.front().from > out_.first)
      return fail(Errc::config_invalid, spec_.origin + ": " + spec_.code + " needs [[" + spec_.code +
                                            ".hours]] for its first day: one without from");
    const auto count = static_cast<std::size_t>((out_.last - out_.first).count()) + 1;
    holidays_.assign(count, 0);
    early_.assign(count, none);
    if (spec_.early_closes.size() >= none) return fail(Errc::config_invalid, spec_.origin + ": too many early closes");
    out_.names.emplace_back();
    mark_years();
    if (spec_.bridge_holiday) mark_bridges();
    for (const auto& single : spec_.single_days) singles_[single.date] = &single;
    for (auto date = out_.first; date <= out_.last; date += days{1})
      if (auto ok = plan(date); !ok) return tl::unexpected{ok.error()};
    if (out_.names.size() > many_max || out_.hours.size() > many_max)
      return fail(Errc::config_invalid, spec_.origin + ": " + spec_.code + " has too many different names or hours");
    return std::move(out_);
  }

 private:
  std::size_t index(sys_days date) const { return static_cast<std::size_t>((date - out_.first).count()); }
  bool covers(sys_days date) const { return date >= out_.first && date <= out_.last; }

  std::uint16_t name(const std::string& text) {
    const auto [it, is_new] = name_ids_.try_emplace(text, static_cast<std::uint16_t>(out_.names.size()));
    if (is_new) out_.names.push_back(text);
    return it->second;
  }
  std::uint16_t hours_id(const DayHours& hours) {
    // Neighbouring days mostly have the same hours.
    const auto it = std::find(out_.hours.rbegin(), out_.hours.rend(), hours);
    if (it != out_.hours.rend()) return static_cast<std::uint16_t>(out_.hours.rend() - it - 1);
    out_.hours.push_back(hours);
    return static_cast<std::uint16_t>(out_.hours.size() - 1);
  }

  // Days may be moved over a year's end: the neighbouring years are asked too.
  void mark_years() {
    const auto first = static_cast<int>(year_month_day{out_.first}.year()) - 1;
    const auto last = static_cast<int>(year_month_day{out_.last}.year()) + 1;
    for (const auto& rule : spec_.holidays) {
      const auto id = name(rule.name);
      for (int y = first; y <= last; ++y)
        if (const auto date = rule.in(y); date && covers(*date) && holidays_[index(*date)] == 0)
          holidays_[index(*date)] = id;
    }
    for (std::size_t i = 0; i < spec_.early_closes.size(); ++i)
      for (int y = first; y <= last; ++y)
        if (const auto date = spec_.early_closes[i].in(y); date && covers(*date))
          early_[index(*date)] = static_cast<std::uint16_t>(i);
  }
  void mark_bridges() {
    const auto id = name(*spec_.bridge_holiday);
    std::vector<std::size_t> bridges;
    for (std::size_t i = 1; i + 1 < holidays_.size(); ++i)
      if (holidays_[i] == 0 && holidays_[i - 1] != 0 && holidays_[i + 1] != 0) bridges.push_back(i);
    for (const auto i : bridges) holidays_[i] = id;
  }

  Result<void> plan(sys_days date) {
    const auto found = singles_.find(date);
    const SingleDay* single = found == singles_.end() ? nullptr : found->second;
    const bool is_usual = spec_.week.value_or(every_weekday).test(weekday{date}.c_encoding());
    if (single != nullptr && single->closed) {
      if (is_usual) out_.closures.push_back({date, 0, name(single->name)});
      return {};
    }
    // A special day is a session whatever the rules say.
    if (single == nullptr && !is_usual) return {};
    const auto holiday = holidays_[index(date)];
    if (single == nullptr && holiday != 0) {
      out_.closures.push_back({date, 0, holiday});
      return {};
    }
    const auto early_id = early_[index(date)];
    const YearlyDay* early = early_id == none ? nullptr : &spec_.early_closes[early_id];
    auto hours = hours_of(date, single, early);
    if (!hours) return tl::unexpected{hours.error()};
    const auto id = single != nullptr ? name(single->name) : early != nullptr ? name(early->name) : std::uint16_t{0};
    if (out_.names.size() > many_max || out_.hours.size() >= many_max) return {};  // told at the end
    out_.sessions.push_back({date, hours_id(*hours), id});
    return {};
  }

  Result<DayHours> hours_of(sys_days date, const SingleDay* single, const YearlyDay* early) const {
    const auto& usual = *std::prev(std::upper_bound(spec_.hours.begin(), spec_.hours.end(), date,
                                                    [](sys_days d, const HoursSpec& hours) { return d < hours.from; }));
    DayHours out;
    out.regular = usual.regular;
    bool is_planned = false;  // after-hours end early only when the early close was planned
    if (early != nullptr) {
      const auto close = early->close ? early->close : usual.early_close;
      if (!close)
        return fail(Errc::config_invalid,
                    early->origin + ": " + spec_.code + ".early_close needs a close: its hours have no early_close");
      out.regular.end = *close;
      is_planned = true;
    }
    if (single != nullptr) {
      if (single->open) out.regular.begin = *single->open;
      if (single->close) {
        out.regular.end = *single->close;
        is_planned = single->close == usual.early_close;
      }
    }
    if (out.regular.begin >= out.regular.end || out.regular.end - out.regular.begin > days{1})
      return fail(Errc::config_invalid, (single != nullptr ? single->origin : early->origin) + ": " + spec_.code +
                                            ": on " + iso(date) + " the session would end before it begins");
    out.early = out.regular.end < usual.regular.end;
    if (usual.pause && usual.pause->begin > out.regular.begin && usual.pause->end < out.regular.end)
      out.pause = *usual.pause;
    if (usual.pre) {
      out.pre = *usual.pre;
      if (out.pre.end == usual.regular.begin || out.pre.end > out.regular.begin) out.pre.end = out.regular.begin;
      if (out.pre.begin >= out.pre.end) out.pre = {};
    }
    if (usual.post) {
      out.post = *usual.post;
      if (out.regular.end != usual.regular.end) {
        out.post.begin = out.regular.end + (usual.post->begin - usual.regular.end);
        if (is_planned) out.post.end = usual.early_post_close.value_or(out.post.begin);
        if (out.post.begin >= out.post.end) out.post = {};
      }
    }
    return out;
  }

  static std::string iso(sys_days date) { return to_iso8601(date).substr(0, 10); }

  const CalendarSpec& spec_;
  DayPlan out_;
  std::vector<std::uint16_t> holidays_;  // by day: the name's id, 0: none
  std::vector<std::uint16_t> early_;     // by day: the rule, or none
  std::map<sys_days, const SingleDay*> singles_;
  std::map<std::string, std::uint16_t> name_ids_{{"", std::uint16_t{0}}};
};

}  // namespace

Result<DayPlan> DayPlan::make(const CalendarSpec& spec) { return Planner{spec}.run(); }

}  // namespace tradebus
