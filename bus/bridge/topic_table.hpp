// What the bridge's thread knows of the stream's topics: who listens, what was sent last.
// One thread only.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bus/bridge/bus_queue.hpp"
#include "bus/bridge/last_body.hpp"
#include "bus/bridge/last_message.hpp"
#include "bus/bridge/message_log.hpp"

namespace tradebus {

// One market-data topic.
struct BusTopic {
  std::string name;
  std::uint32_t subscribers = 0;     // to exactly this topic
  std::uint32_t prefix_matches = 0;  // of subscriptions that are a part of its name
  bool announced = false;            // the hub has numbered it
  LastMessage last;                  // as it is shown now; empty when nothing that holds is known
  MessageLog::Chain kept;            // in the log

  bool has_listeners() const { return subscribers + prefix_matches > 0; }
};

class TopicTable {
 public:
  struct Limits {
    std::size_t topics_max = 200'000;
    std::size_t prefixes_max = 400'000;  // subscriptions that are no exact market topic, status topics among them
    std::size_t log_bytes = 64U << 20U;  // of all topics' last messages together
    std::size_t messages_a_topic = 1024;
    std::size_t last_max = 300'000;  // a status for each market topic, and the others: names refused, orders, accounts
  };
  explicit TopicTable(Limits limits) : limits_{limits}, log_{limits.log_bytes, limits.messages_a_topic} {}

  // A subscription or its end, as it came from a client.
  struct Change {
    bool refused = false;                      // too many topics
    std::optional<std::uint32_t> subscribers;  // of an exact market topic, from now on
  };
  Change subscribe(std::string_view subscription);
  Change unsubscribe(std::string_view subscription);

  // ---- market topics, by the hub's number --------------------------------------------------------------------------
  void announce(BusTopicId id, std::string_view name);
  void retire(BusTopicId id);
  BusTopic* by_id(BusTopicId id) { return id < by_id_.size() ? by_id_[id] : nullptr; }
  BusTopic* find(std::string_view name);
  // `is_last`: from now on it is the topic's snapshot.
  void keep(BusTopic& topic, std::uint64_t seq, std::string_view body, bool is_last = true) {
    log_.push(topic.kept, seq, body);
    if (is_last) topic.last.set(body);
  }
  const MessageLog& log() const { return log_; }

  // ---- all other topics: the last message of each, for snapshots (bounded) -----------------------------------------
  void keep_last(std::string_view topic, std::string_view body);
  std::optional<std::string_view> last(std::string_view topic) const;  // valid until the next keep_last()

  // Does anybody listen to feed|KIND|?
  bool feed_wanted(StreamKind kind) const { return feed_listeners_[static_cast<std::size_t>(kind)] > 0; }

  // Does anybody listen to orders?
  bool orders_wanted() const { return order_listeners_ > 0; }

  std::size_t topics() const { return topics_.size(); }
  std::size_t log_bytes() const { return log_.bytes(); }
  std::size_t subscriptions() const { return subscriptions_; }

 private:
  struct ByName {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
    std::size_t operator()(const std::unique_ptr<BusTopic>& t) const { return (*this)(std::string_view{t->name}); }
    bool operator()(const std::unique_ptr<BusTopic>& a, const std::unique_ptr<BusTopic>& b) const {
      return a->name == b->name;
    }
    bool operator()(std::string_view a, const std::unique_ptr<BusTopic>& b) const { return a == b->name; }
    bool operator()(const std::unique_ptr<BusTopic>& a, std::string_view b) const { return a->name == b; }
  };

  BusTopic& make(std::string_view name);
  void drop_if_unused(BusTopic& topic);
  void prefix(std::string_view text, int delta);

  Limits limits_;
  MessageLog log_;
  std::unordered_set<std::unique_ptr<BusTopic>, ByName, ByName> topics_;
  std::vector<BusTopic*> by_id_;
  std::map<std::string, std::uint32_t, std::less<>> prefixes_;  // subscriptions that are no exact market topic
  std::map<std::string, std::uint32_t, std::less<>>
      market_prefixes_;  // those of them that market topics may begin with
  std::unordered_set<LastBody, LastBody::Hash, LastBody::Equal> last_;
  std::array<std::uint32_t, EnumTexts<StreamKind>::texts.size()> feed_listeners_{};
  std::uint32_t order_listeners_ = 0;
  std::size_t subscriptions_ = 0;
};

}  // namespace tradebus
