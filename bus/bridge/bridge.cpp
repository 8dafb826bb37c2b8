#include "bus/bridge/bridge.hpp"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <thread>
#include <zmq.hpp>

#include "bus/bridge/bulk_answers.hpp"
#include "bus/bridge/client_names.hpp"
#include "bus/bridge/client_watch.hpp"
#include "bus/bridge/command_socket.hpp"
#include "bus/bridge/feed_batches.hpp"
#include "bus/bridge/pending_requests.hpp"
#include "bus/bridge/stream_socket.hpp"
#include "bus/bridge/topic_table.hpp"
#include "bus/wire/envelope.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/topic.hpp"
#include "bus/wire/unpack.hpp"

namespace tradebus {

namespace {
using SteadyTime = std::chrono::steady_clock::time_point;

// How much of one kind of work is done before the others get a turn.
constexpr int subscriptions_a_turn = 1024;
constexpr int requests_a_turn = 256;
constexpr int batches_a_turn = 16;
constexpr std::size_t missed_messages_max = 5'000;
constexpr std::size_t missed_bytes_max = 900'000;
constexpr std::size_t others_last_max = 100'000;  // last messages of what is no market topic's status
constexpr std::size_t clients_max = 100'000;
constexpr std::size_t watched_max = 10'000;
constexpr std::int64_t silence_default_ms = 10'000;
constexpr std::int64_t silence_min_ms = 500;
constexpr std::int64_t silence_max_ms = 86'400'000;
constexpr std::string_view snapshot_key = "snapshot";

bool is_order(std::string_view op) {
  return op == "place_order" || op == "cancel_order" || op == "replace_order" || op == "cancel_all";
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Events, not values: the last one says nothing to somebody who comes later.
bool has_snapshot(std::string_view topic) {
  return !topic.starts_with("order|") && !topic.starts_with("heartbeat|") && !topic.starts_with("feed|");
}
}  // namespace

class Bridge::Loop {
 public:
  Loop(BridgeConfig config, BusQueue& queue, BridgeListener& listener, BridgeStats& stats)
      : config_{std::move(config)},
        queue_{queue},
        listener_{listener},
        stats_{stats},
        stream_{context_, config_.subscriber_queue},
        command_{context_, config_.request_bytes_max},
        topics_{{config_.topics_max, 2 * config_.topics_max, config_.ring_memory_bytes, config_.ring_messages,
                 config_.topics_max + others_last_max}},
        pending_{config_.requests_open_max},
        bulk_{config_.bulk_bytes_per_second},
        feeds_{config_.feed_items} {}

  Result<BridgeEndpoints> bind() {
    auto stream = stream_.bind(config_.stream);
    if (!stream) return tl::unexpected{stream.error()};
    auto command = command_.bind(config_.command);
    if (!command) return tl::unexpected{command.error()};
    return BridgeEndpoints{*stream, *command};
  }

  void watch(const std::string& client, std::chrono::milliseconds silence) {
    watch_.watch(client, silence, std::chrono::steady_clock::now());  // no more than were watched before
  }

  void run(const std::atomic<bool>& stop) {
    Woken woken;
    while (true) {
      stopping_ = stop.load();
      bool more = false;
      // What woke the thread comes first: each look at a socket that has nothing costs a system call. Subscriptions
      // before requests: a client that subscribes and then asks for something sees what comes of it.
      stream_used_ = false;
      if (woken.by_stream || woken.by_command || stalled_since_) more = take_subscriptions();
      if (woken.by_command) more = take_requests() || more;
      bool replied = send_replies();
      if (bulk_.size() > 0) replied = send_bulk(std::chrono::steady_clock::now()) || replied;
      const bool expired = expire();
      more = send_batches() || more;
      // To send may use up libzmq's signal that something came in: look once more before sleeping. Not while a full
      // subscriber is waited for: to look would use up the signal that it has room again. A socket that was left alone
      // still has its signal.
      if (!stalled_since_ && stream_used_) more = take_subscriptions() || more;
      if (replied || expired) more = take_requests() || more;
      tell_silent();
      publish_stats();
      woken = Woken{};
      if (more) {
        // Whoever shares this core has a turn, subscribers among them: what they can't take would be thrown away.
        std::this_thread::yield();
        continue;
      }
      if (stopping_ && queue_.prepare_sleep()) {
        bulk_.drain([this](BulkAnswer answer) { send(answer.request, answer.reply); });
        return;
      }
      woken = sleep();
    }
  }

