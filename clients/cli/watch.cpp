// watch
#include <cstdio>
#include <map>
#include <memory>

#include "clients/cli/commands.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/listening.hpp"
#include "clients/cli/when.hpp"
#include "tradebus/decimal.hpp"

namespace tradebus::cli {

namespace {

using client::Kind;
using client::Message;
using client::Value;

struct WatchOptions {
  std::vector<std::string> symbols;
  std::vector<std::string> kinds{"quote", "trade"};
  Until until;
};

std::string number(const std::optional<double>& value) { return value ? client::decimal_text(*value) : "-"; }

// One message as a line for pipes and files.
std::string line_of(const Message& message) {
  const auto key = std::string{client::topic_key(message.topic())};
  switch (message.kind()) {
    case Kind::quote: {
      const auto q = message.as<client::Quote>();
      return time_text(q.ts) + "  quote  " + q.symbol + "  " + number(q.bid) + " x " + number(q.bid_size) + "  " +
             number(q.ask) + " x " + number(q.ask_size) + (q.quality == "live" ? "" : "  " + q.quality);
    }
    case Kind::trade: {
      const auto t = message.as<client::Trade>();
      return time_text(t.ts) + "  trade  " + t.symbol + "  " + client::decimal_text(t.price) + " x " +
             client::decimal_text(t.size);
    }
    case Kind::bar: {
      const auto b = message.as<client::Bar>();
      return time_text(b.ts) + "  " + std::string{client::topic_word(message.topic())} + "  " + b.symbol + "  o " +
             client::decimal_text(b.open) + "  h " + client::decimal_text(b.high) + "  l " +
             client::decimal_text(b.low) + "  c " + client::decimal_text(b.close) + "  v " +
             client::decimal_text(b.volume) + (b.final ? "" : "  open");
    }
    case Kind::status: {
      const auto s = message.as<client::Status>();
      return "-  status  " + key + "  " + s.state + (s.reason.empty() ? "" : "  " + s.reason);
    }
    case Kind::option:
    case Kind::news:
    case Kind::order:
    case Kind::position:
    case Kind::account:
    case Kind::heartbeat:
    case Kind::feed:
    case Kind::other:
      break;
  }
  return message.topic() + "  " + to_json(message.value());
}

// The table that redraws itself in place.
class LiveTable {
 public:
  LiveTable(const Context& ctx, const std::vector<std::string>& symbols) : ctx_{ctx}, symbols_{symbols} {
    if (ctx_.terminal().tty) std::fputs("\x1b[?25l", stdout);  // no cursor while it redraws
  }
  ~LiveTable() {
    if (ctx_.terminal().tty) std::fputs("\x1b[?25h", stdout);
    std::fflush(stdout);
  }
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;

  void take(const Message& message) {
    const std::string key{client::topic_key(message.topic())};
    dirty_ = true;
    if (message.kind() == Kind::status) {
      const auto bar = key.find('|');
      const auto status = message.as<client::Status>();
      if (bar != std::string::npos)
        rows_[key.substr(bar + 1)].state = status.state + (status.reason.empty() ? "" : ": " + status.reason);
      return;
    }
    auto& row = rows_[key];
    ++row.messages;
    if (message.kind() == Kind::quote) row.quote = message.as<client::Quote>();
    if (message.kind() == Kind::trade) {
      const auto before = row.trade ? row.trade->price : 0;
      row.trade = message.as<client::Trade>();
      if (before != 0) row.direction = row.trade->price > before ? 1 : row.trade->price < before ? -1 : row.direction;
    }
    if (message.kind() == Kind::bar) row.bar = message.as<client::Bar>();
  }

  void draw() {
    if (!dirty_) return;
    dirty_ = false;
    Table table{{{"SYMBOL"},
                 {"BID SIZE", true},
                 {"BID", true},
                 {"ASK", true},
                 {"ASK SIZE", true},
                 {"LAST", true},
                 {"SIZE", true},
                 {"TIME (UTC)"},
                 {"MESSAGES", true},
                 {"STATE"}}};
    std::size_t lines = 1;
    for (const auto& symbol : symbols_) {
      if (lines + 2 >= ctx_.terminal().height) break;
      table.add(cells(symbol, rows_[symbol]));
      ++lines;
    }
    if (drawn_ != 0) std::printf("\x1b[%zuA\x1b[J", drawn_);
    const auto text = table.text(ctx_.terminal());
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    drawn_ = lines;
  }

