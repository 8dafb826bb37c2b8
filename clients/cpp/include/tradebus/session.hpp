// A session on the command endpoint: requests in, answers out.
//
// Thread: one object, one thread. Every call blocks until its answer, its deadline or a signal. Two threads use two
// sessions.
// Errors: Expected; the codes are listed in expected.hpp. Nothing throws.
// Reconnecting: ZeroMQ does it. After each new connection the session says hello again before the next request. A
// request never waits in a queue for a daemon that is down: it fails as client.unreachable and is not sent later.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "tradebus/decode.hpp"
#include "tradebus/detail/socket.hpp"
#include "tradebus/expected.hpp"
#include "tradebus/options.hpp"
#include "tradebus/orders.hpp"
#include "tradebus/types.hpp"
#include "tradebus/value.hpp"

namespace tradebus::client {

class Session {
 public:
  static constexpr std::uint64_t page_max = 1'000;  // orders or events that are asked for at once

  using Timeout = std::optional<std::chrono::milliseconds>;

  // Connects and says hello within `options.timeout`.
  static Expected<Session> open(const SessionOptions& options = {}) {
    try {
      Session session{options};
      const auto deadline = detail::SteadyClock::now() + session.options_.timeout;
      if (auto down = session.wait_connected("hello", deadline)) return *down;
      if (auto greeted = session.greet(deadline); !greeted) return greeted.error();
      return session;
    } catch (const zmq::error_t& e) {
      return detail::endpoint_error(options.command, e);
    }
  }
  Session(Session&&) = default;
  Session& operator=(Session&&) = default;

  // What the daemon said to hello: server, version, protocol, epoch, client, roles, brokers, providers.
  const Value& hello() const { return hello_; }

  // Any op of the protocol.
  Expected<Value> request(std::string_view op, const Value& args = {}, Timeout timeout = {}) {
    auto reply = exchange(op, args, timeout);
    if (!reply) return reply.error();
    return reply->result != nullptr ? Value::from(*reply->result) : Value{};
  }
  // The same, read into a type of types.hpp.
  template <class T>
  Expected<T> request_as(std::string_view op, const Value& args = {}, Timeout timeout = {}) {
    auto reply = exchange(op, args, timeout);
    if (!reply) return reply.error();
    return reply->result != nullptr ? decode<T>(*reply->result) : T{};
  }
  // The same for a result that holds a list under `key`.
  template <class T>
  Expected<std::vector<T>> request_list(std::string_view op, std::string_view key, const Value& args = {},
                                        Timeout timeout = {}) {
    auto reply = exchange(op, args, timeout);
    if (!reply) return reply.error();
    std::vector<T> items;
    if (reply->result != nullptr) MapReader{*reply->result}(key, items);
    return items;
  }

  // ---- orders
  // --------------------------------------------------------------------------------------------------------

  // The reply comes when the order is durable and past risk. Without an answer the same order is asked for once more
  // under the same client_order_id, which the daemon never sends twice. An error with may_have_happened() carries the
  // id in details.client_order_id: ask for it with order_by_client_id().
  Expected<Order> place(const OrderRequest& order, Timeout timeout = {}) {
    auto placed = place_packed(order, timeout);
    if (!placed) return placed.error();
    return placed->result != nullptr ? decode<Order>(*placed->result) : Order{};
  }
  Expected<Order> buy(std::string_view symbol, Amount qty) {
    return place(OrderRequest::market("buy", symbol, std::move(qty)));
  }
  Expected<Order> sell(std::string_view symbol, Amount qty) {
    return place(OrderRequest::market("sell", symbol, std::move(qty)));
  }
  Expected<Order> buy_limit(std::string_view symbol, Amount qty, Amount price) {
    return place(OrderRequest::limit("buy", symbol, std::move(qty), std::move(price)));
  }
  Expected<Order> sell_limit(std::string_view symbol, Amount qty, Amount price) {
    return place(OrderRequest::limit("sell", symbol, std::move(qty), std::move(price)));
  }
  // What place() would cost and do to the account's margin; nothing is sent to a market. broker.unsupported: this
  // broker has no previews.
  Expected<OrderPreview> preview(const OrderRequest& order) {
    return request_as<OrderPreview>("preview_order", order.args());
  }
  Expected<Order> cancel(std::string_view order_id) {
    return request_as<Order>("cancel_order", Value{}.set("order_id", order_id));
  }
  Expected<Order> replace(std::string_view order_id, const OrderChange& change) {
    Value args;
    args.set("order_id", order_id);
    if (change.qty) args.set("qty", change.qty->value());
    if (change.limit_price) args.set("limit_price", change.limit_price->value());
    if (change.stop_price) args.set("stop_price", change.stop_price->value());
    if (!change.time_in_force.empty()) args.set("time_in_force", change.time_in_force);
    return request_as<Order>("replace_order", args);
  }
  Expected<Order> order(std::string_view order_id) {
    return request_as<Order>("get_order", Value{}.set("order_id", order_id));
  }
  Expected<Order> order_by_client_id(std::string_view client_order_id) {
    return request_as<Order>("get_order", Value{}.set("client_order_id", client_order_id));
  }
  Expected<std::vector<Order>> open_orders() {
    return request_list<Order>("get_orders", "orders", Value{}.set("status", "open"));
  }
  // Hands every order that matches to `handle(const Order&)`, in the order of placing, page by page; returns how many.
  template <class F>
  Expected<std::uint64_t> for_each_order(const OrderQuery& query, F&& handle) {
    Value args = query.args();
    args.set("limit", page_max);
    std::uint64_t count = 0;
    for (std::string after, before;; before = after) {
      auto page = request_list<Order>("get_orders", "orders", args.set("after_order", after));
      if (!page) return page.error();
      for (const auto& each : *page) handle(each);
      count += page->size();
      if (page->empty() || page->back().order_id == after) return count;
      after = page->back().order_id;
    }
  }