 private:
  // Which of the three the thread was woken by.
  struct Woken {
    bool by_stream = true;
    bool by_command = true;
  };

  // ---- stream ------------------------------------------------------------------------------------------------------

  // These take and send until there is nothing left, or until others must have a turn: then true.
  bool take_subscriptions() {
    StreamSocket::Subscription change;
    int taken = 0;
    for (; taken < subscriptions_a_turn; ++taken) {
      const auto received = stream_.receive(change);
      if (received == StreamSocket::Received::nothing) break;
      if (received == StreamSocket::Received::noise) {
        ++noise_;
        continue;
      }
      const auto effect = change.on ? topics_.subscribe(change.topic) : topics_.unsubscribe(change.topic);
      stream_.finish_subscription(change.topic, change.on ? snapshot(change.topic) : std::string{});
      stats_.orders_wanted.store(topics_.orders_wanted(), std::memory_order_release);
      if (effect.refused) refuse_topic(change.topic);
      if (effect.subscribers) listener_.on_subscribers(std::string{change.topic}, *effect.subscribers);
    }
    return taken == subscriptions_a_turn;
  }

  std::string snapshot(std::string_view topic) {
    std::string_view last;
    if (const auto* market = topics_.find(topic); market != nullptr) {
      last = market->last.get();
    } else if (has_snapshot(topic)) {
      if (const auto body = topics_.last(topic)) last = *body;
    }
    if (last.empty()) return {};
    stats_.snapshots.fetch_add(1, std::memory_order_relaxed);
    return wire::with_flag(last, snapshot_key);
  }

  void refuse_topic(std::string_view topic) {
    wire::Buffer body;
    wire::Packer out{body};
    out.pack_map(3);
    wire::pack(out, "seq");
    wire::pack(out, 1);
    wire::pack(out, "state");
    wire::pack(out, TopicState::rejected);
    wire::pack(out, "reason");
    wire::pack(out, to_string(Errc::overloaded));
    stream_.send("status|" + std::string{topic}, body.bytes, false);
  }

  bool send_batches() {
    for (int turn = 0; turn < batches_a_turn; ++turn) {
      if (next_entry_ >= batch_.entries.size()) {
        next_entry_ = 0;
        if (!queue_.pop(batch_)) {
          flush_feeds();
          return false;
        }
      }
      if (!send_batch()) return false;
    }
    return flush_feeds();
  }

  // false: a subscriber is waited for.
  bool send_batch() {
    for (; next_entry_ < batch_.entries.size(); ++next_entry_) {
      prefetch(next_entry_ + 4);
      if (!send_entry(batch_.entries[next_entry_])) return false;
    }
    messages_ += batch_.entries.size();
    return true;
  }

  // What entry `n` will need, read into the cache while others are sent.
  void prefetch(std::size_t n) {
    if (n >= batch_.entries.size()) return;
    if (const auto* topic = topics_.by_id(batch_.entries[n].id)) {
      __builtin_prefetch(topic, 1);
      __builtin_prefetch(reinterpret_cast<const char*>(topic) + 64, 1);
    }
    if (n < 2) return;
    if (const auto* topic = topics_.by_id(batch_.entries[n - 2].id)) {
      const auto last = topic->last.get();
      __builtin_prefetch(last.data(), 1);
      __builtin_prefetch(last.data() + 64, 1);
    }
  }

