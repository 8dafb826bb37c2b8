// bars
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "clients/cli/arguments.hpp"
#include "clients/cli/commands.hpp"
#include "clients/cli/plot.hpp"
#include "clients/cli/when.hpp"
#include "tradebus/decimal.hpp"

namespace tradebus::cli {

namespace {

using client::Bar;
using client::Value;

const std::vector<Column> bar_columns{
    {"TIME (UTC)", "ts", Format::time}, {"OPEN", "open", Format::number},     {"HIGH", "high", Format::number},
    {"LOW", "low", Format::number},     {"CLOSE", "close", Format::number},   {"VOLUME", "volume", Format::number},
    {"VWAP", "vwap", Format::number},   {"TRADES", "trades", Format::number},
};

struct BarsOptions {
  std::string symbol;
  std::string timeframe = "1m";
  std::string start, end;
  std::uint64_t limit = 0;
  std::string session;
  bool adjusted = false;
  bool plot = false;
  bool table = false;
};

// Without --start: enough to fill a screen, a long weekend included.
const std::map<std::string, std::string>& default_start() {
  static const std::map<std::string, std::string> by_timeframe{
      {"1s", "-4h"}, {"1m", "-4d"}, {"5m", "-7d"}, {"15m", "-14d"}, {"1h", "-30d"}, {"1d", "-365d"}, {"1w", "-156w"}};
  return by_timeframe;
}

Bar to_bar(const Value& value) {
  Bar bar;
  bar.ts = value["ts"].integer().value_or(0);
  bar.open = value["open"].number().value_or(0);
  bar.high = value["high"].number().value_or(0);
  bar.low = value["low"].number().value_or(0);
  bar.close = value["close"].number().value_or(0);
  bar.volume = value["volume"].number().value_or(0);
  return bar;
}

int plot(Context& ctx, const BarsOptions& o, const Value::Array& list) {
  std::vector<Bar> bars;
  for (const auto& each : list) bars.push_back(to_bar(each));
  const auto& first = bars.front();
  const auto& last = bars.back();
  const double change = first.open != 0 ? (last.close / first.open - 1) * 100 : 0;
  const auto percent = cell(Value{change}, Format::percent);
  std::printf("%s %s  %s  %s  %zu bars\n", ctx.terminal().paint(o.symbol, Color::bold).c_str(), o.timeframe.c_str(),
              client::decimal_text(last.close).c_str(),
              ctx.terminal().paint(percent, change >= 0 ? Color::green : Color::red).c_str(), bars.size());
  const auto height = std::clamp<std::size_t>(ctx.terminal().height, 10, 30) - 4;
  const auto text = plot_candles(bars, {ctx.terminal().width, height}, ctx.terminal());
  std::fwrite(text.data(), 1, text.size(), stdout);
  return exit_ok;
}

int bars(Context& ctx, const BarsOptions& o) {
  const auto start = ctx.when("--start", o.start.empty() ? default_start().at(o.timeframe) : o.start);
  const auto end = ctx.when("--end", o.end.empty() ? "now" : o.end);
  if (!start || !end) return exit_usage;
  if (*start >= *end) return ctx.usage("--start is not before --end");
  Value args;
  args.set("symbol", o.symbol).set("timeframe", o.timeframe).set("start", *start).set("end", *end);
  if (o.adjusted) args.set("adjusted", true);
  if (!o.session.empty()) args.set("session", o.session);
  // Without a start the last bars are meant, with one the first after it.
  auto list = ctx.bars(args, o.start.empty() ? 0 : o.limit);
  if (!list) return ctx.fail(list.error());
  if (o.limit != 0 && list->size() > o.limit)
    list->erase(list->begin(), list->end() - static_cast<std::ptrdiff_t>(o.limit));
  if (list->empty()) {
    if (!ctx.json())
      std::fprintf(stderr, "no bars between %s and %s UTC\n", time_text(*start).c_str(), time_text(*end).c_str());
    return exit_ok;
  }
  if (!ctx.json() && (o.plot || (ctx.terminal().tty && !o.table))) return plot(ctx, o, *list);
  return ctx.rows(Value{std::move(*list)}, bar_columns);
}

}  // namespace

void add_bars_command(Commands& commands) {
  auto o = std::make_shared<BarsOptions>();
  auto* command =
      commands.add("bars", "Historical bars, as a table or as candles", [o](Context& ctx) { return bars(ctx, *o); });
  command->add_option("symbol", o->symbol, "AAPL")->required();
  command->add_option("timeframe", o->timeframe, "1s, 1m, 5m, 15m, 1h, 1d or 1w")
      ->check(CLI::IsMember({"1s", "1m", "5m", "15m", "1h", "1d", "1w"}))
      ->capture_default_str();
  command->add_option("--start", o->start, "2024-06-21, 2024-06-21T13:30:00Z, or -5d, -2h (UTC)");
  command->add_option("--end", o->end, "the same; now when it is left out");
  command->add_option("--limit", o->limit, "at most so many bars: the first after --start, or the last ones")
      ->check(whole_number());
  command->add_flag("--adjusted", o->adjusted, "prices as they would be without splits and dividends");
  command
      ->add_option("--session", o->session,
                   "regular, or extended with pre-market and after-hours; all bars when it is left out")
      ->check(CLI::IsMember({"all", "regular", "extended"}));
  auto* plot_flag = command->add_flag("--plot", o->plot, "candles (the default in a terminal)");
  command->add_flag("--table", o->table, "a table (the default elsewhere)")->excludes(plot_flag);
}

}  // namespace tradebus::cli