  // One page of the journal: what came after `after`, not beyond `until` (0: no end), at most `limit` events.
  Expected<OrderEvents> events(std::uint64_t after, std::uint64_t until = 0, std::string_view account = {},
                               std::uint64_t limit = page_max) {
    Value args;
    args.set("after", after).set("limit", limit);
    if (until != 0) args.set("until", until);
    if (!account.empty()) args.set("account", account);
    return request_as<OrderEvents>("get_events", args);
  }
  // Hands all of them to `handle(const OrderEvent&)`, page by page; returns the seq of the last one (`after`: none).
  template <class F>
  Expected<std::uint64_t> for_each_event(std::uint64_t after, F&& handle, std::uint64_t until = 0,
                                         std::string_view account = {}) {
    for (;;) {
      auto page = events(after, until, account);
      if (!page) return page.error();
      const auto before = after;
      for (const auto& event : page->events) {
        handle(event);
        after = std::max(after, event.seq);
      }
      if (after == before) return after;
    }
  }

  // Takes positions that differ from the fills known to the daemon as the broker tells them; returns how many. What
  // is absent doesn't restrict.
  Expected<std::uint64_t> accept_positions(std::optional<std::string_view> account = {},
                                           std::optional<std::string_view> symbol = {},
                                           std::optional<std::string_view> broker = {}) {
    Value args = Value::make_map();
    if (broker) args.set("broker", *broker);
    if (account) args.set("account", *account);
    if (symbol) args.set("symbol", *symbol);
    auto reply = request("accept_positions", args);
    if (!reply) return reply.error();
    return static_cast<std::uint64_t>((*reply)["accepted"].integer().value_or(0));
  }

  // The trading states in force.
  Expected<std::vector<KillSwitchState>> kill_switch() {
    return request_list<KillSwitchState>("kill_switch", "states");
  }
  // active: trade; reducing: only what shrinks positions; halted: no orders. Cancels always work. With cancel_open the
  // working orders of that scope are canceled too. Returns the states in force.
  Expected<std::vector<KillSwitchState>> kill_switch(std::string_view state, const KillSwitchScope& scope = {},
                                                     bool cancel_open = false, std::string_view reason = {}) {
    Value args;
    args.set("state", state);
    if (cancel_open) args.set("cancel_open", true);
    if (scope.account) args.set("account", *scope.account);
    if (scope.client) args.set("client", *scope.client);
    if (scope.symbol) args.set("symbol", *scope.symbol);
    if (!reason.empty()) args.set("reason", reason);
    return request_list<KillSwitchState>("kill_switch", "states", args);
  }

  // The daemon reads the limits of its configuration again; how many sets of limits hold now. On an error the old ones
  // stay.
  Expected<std::uint64_t> reload_risk() {
    auto reply = request("reload_risk", {});
    if (!reply) return reply.error();
    return static_cast<std::uint64_t>((*reply)["scopes"].integer().value_or(0));
  }

  // With cancel_on_disconnect: pings when nothing was sent for a third of `silence`; does nothing otherwise. Call it
  // wherever the program waits for other things. A request that waits for its answer pings by itself.
  Expected<bool> keep_alive(Timeout timeout = {}) {
    if (!options_.cancel_on_disconnect || detail::SteadyClock::now() < next_ping()) return false;
    auto pong = request("ping", {}, timeout);
    if (!pong) return pong.error();
    return true;
  }

  Expected<std::vector<Position>> positions() { return request_list<Position>("get_positions", "positions"); }
  Expected<AccountSummary> account() { return request_as<AccountSummary>("get_account_summary"); }

  // ---- market data
  // ---------------------------------------------------------------------------------------------------