  bool send_entry(const BusEntry& entry) {
    const std::string_view bytes{batch_.bytes.data() + entry.offset, entry.size};
    switch (entry.type) {
      case BusEntry::Type::market:
      case BusEntry::Type::passing: {
        auto* topic = topics_.by_id(entry.id);
        if (topic == nullptr) return true;
        const bool feed = topics_.feed_wanted(entry.kind);
        if (feed && feeds_.full(entry.kind) && !send_feed(entry.kind)) return false;
        if (topic->has_listeners() && !deliver(topic->name, bytes)) return false;
        topics_.keep(*topic, entry.seq, bytes, entry.type == BusEntry::Type::market);
        if (feed) feeds_.add(entry.kind, bytes);
        return true;
      }
      case BusEntry::Type::announce:
        topics_.announce(entry.id, bytes);
        return true;
      case BusEntry::Type::outdated:
        if (auto* topic = topics_.by_id(entry.id)) topic->last.clear();
        return true;
      case BusEntry::Type::stale:
        if (auto* topic = topics_.by_id(entry.id)) topic->last.set(bytes);
        return true;
      case BusEntry::Type::retire:
        topics_.retire(entry.id);
        return true;
      case BusEntry::Type::publish: {
        const auto topic = bytes.substr(0, entry.name_size);
        const auto body = bytes.substr(entry.name_size);
        if (!deliver(topic, body)) return false;
        if (has_snapshot(topic)) topics_.keep_last(topic, body);
        return true;
      }
    }
    return true;
  }

  bool send_feed(StreamKind kind) {
    if (!deliver(feeds_.topic(kind), feeds_.message(kind))) return false;
    feeds_.clear(kind);
    ++feed_messages_;
    return true;
  }

  // What has arrived goes out; nothing waits for more. false: a subscriber is waited for.
  bool flush_feeds() {
    for (std::size_t i = 0; i < EnumTexts<StreamKind>::texts.size(); ++i) {
      const auto kind = static_cast<StreamKind>(i);
      if (feeds_.empty(kind)) continue;
      if (!send_feed(kind)) return false;
    }
    return true;
  }

  // Sends one message; false while a full subscriber is waited for (lossless only, and not for ever).
  bool deliver(std::string_view topic, std::string_view body) {
    stream_used_ = true;
    // From the first lossless batch on nothing is sent the lossy way: libzmq would shut out a full subscriber, and what
    // it asked to have without loss would be lost with the rest.
    lossless_ = lossless_ || batch_.lossless;
    if (!lossless_ || stopping_) {
      stream_.send(topic, body, false);
      return true;
    }
    if (stream_.send(topic, body, true) == StreamSocket::Sent::yes) {
      stalled_since_.reset();
      return true;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!stalled_since_) stalled_since_ = now;
    if (now - *stalled_since_ < config_.lossless_stall) return false;
    // It takes nothing: from now on it loses messages, alone, until it reads again.
    stream_.send(topic, body, false);
    stalled_since_.reset();
    stats_.stalls.fetch_add(1, std::memory_order_relaxed);
    return true;
  }

  // ---- commands ----------------------------------------------------------------------------------------------------

  bool take_requests() {
    int taken = 0;
    for (; taken < requests_a_turn; ++taken) {
      if (!command_.receive(incoming_)) break;
      ++requests_;
      handle(incoming_);
    }
    if (!forwarded_.empty()) listener_.on_requests(std::exchange(forwarded_, {}));
    return taken == requests_a_turn;
  }

  void handle(CommandSocket::Incoming& in) {
    if (!in.problem.empty()) return refuse(in, {}, Error{Errc::request_malformed, in.problem});
    const std::string_view frame{static_cast<const char*>(in.body.data()), in.body.size()};
    const auto envelope = wire::read_envelope(frame);
    if (!envelope) return refuse(in, envelope.error().id, envelope.error().error);
    if (!watch_.empty()) note_alive(clients_.name_of(in.identity()));
    if (envelope->op == "get_quote" && answer_quote(in, *envelope)) return;
    if (envelope->op == "ping") return answer_ping(in, *envelope);
    if (envelope->op == "hello") return answer_hello(in, *envelope);
    if (envelope->op == "get_missed") return answer_missed(in, *envelope);

    if (is_order(envelope->op)) bulk_.order_came(std::chrono::steady_clock::now());
    if (!has_room_for_request(in, *envelope)) return;
    ClientRequest request;
    request.op = envelope->op.substr(0, 64);
    request.args = envelope->args;
    request.client = clients_.name_of(in.identity());
    const auto [token, timeout] = open_request(in, *envelope);
    if (!token) return;
    request.token = *token;
    request.timeout_ms = timeout.count();
    forwarded_.push_back(std::move(request));
  }

