// A moving-average crossover on the C++ client: buys when the fast average of the last prices rises above the slow one,
// sells when it falls below, long or flat, and tells at the end what that has earned.
//
//   moving_average AAPL [--fast 10] [--slow 30] [--qty 100] [--for SECONDS] [--mids]
//                       [--stream ENDPOINT] [--command ENDPOINT]
//
// Trade prices are averaged, or with --mids the middle of bid and ask. It ends when the symbol's data ends (a replay
// that is through), after --for seconds, or with Ctrl-C. Times and orders go through the daemon, so that the same
// program runs on a recording, on paper and live.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "examples/cpp/crossover.hpp"
#include "tradebus/client.hpp"

namespace {

using namespace tradebus::client;
using tradebus::example::Book;
using tradebus::example::Crossover;
using tradebus::example::Signal;

volatile std::sig_atomic_t stop = 0;

struct Options {
  std::string symbol;
  std::size_t fast = 10;
  std::size_t slow = 30;
  double qty = 100;
  double seconds = 0;
  bool mids = false;
  std::string stream = default_stream;
  std::string command = default_command;
};

std::string env_or(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

bool parse(int argc, char** argv, Options& o) {
  o.stream = env_or("TRADEBUS_BUS_STREAM", default_stream);
  o.command = env_or("TRADEBUS_BUS_COMMAND", default_command);
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--mids") {
      o.mids = true;
    } else if (!arg.starts_with("--")) {
      if (!o.symbol.empty()) return false;
      o.symbol = arg;
    } else if (i + 1 < argc) {
      const char* value = argv[++i];
      if (arg == "--fast")
        o.fast = std::strtoul(value, nullptr, 10);
      else if (arg == "--slow")
        o.slow = std::strtoul(value, nullptr, 10);
      else if (arg == "--qty")
        o.qty = std::strtod(value, nullptr);
      else if (arg == "--for")
        o.seconds = std::strtod(value, nullptr);
      else if (arg == "--stream")
        o.stream = value;
      else if (arg == "--command")
        o.command = value;
      else
        return false;
    } else {
      return false;
    }
  }
  return !o.symbol.empty() && o.fast > 0 && o.fast < o.slow && o.qty > 0;
}

class Strategy {
 public:
  Strategy(const Options& options, Session& session)
      : options_{options}, session_{session}, crossover_{options.fast, options.slow} {}

  // False when the data has ended.
  bool take(const Message& message) {
    switch (message.kind()) {
      case Kind::quote:
        if (const auto mid = message.as<Quote>().mid()) price(*mid, options_.mids && !message.snapshot());
        return true;
      case Kind::trade:
        price(message.as<Trade>().price, !options_.mids && !message.snapshot());
        return true;
      case Kind::order:
        order(message.as<OrderEvent>());
        return true;
      case Kind::status:
        return !ended(message);
      case Kind::bar:
      case Kind::option:
      case Kind::news:
      case Kind::position:
      case Kind::account:
      case Kind::heartbeat:
      case Kind::feed:
      case Kind::other:
        return true;
    }
    return true;
  }

  // Waits a moment for the order that is under way, so that the report has its fills.
  void settle(Stream& stream) {
    const auto deadline = std::chrono::steady_clock::now() + 2s;
    settling_ = true;
    while (!open_order_.empty() && std::chrono::steady_clock::now() < deadline) {
      const auto message = stream.next(100ms);
      if (message && message->kind() == Kind::order) order(message->as<OrderEvent>());
    }
  }

  void report() const {
    std::printf("%s: %llu prices, %zu fills, position %s at %s, last price %s\n", options_.symbol.c_str(),
                static_cast<unsigned long long>(prices_), book_.fills(), decimal_text(book_.qty()).c_str(),
                decimal_text(book_.average()).c_str(), decimal_text(last_).c_str());
    std::printf("profit and loss: realized %.2f, unrealized %.2f, commissions %.2f, total %.2f\n", book_.realized(),
                book_.unrealized(last_), book_.commissions(),
                book_.realized() + book_.unrealized(last_) - book_.commissions());
  }