  Expected<Quote> quote(std::string_view symbol) {
    return request_as<Quote>("get_quote", Value{}.set("symbol", symbol));
  }
  // All bars that start in [start, end), in ns; asks page by page.
  Expected<std::vector<Bar>> bars(std::string_view symbol, std::string_view timeframe, std::int64_t start,
                                  std::int64_t end) {
    std::vector<Bar> out;
    Value args;
    args.set("symbol", symbol).set("timeframe", timeframe).set("end", end);
    for (std::optional<std::int64_t> from = start; from && *from < end;) {
      auto reply = exchange("get_historical_data", args.set("start", *from), {});
      if (!reply) return reply.error();
      std::vector<Bar> page;
      const std::int64_t asked = *from;
      from.reset();
      if (reply->result != nullptr) {
        MapReader result{*reply->result};
        result("bars", page), result("next_start", from);
      }
      out.insert(out.end(), page.begin(), page.end());
      if (from && *from <= asked) break;  // a page may be empty, but it moves on
    }
    return out;
  }

  // The trading days of an exchange (XNYS, XLON, ...) of the dates first..last, both YYYY-MM-DD and inclusive.
  // `extended` asks for the hours before and after too.
  Expected<std::vector<CalendarSession>> calendar(std::string_view exchange, std::string_view first,
                                                  std::string_view last, bool extended = false) {
    std::vector<CalendarSession> out;
    Value args;
    args.set("exchange", exchange).set("end", last).set("extended", extended);
    for (std::string from{first};;) {
      auto reply = this->exchange("get_calendar", args.set("start", from), {});
      if (!reply) return reply.error();
      std::vector<CalendarSession> page;
      std::string next;
      if (reply->result != nullptr) {
        MapReader result{*reply->result};
        result("sessions", page), result("next_start", next);
      }
      out.insert(out.end(), page.begin(), page.end());
      if (next <= from) return out;  // none
      from = std::move(next);
    }
  }

  OrderIds& ids() { return ids_; }

  // The same as place(), with all keys of the answer.
  Expected<Value> place_raw(const OrderRequest& order, Timeout timeout = {}) {
    auto placed = place_packed(order, timeout);
    if (!placed) return placed.error();
    return placed->result != nullptr ? Value::from(*placed->result) : Value{};
  }

  // ---- packed answers
  // ------------------------------------------------------------------------------------------------

  struct Reply {
    std::shared_ptr<const msgpack::object_handle> data;
    const msgpack::object* result = nullptr;  // inside data
  };
  Expected<Reply> exchange(std::string_view op, const Value& args, Timeout timeout) {
    const auto deadline = detail::SteadyClock::now() + timeout.value_or(options_.timeout);
    if (auto down = wait_connected(op, deadline)) return *down;
    if (wire_->link.made() != greeted_) {
      if (auto greeted = greet(deadline); !greeted) return greeted.error();
    }
    return send_and_wait(op, args, deadline);
  }

 private:
  using Deadline = detail::SteadyClock::time_point;

  explicit Session(const SessionOptions& options)
      : options_{options}, wire_{std::make_unique<detail::Wire>(zmq::socket_type::dealer)} {
    detail::prepare(wire_->socket, options_.curve);
    wire_->socket.set(zmq::sockopt::immediate, true);  // nothing is queued for a daemon that is not there
    wire_->socket.connect(options_.command);
  }

  Expected<Reply> place_packed(OrderRequest order, Timeout timeout) {
    if (!order.client_order_id) order.client_order_id = ids_.next();
    const Value args = order.args();
    auto placed = exchange("place_order", args, timeout);
    if (!placed && placed.error().may_have_happened() && placed.error().code != "client.interrupted")
      placed = exchange("place_order", args, timeout);
    if (placed) return placed;
    Error error = placed.error();
    if (error.may_have_happened()) error.details.set("client_order_id", *order.client_order_id);
    return error;
  }

  // Why there is no connection at the deadline, or nothing.
  std::optional<Error> wait_connected(std::string_view op, Deadline deadline) {
    auto& link = wire_->link;
    try {
      for (link.update(); !link.up(); link.update()) {
        if (detail::SteadyClock::now() >= deadline) return unreachable();
        if (detail::wait(wire_->socket, 0, link, deadline) == detail::Wait::interrupted)
          return Error{"client.unreachable", "interrupted before " + std::string{op} + " was sent"};
      }
    } catch (const zmq::error_t& e) {
      return Error{"client.unreachable", std::string{op} + ": " + e.what()};
    }
    return std::nullopt;
  }