  // Refused when not.
  bool has_room_for_request(CommandSocket::Incoming& in, const wire::Envelope& envelope) {
    if (pending_.open() + bulk_.size() < config_.requests_open_max) return true;
    Error error{Errc::overloaded,
                std::to_string(config_.requests_open_max) + " requests are open (bus.requests_open_max)"};
    error.retry_after_ms = 100;
    refuse(in, envelope.id, error);
    return false;
  }

  // Its token, and the time within which it is answered. `in` gives its envelope away.
  std::pair<std::optional<std::uint64_t>, std::chrono::milliseconds> open_request(CommandSocket::Incoming& in,
                                                                                  const wire::Envelope& envelope) {
    const auto timeout =
        std::min(envelope.timeout_ms ? std::chrono::milliseconds{*envelope.timeout_ms} : config_.request_timeout,
                 config_.request_timeout_max);
    return {pending_.add({std::move(in.envelope), std::string{envelope.id}, std::string{envelope.op.substr(0, 64)},
                          std::chrono::steady_clock::now() + timeout}),
            timeout};
  }

  void refuse(CommandSocket::Incoming& in, std::string_view id, const Error& error) {
    stats_.refused.fetch_add(1, std::memory_order_relaxed);
    command_.send(in.envelope, wire::reply_error(id, error));
  }

  bool answer_quote(CommandSocket::Incoming& in, const wire::Envelope& envelope) {
    const auto symbol = wire::find_text(envelope.args, "symbol");
    if (!symbol || symbol->size() > 64) return false;
    name_.assign("quote|");
    name_.append(*symbol);
    name_.push_back('|');
    const auto* topic = topics_.find(name_);
    const auto last = topic != nullptr ? topic->last.get() : std::string_view{};
    if (last.empty()) return false;
    command_.send(in.envelope, wire::reply_ok(envelope.id, last));
    ++quotes_;
    return true;
  }

  void answer_ping(CommandSocket::Incoming& in, const wire::Envelope& envelope) {
    wire::Buffer result;
    wire::Packer out{result};
    out.pack_map(1);
    wire::pack(out, "ts");
    wire::pack(out,
               std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
                   .count());
    command_.send(in.envelope, wire::reply_ok(envelope.id, result.bytes));
  }

  void note_alive(const std::string& client) {
    if (watch_.seen(client, std::chrono::steady_clock::now())) listener_.on_client_heard(client);
  }

  void tell_silent() {
    if (watch_.empty()) return;
    for (auto& client : watch_.silent(std::chrono::steady_clock::now())) listener_.on_client_silent(std::move(client));
  }