 private:
  void price(double price, bool averaged) {
    last_ = price;
    if (!averaged) return;
    ++prices_;
    switch (crossover_.add(price)) {
      case Signal::none:
        return;
      case Signal::above:
        return want(options_.qty);
      case Signal::below:
        return want(0);
    }
  }

  // One order at a time: a second one before the first is filled could overshoot. What is wanted meanwhile is
  // remembered.
  void want(double qty) {
    wanted_ = qty;
    if (!open_order_.empty()) return;
    const double change = wanted_ - book_.qty();
    if (change == 0) return;
    const auto placed = change > 0 ? session_.buy(options_.symbol, change) : session_.sell(options_.symbol, -change);
    if (placed) {
      open_order_ = placed->order_id;
      return;
    }
    std::fprintf(stderr, "no order: %s: %s\n", placed.error().code.c_str(), placed.error().message.c_str());
  }

  void order(const OrderEvent& event) {
    if (event.order.order_id != open_order_) return;
    if (event.fill && book_.add(event.fill->exec_id, event.order.side == "buy" ? event.fill->qty : -event.fill->qty,
                                event.fill->price, event.fill->commission)) {
      std::printf("fill %s %s %s @ %s, position %s\n", event.order.side.c_str(), decimal_text(event.fill->qty).c_str(),
                  options_.symbol.c_str(), decimal_text(event.fill->price).c_str(), decimal_text(book_.qty()).c_str());
      std::fflush(stdout);
    }
    closed(event.order);
  }

  void closed(const Order& order) {
    if (!order.closed()) return;
    if (order.status == "rejected")
      std::fprintf(stderr, "order %s rejected: %s\n", order.order_id.c_str(), order.reason.c_str());
    open_order_.clear();
    if (order.status == "filled" && !settling_) want(wanted_);
  }

  bool ended(const Message& message) {
    const auto status = message.as<Status>();
    if (status.state == "rejected") std::fprintf(stderr, "%s: %s\n", message.topic().c_str(), status.reason.c_str());
    return status.state == "ended" || status.state == "rejected";
  }

  Options options_;
  Session& session_;
  Crossover crossover_;
  Book book_;
  std::string open_order_;
  bool settling_ = false;
  double wanted_ = 0;
  double last_ = 0;
  std::uint64_t prices_ = 0;
};

int fail(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", error.code.c_str(), error.message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs(
        "usage: moving_average SYMBOL [--fast N] [--slow N] [--qty N] [--for SECONDS] [--mids] [--stream E] [--command "
        "E]\n",
        stderr);
    return 1;
  }
  std::signal(SIGINT, [](int) { stop = 1; });
  std::signal(SIGTERM, [](int) { stop = 1; });

  auto session = Session::open({.command = options.command, .client = "moving-average"});
  if (!session) return fail(session.error());
  auto stream = Stream::open({.stream = options.stream, .command = options.command});
  if (!stream) return fail(stream.error());
  Strategy strategy{options, *session};
  stream->on_disconnected = [] { std::fputs("the daemon is silent; waiting for it\n", stderr); };
  stream->on_gap = [](const Gap& gap) {
    if (!gap.complete()) std::fprintf(stderr, "lost messages of %s\n", gap.topic.c_str());
  };
  stream->subscribe("order|");
  stream->subscribe(make_topic(options.mids ? "status|quote" : "status|trade", options.symbol));
  stream->subscribe(quote_topic(options.symbol));
  stream->subscribe(trade_topic(options.symbol));

  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>{options.seconds};
  while (stop == 0 && (options.seconds <= 0 || std::chrono::steady_clock::now() < end)) {
    const auto message = stream->next(100ms);
    if (message && !strategy.take(*message)) break;
  }
  strategy.settle(*stream);
  strategy.report();
  return 0;
}
