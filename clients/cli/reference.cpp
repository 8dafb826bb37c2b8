// details, daily, news, search, chain
#include <memory>

#include "clients/cli/arguments.hpp"
#include "clients/cli/commands.hpp"

namespace tradebus::cli {

namespace {

using client::Value;

const std::vector<Column> news_columns{
    {"TIME (UTC)", "ts", Format::time}, {"SYMBOLS", "symbols"}, {"PUBLISHER", "publisher"}, {"TITLE", "title"}};

const std::vector<Column> match_columns{
    {"SYMBOL", "symbol"}, {"CLASS", "asset_class"}, {"EXCHANGE", "exchange"}, {"NAME", "name"}};

const std::vector<Column> chain_columns{
    {"SYMBOL", "symbol"},
    {"EXPIRY", "expiry"},
    {"STRIKE", "strike", Format::number},
    {"RIGHT", "right"},
    {"BID", "bid", Format::number},
    {"ASK", "ask", Format::number},
    {"LAST", "last", Format::number},
    {"VOLUME", "volume", Format::number},
    {"OPEN INT", "open_interest", Format::number},
    {"IV", "iv", Format::model},
    {"DELTA", "delta", Format::model},
    {"GAMMA", "gamma", Format::model},
    {"THETA", "theta", Format::model},
    {"VEGA", "vega", Format::model},
};

void add_chain(Commands& commands) {
  struct Chain {
    std::string underlying, expiry, right, strike_min, strike_max, broker, provider;
    std::uint64_t limit = 0;
  };
  auto c = std::make_shared<Chain>();
  auto* command = commands.add("chain", "The option chain of an underlying", [c](Context& ctx) {
    Value args;
    args.set("underlying", c->underlying);
    auto text = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) args.set(key, value);
    };
    text("expiry", c->expiry), text("right", c->right), text("strike_min", c->strike_min);
    text("strike_max", c->strike_max), text("broker", c->broker), text("provider", c->provider);
    if (c->limit != 0) args.set("limit", c->limit);
    return ctx.ask_rows("get_option_chain", args, "quotes", chain_columns);
  });
  command->add_option("underlying", c->underlying, "AAPL")->required();
  command->add_option("--expiry", c->expiry, "YYYY-MM-DD");
  command->add_option("--right", c->right, "call or put")->check(CLI::IsMember({"call", "put"}));
  command->add_option("--strike-min", c->strike_min, "lowest strike");
  command->add_option("--strike-max", c->strike_max, "highest strike");
  command->add_option("--limit", c->limit, "at most so many contracts")->check(whole_number());
  command->add_option("--broker", c->broker, "ask this broker");
  command->add_option("--provider", c->provider, "ask this provider");
}

void add_news(Commands& commands) {
  struct News {
    std::string symbol, since;
    std::uint64_t limit = 20;
  };
  auto n = std::make_shared<News>();
  auto* command = commands.add("news", "News of a symbol, or of the market", [n](Context& ctx) -> int {
    Value args;
    if (!n->symbol.empty()) args.set("symbol", n->symbol);
    if (!n->since.empty()) {
      const auto since = ctx.when("--since", n->since);
      if (!since) return exit_usage;
      args.set("since", *since);
    }
    args.set("limit", n->limit);
    return ctx.ask_rows(n->symbol.empty() ? "get_market_news" : "get_news", args, "items", news_columns);
  });
  command->add_option("symbol", n->symbol, "without one: the market's news");
  command->add_option("--since", n->since, "only newer (a time, or -2h)");
  command->add_option("--limit", n->limit, "at most so many")->check(whole_number())->capture_default_str();
}

}  // namespace

void add_reference_commands(Commands& commands) {
  auto details = std::make_shared<std::string>();
  commands
      .add("details", "Who is behind a symbol",
           [details](Context& ctx) { return ctx.ask_record("get_ticker_details", Value{}.set("symbol", *details)); })
      ->add_option("symbol", *details, "AAPL")
      ->required();

  auto daily = std::make_shared<std::string>();
  commands
      .add("daily", "The day's bar, the previous day's, and the change",
           [daily](Context& ctx) { return ctx.ask_record("get_daily_snapshot", Value{}.set("symbol", *daily)); })
      ->add_option("symbol", *daily, "AAPL")
      ->required();

  add_news(commands);

  auto text = std::make_shared<std::vector<std::string>>();
  commands
      .add("search", "Symbols by name",
           [text](Context& ctx) {
             std::string words;
             for (const auto& word : *text) words += (words.empty() ? "" : " ") + word;
             return ctx.ask_rows("search_symbols", Value{}.set("text", words), "matches", match_columns);
           })
      ->add_option("text", *text, "part of a symbol or name")
      ->required();

  add_chain(commands);
}

}  // namespace tradebus::cli