  void answer_hello(CommandSocket::Incoming& in, const wire::Envelope& envelope) {
    std::string client;
    std::optional<bool> cancel_on_disconnect;
    std::int64_t silence_ms = silence_default_ms;
    if (!envelope.args.empty()) {
      auto document = wire::Document::parse(envelope.args);
      if (!document) return refuse(in, envelope.id, document.error());
      auto ok = wire::unpack_key(document->root(), "client", false, client);
      if (ok) ok = wire::unpack_key(document->root(), "cancel_on_disconnect", false, cancel_on_disconnect);
      if (ok) ok = wire::unpack_key(document->root(), "silence_ms", false, silence_ms);
      if (ok && (silence_ms < silence_min_ms || silence_ms > silence_max_ms))
        ok = invalid("silence_ms",
                     "silence_ms: " + std::to_string(silence_min_ms) + " to " + std::to_string(silence_max_ms));
      if (ok && cancel_on_disconnect && client.empty())
        ok = invalid("client", "client: cancel_on_disconnect needs a client's name");
      if (ok && client.size() > 64) ok = invalid("client", "client: a name of more than 64 bytes");
      if (ok && has_control_characters(client)) ok = invalid("client", "client: a name with control characters");
      if (!ok) return refuse(in, envelope.id, ok.error());
    }
    if (cancel_on_disconnect && !has_room_for_request(in, envelope)) return;
    if (cancel_on_disconnect.value_or(false) && !watch_.has_room(client, watch_changes_.size()))
      return refuse(in, envelope.id,
                    Error{Errc::overloaded, std::to_string(watched_max) + " clients are watched already"});
    if (!client.empty()) {
      clients_.set(std::string{in.identity()}, client);
      note_alive(client);  // of a connection that had no name yet
    }
    if (!cancel_on_disconnect) {
      command_.send(in.envelope, wire::reply_ok(envelope.id, welcome(client, std::nullopt)));
      return;
    }
    // Answered once it is recorded, and holds from then on. Requests that came before it are on their way first.
    if (!forwarded_.empty()) listener_.on_requests(std::exchange(forwarded_, {}));
    const auto token = open_request(in, envelope).first;
    if (!token) return;
    const auto silence = *cancel_on_disconnect ? std::optional{silence_ms} : std::nullopt;
    watch_changes_[*token] = {client, silence};
    listener_.on_client_watched({client, silence.value_or(0), *token, welcome(client, silence)});
  }

  void settle_watch(const BusReply& reply) {
    auto change = watch_changes_.extract(reply.token);
    if (change.empty() || reply.error) return;
    const auto& [client, silence_ms] = change.mapped();
    if (!silence_ms)
      watch_.unwatch(client);
    else
      watch_.watch(client, std::chrono::milliseconds{*silence_ms}, std::chrono::steady_clock::now());
  }

  // What hello answers.
  std::string welcome(const std::string& client, std::optional<std::int64_t> silence_ms) const {
    wire::Buffer result;
    wire::Packer out{result};
    out.pack_map(silence_ms ? 9 : 8);
    if (silence_ms) {
      wire::pack(out, "silence_ms");
      wire::pack(out, *silence_ms);
    }
    wire::pack(out, "server");
    wire::pack(out, "tradebus");
    wire::pack(out, "version");
    wire::pack(out, config_.version);
    wire::pack(out, "protocol");
    wire::pack(out, 1);
    wire::pack(out, "epoch");
    wire::pack(out, config_.epoch);
    wire::pack(out, "client");
    wire::pack(out, client);
    wire::pack(out, "roles");
    wire::pack(out, std::vector<std::string>{"read", "trade", "admin"});
    wire::pack(out, "brokers");
    wire::pack(out, config_.brokers);
    wire::pack(out, "providers");
    wire::pack(out, config_.providers);
    return std::move(result.bytes);
  }