 private:
  struct Row {
    std::optional<client::Quote> quote;
    std::optional<client::Trade> trade;
    std::optional<client::Bar> bar;
    int direction = 0;
    std::uint64_t messages = 0;
    std::string state;
  };

  static std::vector<std::string> cells(const std::string& symbol, const Row& row) {
    const auto quote = row.quote.value_or(client::Quote{});
    std::string last, size;
    std::int64_t ts = quote.ts;
    if (row.trade) {
      last = (row.direction > 0 ? "▲ " : row.direction < 0 ? "▼ " : "") + client::decimal_text(row.trade->price);
      size = client::decimal_text(row.trade->size);
      ts = std::max(ts, row.trade->ts);
    } else if (row.bar) {
      last = client::decimal_text(row.bar->close);
      size = client::decimal_text(row.bar->volume);
      ts = std::max(ts, row.bar->ts);
    }
    auto state = row.state;
    if (row.quote && quote.quality != "live") state += (state.empty() ? "" : ", ") + quote.quality;
    return {symbol,
            number(quote.bid_size),
            number(quote.bid),
            number(quote.ask),
            number(quote.ask_size),
            last,
            size,
            ts != 0 ? clock_text(ts) : "",
            std::to_string(row.messages),
            state};
  }

  const Context& ctx_;
  std::vector<std::string> symbols_;
  std::map<std::string, Row> rows_;
  std::size_t drawn_ = 0;
  bool dirty_ = true;
};

int watch(Context& ctx, const WatchOptions& o) {
  auto stream = ctx.stream();
  if (!stream) return ctx.fail(stream.error());
  catch_interrupts();
  stream->on_gap = [&](const client::Gap& gap) {
    if (!gap.complete())
      ctx.warn("lost messages of " + gap.topic + " between " + std::to_string(gap.after) + " and " +
               std::to_string(gap.before));
  };
  Endings endings;
  for (const auto& symbol : o.symbols) {
    for (const auto& kind : o.kinds) {
      endings.expect(client::make_topic(kind, symbol));
      stream->subscribe(client::make_topic(kind, symbol));
      stream->subscribe(client::make_topic("status|" + kind, symbol));
    }
  }
  const bool live = ctx.terminal().tty && !ctx.json();
  std::optional<LiveTable> table;
  if (live) table.emplace(ctx, o.symbols);
  return listen(
      ctx, *stream, o.until, endings,
      [&](const Message& message) {
        if (live) {
          table->take(message);
        } else {
          const auto line =
              ctx.json() ? to_json(Value{}.set("topic", message.topic()).merge(message.value())) : line_of(message);
          std::printf("%s\n", line.c_str());
        }
        return message.kind() != Kind::status;
      },
      [&] {
        if (live) table->draw();
        std::fflush(stdout);
      });
}

}  // namespace

void add_watch_command(Commands& commands) {
  auto o = std::make_shared<WatchOptions>();
  auto* command = commands.add("watch", "Live market data until Ctrl-C", [o](Context& ctx) { return watch(ctx, *o); });
  command->add_option("symbols", o->symbols, "AAPL, BRK.B, BTC-USD, SYMBOL@provider")->required();
  command->add_option("--kinds", o->kinds, "quote, trade, bar_1s, bar_1m, bar_5m, bar_1h, bar_1d, option, news")
      ->delimiter(',')
      ->check(CLI::IsMember({"quote", "trade", "bar_1s", "bar_1m", "bar_5m", "bar_1h", "bar_1d", "option", "news"}))
      ->capture_default_str();
  command->add_option("--for", o->until.seconds, "end after so many seconds")->check(CLI::PositiveNumber);
  command->add_option("--count", o->until.count, "end after so many messages")->check(CLI::PositiveNumber);
}

}  // namespace tradebus::cli