  Expected<Value> greet(Deadline deadline) {
    Value args = Value::make_map();
    if (!options_.client.empty()) args.set("client", options_.client);
    if (options_.cancel_on_disconnect)
      args.set("cancel_on_disconnect", true).set("silence_ms", static_cast<std::int64_t>(options_.silence.count()));
    auto reply = send_and_wait("hello", args, deadline);
    if (!reply) return reply.error();
    greeted_ = wire_->link.made();
    if (reply->result != nullptr) hello_ = Value::from(*reply->result);
    return hello_;
  }

  static msgpack::sbuffer packed(std::string_view op, std::uint64_t id, const Value& args, Deadline deadline) {
    Value request;
    request.set("v", 1).set("id", id).set("op", op).set("args", args.is_nil() ? Value::make_map() : args);
    request.set("timeout_ms", static_cast<std::int64_t>(detail::ms_until(deadline)));
    msgpack::sbuffer buffer;
    msgpack::packer<msgpack::sbuffer> packer{buffer};
    request.pack(packer);
    return buffer;
  }

  Deadline next_ping() const { return last_sent_ + options_.silence / 3; }

  // While another request waits; nobody reads the answer.
  void ping_when_due() {
    const auto now = detail::SteadyClock::now();
    if (!options_.cancel_on_disconnect || now < next_ping()) return;
    const auto buffer = packed("ping", ++last_id_, {}, now + options_.silence);
    static_cast<void>(wire_->socket.send(zmq::const_buffer{buffer.data(), buffer.size()}, zmq::send_flags::dontwait));
    last_sent_ = now;
  }

  Expected<Reply> send_and_wait(std::string_view op, const Value& args, Deadline deadline) {
    const auto id = ++last_id_;
    const auto buffer = packed(op, id, args, deadline);
    auto& [context, socket, link] = *wire_;
    try {
      link.update();
      auto lost = link.lost();
      while (!socket.send(zmq::const_buffer{buffer.data(), buffer.size()}, zmq::send_flags::dontwait)) {
        if (detail::SteadyClock::now() >= deadline) return unreachable();
        if (detail::wait(socket, ZMQ_POLLOUT, link, deadline) == detail::Wait::interrupted)
          return Error{"client.unreachable", "interrupted before " + std::string{op} + " was sent"};
        link.update();
        lost = link.lost();
      }
      last_sent_ = detail::SteadyClock::now();
      return receive(op, id, lost, deadline);
    } catch (const zmq::error_t& e) {
      return Error{"client.disconnected", std::string{op} + ": " + e.what()};
    }
  }

  Expected<Reply> receive(std::string_view op, std::uint64_t id, std::uint64_t lost, Deadline deadline) {
    auto& [context, socket, link] = *wire_;
    for (;;) {
      zmq::message_t frame;
      while (socket.recv(frame, zmq::recv_flags::dontwait)) {
        if (frame.more() || frame.empty()) continue;  // an envelope's delimiter, should one be there
        auto data = detail::unpack(frame);
        std::uint64_t answered = 0;
        if (data) MapReader{data->get()}("id", answered);
        if (answered == id) return read_reply(std::move(data));
        // Otherwise the late reply to a request that was given up.
      }
      link.update();
      if (link.lost() != lost)
        return Error{"client.disconnected", "the connection to " + options_.command + " broke while " +
                                                std::string{op} +
                                                " waited for its answer; it may have been carried out"};
      if (detail::SteadyClock::now() >= deadline)
        return Error{"client.timeout", "no answer to " + std::string{op} + " from " + options_.command +
                                           " in time; it may have been carried out"};
      ping_when_due();
      const auto until = options_.cancel_on_disconnect ? std::min(deadline, next_ping()) : deadline;
      if (detail::wait(socket, ZMQ_POLLIN, link, until) == detail::Wait::interrupted)
        return Error{"client.interrupted", std::string{op} + " was interrupted by a signal"};
    }
  }

  static Expected<Reply> read_reply(std::shared_ptr<const msgpack::object_handle> data) {
    MapReader reader{data->get()};
    bool ok = false;
    reader("ok", ok);
    if (ok) return Reply{data, reader.find("result")};
    const auto* object = reader.find("error");
    if (object == nullptr) return Error{"client.reply", "a reply that is neither a result nor an error"};
    Error error;
    MapReader fields{*object};
    fields("code", error.code), fields("message", error.message), fields("details", error.details);
    fields("retry_after_ms", error.retry_after_ms);
    return error;
  }

  Error unreachable() const {
    return {"client.unreachable",
            "no daemon answers at " + options_.command + "; start tradebusd, or name its command endpoint"};
  }

  SessionOptions options_;
  std::unique_ptr<detail::Wire> wire_;
  Value hello_;
  OrderIds ids_;
  std::uint64_t greeted_ = 0;  // the connection on which hello was said
  std::uint64_t last_id_ = 0;
  Deadline last_sent_{};
};

}  // namespace tradebus::client