  void answer_missed(CommandSocket::Incoming& in, const wire::Envelope& envelope) {
    std::string name;
    std::uint64_t after = 0;
    std::uint32_t limit = 1'000;
    Result<void> ok;
    auto document = wire::Document::parse(envelope.args.empty() ? std::string_view{"\x80", 1} : envelope.args);
    if (!document) return refuse(in, envelope.id, document.error());
    ok = wire::unpack_key(document->root(), "topic", true, name);
    if (ok) ok = wire::unpack_key(document->root(), "after", true, after);
    if (ok) ok = wire::unpack_key(document->root(), "limit", false, limit);
    if (ok && (limit == 0 || limit > missed_messages_max))
      ok = invalid("limit", "limit: 1 to " + std::to_string(missed_messages_max));
    if (ok && name.starts_with("order|"))
      ok = invalid("topic", "topic: orders are kept in the journal: ask get_events");
    const auto* topic = ok ? topics_.find(name) : nullptr;
    const auto last = ok && topic == nullptr ? topics_.last(name) : std::nullopt;
    if (ok && topic == nullptr && !last)
      ok = invalid("topic", "topic: nothing is kept for it (not an exact topic, or nobody has subscribed to it)");
    if (!ok) return refuse(in, envelope.id, ok.error());

    wire::Buffer result;
    wire::Packer out{result};
    std::vector<std::string_view> messages;
    std::uint64_t first_kept = 0;
    bool complete = true;
    bool more = false;
    if (topic != nullptr) {
      first_kept = topics_.log().first_kept(topic->kept);
      std::uint64_t expected = after + 1;
      std::size_t bytes = 0;
      // Something was sent, but none of it is kept any more.
      if (first_kept == 0 && !topic->last.get().empty()) complete = false;
      for (const auto& kept : topics_.log().after(topic->kept, after)) {
        bytes += kept.message.size();
        if (messages.size() >= limit || bytes > missed_bytes_max) {
          more = true;
          break;
        }
        complete = complete && kept.seq == expected;
        expected = kept.seq + 1;
        messages.push_back(kept.message);
      }
    } else {
      messages.emplace_back(*last);  // of these only the last one is kept
      complete = false;
    }
    out.pack_map(4);
    wire::pack(out, "messages");
    out.pack_array(static_cast<std::uint32_t>(messages.size()));
    for (const auto message : messages) result.bytes.append(message);
    wire::pack(out, "complete");
    wire::pack(out, complete);
    wire::pack(out, "first_kept");
    wire::pack(out, first_kept);
    wire::pack(out, "more");
    wire::pack(out, more);
    command_.send(in.envelope, wire::reply_ok(envelope.id, result.bytes));
  }

