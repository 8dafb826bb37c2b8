// A session with a port that writes down what it does.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "actors/providers/massive/stream/session.hpp"

namespace tradebus::massive::stream {

struct Recorder final : SessionPort {
  struct TopicNews {
    TopicRef ref;
    TopicState state;
    std::string reason;
  };
  std::vector<std::string> sent;
  std::vector<TopicNews> topics;
  std::vector<LinkChange> links;
  std::vector<std::chrono::milliseconds> holds;
  std::vector<std::string> reconnects;
  int stops = 0;
  int healthy = 0;
  bool is_full = false;

  bool send(std::string text) override {
    if (is_full) return false;
    sent.push_back(std::move(text));
    return true;
  }
  void hold(std::chrono::milliseconds at_least) override { holds.push_back(at_least); }
  void reconnect(std::string_view why) override { reconnects.emplace_back(why); }
  void stop() override { ++stops; }
  void mark_healthy() override { ++healthy; }
  void report_topic(TopicRef ref, TopicState state, std::string_view reason, std::string_view) override {
    topics.push_back({ref, state, std::string{reason}});
  }
  void report_link(const LinkChange& change) override { links.push_back(change); }
};

struct SessionFixture {
  using Ms = std::chrono::milliseconds;
  explicit SessionFixture(SessionOptions options = {}, bool is_options = false)
      : session{options, is_options ? "options" : "stocks", "our key", is_options, topics, port} {}

  void log_in() {
    session.connecting();
    session.opened(now);
    status("connected", "Connected Successfully");
    status("auth_success", "authenticated");
  }
  void status(std::string_view word, std::string_view message) {
    session.status(now, word, message);
    session.frame(now, false);
  }
  void confirm(const std::string& topic) { status("success", "subscribed to: " + topic); }
  void error() { status("error", "not authorized"); }
  bool want(TopicRef ref, const std::string& symbol, Channel channel = Channel::quote) {
    return session.subscribe(now, ref, channel, symbol).has_value();
  }
  void data(TopicRef ref) {
    topics[topics.find(ref)].has_data = true;
    session.frame(now, true);
  }
  void advance(Ms time) {
    const auto until = now + time;
    while (now < until) {
      now += Ms{250};
      session.tick(now, is_open);
    }
  }
  Topic::Stage stage(TopicRef ref) const { return topics[topics.find(ref)].stage; }
  std::string last_sent() const { return port.sent.empty() ? "" : port.sent.back(); }
  std::string last_topic() const {
    if (port.topics.empty()) return "";
    const auto& news = port.topics.back();
    return std::to_string(news.ref) + ' ' + std::string{to_string(news.state)} + ' ' + news.reason;
  }

  bool is_open = false;  // the market
  Session::Time now = Session::Time{} + std::chrono::hours{1};
  Topics topics;
  Recorder port;
  Session session;
};

}  // namespace tradebus::massive::stream
