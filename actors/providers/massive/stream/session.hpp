// One connection's conversation with the venue: login, subscriptions and their accounting, what a lost or refused
// connection means. Pure: statuses and the time go in, what is to be done comes out through a SessionPort.
//
// The venue confirms a topic by name, refuses one by an `error` that names none, and is silent about channels that it
// does not know and topics that it believes held. So: errors that are as many as the topics left without an answer
// refuse these; other counts make every topic left a suspect, which is asked for again alone; and what is never
// answered is asked for once more on a new connection if this one has fallen silent, and is refused then.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "actors/providers/massive/stream/topics.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"

namespace tradebus::massive::stream {

struct SessionOptions {
  using Ms = std::chrono::milliseconds;

  Ms login_timeout{10'000};   // from the open connection to auth_success
  Ms answer_timeout{10'000};  // for a topic's confirmation
  Ms settle{2'000};           // after an `error`, for what else is to come of the answer
  Ms healthy_after{60'000};   // a session that lived so long, or brought data, was a good one
  Ms hold_first{1'000};       // before the login after one that was not: doubled each time
  Ms hold_max{60'000};        //
  Ms hold_competing{60'000};  // after max_connections: doubled each time; after an upgrade refused for the key
  Ms hold_competing_max{600'000};
  // Not a message while the market is open, though quotes or trades of stocks, or quotes of options, are subscribed to:
  // connected anew after so long, doubled each time that it brought nothing; 0: never.
  Ms mute_first{60'000};
  Ms mute_max{3'600'000};
  Ms outage_long{600'000};  // the venue has not been reached for so long ...
  Ms hold_outage{5'000};    // ... then it is tried less often

  std::size_t batch_topics_max = 500;     // a request
  std::size_t asked_max = 2'000;          // topics not answered yet
  std::size_t topics_max = 100'000;       //
  std::size_t option_quotes_max = 1'000;  // the venue's own limit a connection
  unsigned login_timeouts_max = 2;        // auth_timeout so often in a row is final: what is lost is lost once
};

// The connection's state, and why.
struct LinkChange {
  LinkState state = LinkState::connecting;  // connecting, up, down
  std::string_view reason = {};             // "", transport, auth, auth_timeout, competing_session, silent
  std::string message = {};
  std::optional<std::chrono::milliseconds> retry_in = {};  // not sooner
};

// What a session has done. Nothing here calls back into the session.
class SessionPort {
 public:
  virtual ~SessionPort() = default;
  virtual bool send(std::string text) = 0;  // false: can't be queued now; it is tried again
  virtual void hold(std::chrono::milliseconds at_least) = 0;
  virtual void reconnect(std::string_view why) = 0;
  virtual void stop() = 0;  // for good
  virtual void mark_healthy() = 0;
  virtual void report_topic(TopicRef ref, TopicState state, std::string_view reason, std::string_view message) = 0;
  virtual void report_link(const LinkChange& change) = 0;
};

struct SessionCounters {
  std::uint64_t logins = 0;  // auth_success
  std::uint64_t evictions = 0;
  std::uint64_t mutes = 0;  // connections given up because they said nothing
  std::uint64_t confirmed = 0;
  std::uint64_t refused = 0;      // not authorized
  std::uint64_t unconfirmed = 0;  // never answered
  std::uint64_t probes = 0;       // topics asked for alone
  std::uint64_t gaps = 0;         // topics that lost data with a connection
  std::uint64_t odd_answers = 0;  // errors that belong to nothing, words that are not known
};

class Session {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Ms = std::chrono::milliseconds;

  // `where` for messages: "stocks". Topics and port outlive the session.
  Session(SessionOptions options, std::string where, std::string api_key, bool is_options, Topics& topics,
          SessionPort& port);

  // -- what is wanted ----------------------------------------------------------
  // provider.rate_limited, overloaded, auth.denied.
  Result<void> subscribe(Time now, TopicRef ref, Channel channel, std::string_view symbol);
  void unsubscribe(TopicRef ref);

  // -- what happens ------------------------------------------------------------
  void connecting();
  void opened(Time now);
  // A frame's statuses in order; frame() after each frame, `has_data`: a market event was in it.
  void status(Time now, std::string_view status, std::string_view message);
  void frame(Time now, bool has_data);
  // The connection ended, or could not be made. close_code 0: without a close frame; http_status: of a refused upgrade.
  void closed(Time now, std::string_view why, unsigned close_code, unsigned http_status = 0);
  void tick(Time now, bool is_open);  // the market

  bool is_refused() const { return phase_ == Phase::refused; }
  const SessionCounters& counters() const { return counters_; }

 private:
  enum class Phase : std::uint8_t { closed, login, ready, refused };
  struct Question {
    Topics::Id id;
    std::uint64_t number;
    Time at;
  };

  // -- login and link ----------------------------------------------------------
  void logged_in(Time now);
  void refuse_login(std::string_view message);
  void login_timed_out(Time now, std::string_view message);
  void evicted(Time now, std::string_view message);
  // Ends this connection for a reason of ours or of the venue's; `hold`: not made anew before.
  void leave(std::string_view reason, std::string message, Ms hold);
  void lose(std::string_view reason, std::string message, std::optional<Ms> hold);
  Ms hold_of_failure();
  void show(LinkState state, std::string_view reason, std::string message, std::optional<Ms> retry_in = {});

  // -- topics -------------------------------------------------------------------
  void enqueue(Topics::Id id);
  void pump(Time now);
  bool ask(Time now, std::deque<Topics::Id>& from, Topic::Stage stage, std::size_t count_max);
  void give_back();
  void answered(Time now, std::string_view names);
  void confirm(Topics::Id id);
  void reject(Topics::Id id, std::string_view reason, const std::string& message);
  void settle_errors(Time now, bool is_late);
  void look_for_silence(Time now);
  void look_for_muteness(Time now, bool is_open);
  void restart_topics(std::string_view reason);
  void announce_gaps(std::string_view reason);
  bool is_open_question(const Question& question) const {
    const auto& topic = topics_[question.id];
    return topic.stage == Topic::Stage::asked && topic.asked == question.number;
  }

  const SessionOptions options_;
  const std::string where_;
  const std::string api_key_;
  const bool is_options_;
  Topics& topics_;
  SessionPort& port_;
  SessionCounters counters_;

  Phase phase_ = Phase::closed;
  std::optional<LinkState> shown_;
  std::string_view reason_ = {};  // shown with it; a literal
  std::string refusal_;           // phase refused: why
  bool is_leaving_ = false;       // we end this connection: what comes of it is no news
  Time since_{};                  // of the phase
  Time heard_{};                  // the last frame
  std::optional<Time> lost_;      // since when there was no login
  bool saw_data_ = false;
  unsigned failures_ = 0;        // sessions in a row that were no good
  unsigned evictions_ = 0;       // in a row
  unsigned login_timeouts_ = 0;  // in a row
  unsigned mutes_ = 0;           // in a row
  Time expected_{};              // messages have been since

  std::deque<Topics::Id> queue_;
  std::deque<Topics::Id> suspects_;
  bool is_probing_ = false;      // one of them is asked, and nothing else
  std::deque<Question> asked_;   // in order; those that were answered are skipped
  std::size_t asked_count_ = 0;  // topics in stage asked
  std::uint64_t questions_ = 0;
  std::size_t errors_ = 0;  // not yet known whose
  std::string error_text_;
  Time answered_at_{};
  bool has_leaving_ = false;      // some topics are to be given back
  bool has_unannounced_ = false;  // some were asked for while the link was down
};

}  // namespace tradebus::massive::stream