  bool send_replies() {
    queue_.take_replies(replies_);
    for (auto& reply : replies_) {
      if (!watch_changes_.empty()) settle_watch(reply);
      auto request = pending_.take(reply.token);
      if (!request) {
        stats_.late_replies.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
      const auto bytes = size_of(reply);
      const auto now = bytes < Bulk::bytes_min ? SteadyTime{} : std::chrono::steady_clock::now();
      if (bulk_.holds(bytes, now)) {
        const std::string client{request->envelope.front().to_string_view()};
        bulk_.hold(client, bytes, {std::move(*request), std::move(reply)});
        continue;
      }
      send(*request, reply);
      bulk_.sent(bytes, now);
    }
    return !replies_.empty();
  }

  static std::size_t size_of(const BusReply& reply) {
    return reply.shared ? reply.shared->size() : reply.result.size();
  }

  void send(PendingRequests::Request& request, const BusReply& reply) {
    if (reply.error)
      command_.send(request.envelope, wire::reply_error(request.id, *reply.error));
    else
      command_.send(request.envelope, wire::reply_head(request.id), reply.shared ? *reply.shared : reply.result);
  }

  // Large answers whose turn has come.
  bool send_bulk(SteadyTime now) {
    auto answer = bulk_.take(now);
    if (!answer) return false;
    if (answer->request.deadline < now)
      time_out(answer->request);
    else
      send(answer->request, answer->reply);
    return true;
  }

  bool expire() {
    const auto next = pending_.next_deadline();
    if (!next) return false;
    const auto now = std::chrono::steady_clock::now();
    if (*next > now) return false;
    for (auto& request : pending_.take_expired(now)) time_out(request);
    return true;
  }

  void time_out(PendingRequests::Request& request) {
    stats_.timeouts.fetch_add(1, std::memory_order_relaxed);
    command_.send(request.envelope,
                  wire::reply_error(request.id,
                                    Error{Errc::request_timeout, "no answer to " + request.op +
                                                                     " in time; what it asked for may still happen"}));
  }

  // ---- waiting -----------------------------------------------------------------------------------------------------

  Woken sleep() {
    if (!queue_.prepare_sleep() && !stalled_since_) return {false, false};
    auto timeout = std::chrono::milliseconds{1'000};
    if (stalled_since_) timeout = std::chrono::milliseconds{20};
    if (const auto next = pending_.next_deadline())
      timeout = std::min(timeout, std::chrono::ceil<std::chrono::milliseconds>(std::max(
                                      *next - std::chrono::steady_clock::now(), SteadyTime::duration::zero())));
    if (const auto next = bulk_.due())
      timeout = std::min(timeout, std::chrono::ceil<std::chrono::milliseconds>(std::max(
                                      *next - std::chrono::steady_clock::now(), SteadyTime::duration::zero())));
    if (const auto next = watch_.next())
      timeout = std::min(timeout, std::chrono::ceil<std::chrono::milliseconds>(std::max(
                                      *next - std::chrono::steady_clock::now(), SteadyTime::duration::zero())));
    std::array<pollfd, 3> fds{pollfd{stream_.fd(), POLLIN, 0}, pollfd{command_.fd(), POLLIN, 0},
                              pollfd{queue_.wake_fd(), POLLIN, 0}};
    ::poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
    queue_.woke(fds[2].revents != 0);
    return {fds[0].revents != 0, fds[1].revents != 0};
  }

  void publish_stats() {
    stats_.messages.store(messages_, std::memory_order_relaxed);
    stats_.feed_messages.store(feed_messages_, std::memory_order_relaxed);
    stats_.requests.store(requests_, std::memory_order_relaxed);
    stats_.quotes.store(quotes_, std::memory_order_relaxed);
    stats_.noise.store(noise_, std::memory_order_relaxed);
    stats_.open_requests.store(pending_.open(), std::memory_order_relaxed);
    stats_.subscriptions.store(topics_.subscriptions(), std::memory_order_relaxed);
    stats_.topics.store(topics_.topics(), std::memory_order_relaxed);
    stats_.ring_bytes.store(topics_.log_bytes(), std::memory_order_relaxed);
  }

  BridgeConfig config_;
  BusQueue& queue_;
  BridgeListener& listener_;
  BridgeStats& stats_;
  zmq::context_t context_{1};
  StreamSocket stream_;
  CommandSocket command_;
  TopicTable topics_;
  PendingRequests pending_;
  struct BulkAnswer {
    PendingRequests::Request request;
    BusReply reply;
  };
  using Bulk = BulkAnswers<BulkAnswer>;
  Bulk bulk_;
  FeedBatches feeds_;
  ClientNames clients_{clients_max};
  ClientWatch watch_{watched_max};
  struct WatchChange {
    std::string client;
    std::optional<std::int64_t> silence_ms;  // none: no longer
  };
  std::map<std::uint64_t, WatchChange> watch_changes_;  // by token, until they are recorded

  BusBatch batch_;
  std::size_t next_entry_ = 0;
  std::optional<SteadyTime> stalled_since_;  // a full-speed replay waits for a subscriber
  bool lossless_ = false;
  bool stream_used_ = false;  // something was sent on the stream in this turn
  bool stopping_ = false;
  CommandSocket::Incoming incoming_;
  std::vector<BusReply> replies_;
  std::vector<ClientRequest> forwarded_;  // of this turn
  std::string name_;
  std::uint64_t messages_ = 0;
  std::uint64_t feed_messages_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t quotes_ = 0;
  std::uint64_t noise_ = 0;
};

Bridge::Bridge(BridgeConfig config, BusQueue& queue, BridgeListener& listener)
    : stats_{std::make_unique<BridgeStats>()},
      loop_{std::make_unique<Loop>(std::move(config), queue, listener, *stats_)},
      queue_{queue} {
  queue_.set_on_room([&listener] { listener.on_room(); });
}

Bridge::~Bridge() { stop(); }

Result<BridgeEndpoints> Bridge::bind() { return loop_->bind(); }

void Bridge::watch(const std::string& client, std::chrono::milliseconds silence) { loop_->watch(client, silence); }

void Bridge::start() {
  thread_ = std::thread{[this] {
    pthread_setname_np(pthread_self(), "bridge");
    loop_->run(stop_);
  }};
}

void Bridge::stop() {
  stop_.store(true);
  queue_.interrupt();
  if (thread_.joinable()) thread_.join();
  loop_.reset();
}

}  // namespace tradebus
