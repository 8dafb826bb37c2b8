#include "clients/cli/follow.hpp"

#include <chrono>
#include <cstdio>
#include <set>

#include "clients/cli/blotter.hpp"
#include "clients/cli/interrupt.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/when.hpp"
#include "tradebus/decimal.hpp"

namespace tradebus::cli {

namespace {

using namespace std::chrono_literals;
using client::Fill;
using client::Order;
using client::OrderEvent;
using client::Value;

// Prints the fills of one order, each once, wherever they come from.
class Follower {
 public:
  Follower(Context& ctx, client::Session& session, std::string order_id)
      : ctx_{ctx}, session_{session}, order_id_{std::move(order_id)} {}

  bool closed() const { return closed_; }
  const Value& order() const { return order_; }

  void take(const OrderEvent& event, const Value& raw) {
    if (event.order.order_id != order_id_) return;
    if (event.fill && seen_.insert(event.event + ' ' + event.fill->exec_id).second) print(event, *event.fill, raw);
    if (event.order.closed()) close(raw["order"]);
  }

  // What the stream may have kept from us: asks for the order, and once it is closed for its events.
  void ask(std::uint64_t journal_seq) {
    auto now = session_.request("get_order", Value{}.set("order_id", order_id_));
    if (!now) return;
    const auto status = (*now)["status"].text_or("");
    if (status != "filled" && status != "canceled" && status != "rejected" && status != "expired") return;
    fetch_events(journal_seq);
    close(*now);
  }

 private:
  void fetch_events(std::uint64_t after) {
    for (int pages = 0; pages < 1'000 && !closed_; ++pages) {
      auto reply = session_.exchange("get_events", Value{}.set("after", after).set("limit", 1'000), {});
      if (!reply || reply->result == nullptr) return;
      const auto* events = client::MapReader{*reply->result}.find("events");
      if (events == nullptr || events->type != msgpack::type::ARRAY || events->via.array.size == 0) return;
      for (std::uint32_t i = 0; i < events->via.array.size; ++i) {
        const auto event = client::decode<OrderEvent>(events->via.array.ptr[i]);
        after = std::max(after, event.seq);
        take(event, Value::from(events->via.array.ptr[i]));
      }
    }
  }

  void close(const Value& order) {
    closed_ = true;
    order_ = order;
  }

  void print(const OrderEvent& event, const Fill& fill, const Value& raw) const {
    if (ctx_.json()) {
      std::printf("%s\n", to_json(raw).c_str());
    } else {
      std::printf("%s  %s @ %s  %s  commission %s  %s\n", event.event.c_str(), client::decimal_text(fill.qty).c_str(),
                  client::decimal_text(fill.price).c_str(), time_text(fill.ts).c_str(),
                  client::decimal_text(fill.commission).c_str(), fill.exec_id.c_str());
    }
    std::fflush(stdout);
  }

  Context& ctx_;
  client::Session& session_;
  std::string order_id_;
  std::set<std::string> seen_;
  Value order_;
  bool closed_ = false;
};

// Where the journal stands before the order: its events come after.
std::uint64_t journal_seq(client::Session& session) {
  auto reply = session.request("get_events", Value{}.set("after", 0).set("limit", 1));
  return reply ? static_cast<std::uint64_t>((*reply)["last_seq"].integer().value_or(0)) : 0;
}

}  // namespace

int place_order(Context& ctx, client::OrderRequest request, bool wait) {
  auto open = ctx.session();
  if (!open) return ctx.fail(open.error());
  auto& session = **open;
  if (!request.client_order_id) request.client_order_id = session.ids().next();
  if (!wait) {
    auto placed = session.place_raw(request);
    return placed ? print_order(ctx, *placed) : ctx.fail(placed.error());
  }
  auto stream = ctx.stream();
  if (!stream) return ctx.fail(stream.error());
  stream->subscribe("order|");
  const auto before = journal_seq(session);
  auto placed = session.place_raw(request);
  if (!placed) return ctx.fail(placed.error());
  print_order(ctx, *placed);
  std::fflush(stdout);

  catch_interrupts();
  Follower follower{ctx, session, (*placed)["order_id"].text_or("")};
  follower.ask(before);
  while (!follower.closed() && !interrupted()) {
    if (auto message = stream->next(500ms))
      follower.take(message->as<OrderEvent>(), message->value());
    else if (!interrupted())
      follower.ask(before);
  }
  if (!follower.closed()) return exit_ok;
  print_order(ctx, follower.order());
  return follower.order()["status"].text_or("") == "rejected" ? exit_refused : exit_ok;
}

}  // namespace tradebus::cli
