// Fetches what a stream lost, over a session of its own that opens at the first loss. Not for users.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradebus/message.hpp"
#include "tradebus/options.hpp"
#include "tradebus/session.hpp"
#include "tradebus/topic.hpp"

namespace tradebus::client::detail {

class Recovery {
 public:
  explicit Recovery(const StreamOptions& options) : options_{options} {}

  // The messages of `topic` above `after` and below `before`, as far as the daemon still has them.
  std::vector<Message> missed(const std::string& topic, std::uint64_t after, std::uint64_t before) {
    std::vector<Message> out;
    if (before - after - 1 > options_.recover_max) after = before - 1 - options_.recover_max;
    while (after + 1 < before) {
      Value args;
      args.set("topic", topic).set("after", after).set("limit", std::min<std::uint64_t>(before - after - 1, batch_max));
      const auto asked = after;
      fetch(
          "get_missed", args, "messages",
          [&](Message message) {
            if (message.seq() <= after || message.seq() >= before) return;
            after = message.seq();
            out.push_back(std::move(message));
          },
          topic);
      if (after == asked) break;  // an error, or only what came after the gap is kept
    }
    return out;
  }

  // Where the journal stands, so that nothing older is taken for missed. Cheap once it is known.
  void note_order_seq() {
    if (order_seq_) return;
    if (!open()) return;
    Value args;
    args.set("after", 0).set("limit", 1);
    auto reply = session_->request("get_events", args, options_.recover_timeout);
    if (!reply) return;
    if (const auto last = (*reply)["last_seq"].integer()) order_seq_ = static_cast<std::uint64_t>(*last);
  }
  void saw_order_seq(std::uint64_t seq) { order_seq_ = std::max(order_seq_.value_or(0), seq); }

  // Order events since the last one known, of the topics that `wanted` says.
  template <class Wanted>
  std::vector<Message> missed_orders(Wanted wanted) {
    std::vector<Message> out;
    while (order_seq_ && out.size() < options_.recover_max) {
      Value args;
      args.set("after", *order_seq_).set("limit", batch_max);
      const auto asked = *order_seq_;
      fetch("get_events", args, "events",
            [&](Message message) {
              saw_order_seq(message.seq());
              if (wanted(message.topic())) out.push_back(std::move(message));
            },
            {});
      if (*order_seq_ == asked) break;
    }
    return out;
  }

 private:
  static constexpr std::uint64_t batch_max = 1'000;

  bool open() {
    if (session_) return true;
    if (options_.command.empty()) return false;
    auto session = Session::open({.command = options_.command,
                                  .client = options_.client,
                                  .timeout = options_.recover_timeout,
                                  .curve = options_.curve});
    if (!session) return false;
    session_.emplace(std::move(*session));
    return true;
  }

  // Calls `take` for each message of the answer's list; for none when there is no answer. Without a topic it is that of
  // an order event's account.
  template <class Take>
  void fetch(std::string_view op, const Value& args, std::string_view key, Take take, const std::string& topic) {
    if (!open()) return;
    auto reply = session_->exchange(op, args, options_.recover_timeout);
    if (!reply || reply->result == nullptr) return;
    const auto* items = MapReader{*reply->result}.find(key);
    if (items == nullptr || items->type != msgpack::type::ARRAY) return;
    for (std::uint32_t i = 0; i < items->via.array.size; ++i) {
      const auto& item = items->via.array.ptr[i];
      if (item.type != msgpack::type::MAP) continue;
      Message message{topic.empty() ? order_topic(item) : topic, reply->data, &item};
      message.mark_recovered();
      take(std::move(message));
    }
  }

  static std::string order_topic(const msgpack::object& event) {
    std::string account;
    if (const auto* order = MapReader{event}.find("order")) MapReader{*order}("account", account);
    return make_topic("order", account);
  }

  StreamOptions options_;
  std::optional<Session> session_;
  std::optional<std::uint64_t> order_seq_;
};

}  // namespace tradebus::client::detail
