#include "actors/providers/massive/stream/session.hpp"

#include <algorithm>
#include <utility>

namespace tradebus::massive::stream {

namespace {

constexpr std::string_view subscribed = "subscribed to:";
constexpr std::string_view unsubscribed = "unsubscribed to:";
constexpr unsigned close_policy_violation = 1008;
constexpr std::size_t shown_text_max = 200;

// The venue's words in a message of ours: short and printable.
std::string printable(std::string_view text) {
  std::string out{text.substr(0, shown_text_max)};
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
  return out;
}

std::string json_text(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= 0 && c < ' ') {
      out += "\\u00";
      out += hex[static_cast<std::size_t>(c) >> 4U];
      out += hex[static_cast<std::size_t>(c) & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

std::string request(std::string_view action, std::string_view params) {
  std::string out;
  out.reserve(params.size() + 40);
  out.append("{\"action\":\"").append(action).append("\",\"params\":\"").append(params).append("\"}");
  return out;
}

void append(std::string& params, const Topic& topic) {
  if (!params.empty()) params += ',';
  params.append(letters(topic.channel)).append(1, '.').append(*topic.symbol);
}

template <class Rep>
Rep doubled(Rep first, unsigned times, Rep max) {
  for (; times > 0 && first < max; --times) first *= 2;
  return std::min(first, max);
}

}  // namespace

Session::Session(SessionOptions options, std::string where, std::string api_key, bool is_options, Topics& topics,
                 SessionPort& port)
    : options_{options},
      where_{std::move(where)},
      api_key_{std::move(api_key)},
      is_options_{is_options},
      topics_{topics},
      port_{port} {}

// ---- what is wanted -------------------------------------------------------------------------------------------------

Result<void> Session::subscribe(Time now, TopicRef ref, Channel channel, std::string_view symbol) {
  if (phase_ == Phase::refused) return fail(Errc::auth_denied, refusal_);
  auto id = topics_.find(channel, symbol);
  if (const auto before = topics_.find(ref); before != Topics::none && before != id) unsubscribe(ref);
  if (id != Topics::none) {
    if (!topics_[id].wanted) topics_[id].gap = false;  // it begins anew
    topics_.want(id, ref);
    if (topics_[id].stage == Topic::Stage::leaving) topics_[id].stage = Topic::Stage::held;
    return {};
  }
  const bool is_option_quote = is_options_ && channel == Channel::quote;
  if (is_option_quote && topics_.size(channel) >= options_.option_quotes_max) give_back();
  if (is_option_quote && topics_.size(channel) >= options_.option_quotes_max)
    return fail(Errc::provider_rate_limited,
                "the venue gives quotes of " + std::to_string(options_.option_quotes_max) +
                    " option contracts a connection, and one connection: unsubscribe some");
  if (topics_.size() >= options_.topics_max)
    return fail(Errc::overloaded, where_ + ": " + std::to_string(topics_.size()) +
                                      " topics are open, and no more may be: unsubscribe some");
  id = topics_.add(channel, symbol);
  topics_.want(id, ref);
  enqueue(id);
  if (shown_ == LinkState::down) has_unannounced_ = true;
  // The first one leaves at once; what comes before its answer leaves together.
  if (asked_count_ == 0) pump(now);
  return {};
}

void Session::unsubscribe(TopicRef ref) {
  const auto id = topics_.find(ref);
  if (id == Topics::none) return;
  auto& topic = topics_[id];
  switch (topic.stage) {
    case Topic::Stage::none:
    case Topic::Stage::leaving:
      break;
    case Topic::Stage::queued:
      topics_.remove(id);
      break;
    case Topic::Stage::asked:
    case Topic::Stage::suspect:
      topics_.unwant(id);  // given back when the venue has answered
      break;
    case Topic::Stage::held:
      topics_.unwant(id);
      topic.stage = Topic::Stage::leaving;
      has_leaving_ = true;
      break;
  }
}

// ---- what happens ---------------------------------------------------------------------------------------------------

void Session::connecting() {
  if (!shown_) show(LinkState::connecting, "", "");
}

void Session::opened(Time now) {
  if (phase_ == Phase::refused) return;
  phase_ = Phase::login;
  since_ = heard_ = now;
  is_leaving_ = saw_data_ = false;
  port_.send(request("auth", json_text(api_key_)));
}

void Session::status(Time now, std::string_view status, std::string_view message) {
  if (phase_ == Phase::closed || phase_ == Phase::refused) return;
  if (status == "success") return answered(now, message);
  if (status == "connected") return;
  if (status == "auth_success") return phase_ == Phase::login ? logged_in(now) : void(++counters_.odd_answers);
  if (status == "auth_failed") return refuse_login(message);
  if (status == "auth_timeout") return login_timed_out(now, message);
  if (status == "max_connections") return evicted(now, message);
  if (status == "error" && phase_ == Phase::ready && (asked_count_ > 0)) {
    ++errors_;
    error_text_ = printable(message);
    answered_at_ = now;
    return settle_errors(now, false);
  }
  ++counters_.odd_answers;
}

void Session::frame(Time now, bool has_data) {
  heard_ = now;
  if (has_data) mutes_ = 0;
  if (!has_data || saw_data_ || phase_ != Phase::ready) return;
  saw_data_ = true;
  failures_ = 0;
  port_.mark_healthy();
}

void Session::closed(Time now, std::string_view why, unsigned close_code, unsigned http_status) {
  if (phase_ == Phase::refused) return;
  if (std::exchange(is_leaving_, false)) return;
  if (phase_ == Phase::ready && close_code == close_policy_violation) {
    evicted(now, "closed with code 1008");
    is_leaving_ = false;  // it is gone already
    return;
  }
  if (!lost_) lost_ = now;
  std::optional<Ms> hold;
  if (phase_ == Phase::closed) {
    if (now - *lost_ >= options_.outage_long) hold = options_.hold_outage;
    // The venue is there and means us: knocking on and on makes it worse.
    if (http_status == 401 || http_status == 403 || http_status == 429) hold = options_.hold_competing;
  } else {
    const bool is_healthy = phase_ == Phase::ready && (saw_data_ || now - since_ >= options_.healthy_after);
    if (is_healthy)
      failures_ = 0;
    else
      hold = hold_of_failure();
  }
  lose("transport", std::string{why}, hold);
}

void Session::tick(Time now, bool is_open) {
  if (has_unannounced_ && phase_ != Phase::ready) announce_gaps(reason_);
  if (phase_ == Phase::login && now - since_ >= options_.login_timeout)
    return leave("silent", "no answer to the login; it is tried anew", hold_of_failure());
  if (phase_ != Phase::ready) return;
  if (now - since_ >= options_.hold_competing_max) evictions_ = 0;
  settle_errors(now, now - answered_at_ >= options_.settle);
  look_for_silence(now);
  if (phase_ == Phase::ready) look_for_muteness(now, is_open);
  if (phase_ != Phase::ready) return;
  give_back();
  pump(now);
}

// ---- login and link -------------------------------------------------------------------------------------------------

void Session::logged_in(Time now) {
  phase_ = Phase::ready;
  since_ = now;
  lost_.reset();
  login_timeouts_ = 0;
  has_unannounced_ = false;
  ++counters_.logins;
  show(LinkState::up, "", "");
  pump(now);
}

void Session::refuse_login(std::string_view message) {
  refusal_ = where_ + ": the venue refused the login (" + printable(message) +
             "): check the key, the plan, and whether it is for real-time or delayed data; then connect anew";
  phase_ = Phase::refused;
  for (Topics::Id id = 0; id < topics_.end(); ++id)
    if (topics_[id].stage != Topic::Stage::none) reject(id, to_string(Errc::auth_denied), refusal_);
  queue_.clear();
  asked_.clear();
  suspects_.clear();
  show(LinkState::down, "auth", refusal_);
  port_.stop();
}

void Session::login_timed_out(Time, std::string_view message) {
  if (++login_timeouts_ >= options_.login_timeouts_max) return refuse_login(message);
  leave("auth_timeout", "the venue has seen no login (" + printable(message) + "); it is tried anew",
        hold_of_failure());
}

void Session::evicted(Time now, std::string_view message) {
  if (phase_ == Phase::ready && now - since_ >= options_.hold_competing_max) evictions_ = 0;
  const auto hold = doubled(options_.hold_competing, evictions_++, options_.hold_competing_max);
  ++counters_.evictions;
  leave("competing_session",
        "another process uses this key (" + printable(message) +
            "); a plan allows one connection a market: end the other one, or use another key",
        hold);
}

void Session::leave(std::string_view reason, std::string message, Ms hold) {
  is_leaving_ = true;
  lose(reason, std::move(message), hold);
  port_.reconnect(reason);
}

void Session::lose(std::string_view reason, std::string message, std::optional<Ms> hold) {
  phase_ = Phase::closed;
  if (hold) port_.hold(*hold);
  // Topics first: the link's own news would say the same of each topic once more.
  restart_topics(reason);
  show(LinkState::down, reason, where_ + ": " + message, hold);
}

Session::Ms Session::hold_of_failure() { return doubled(options_.hold_first, failures_++, options_.hold_max); }

void Session::show(LinkState state, std::string_view reason, std::string message, std::optional<Ms> retry_in) {
  if (shown_ == state && reason_ == reason && !retry_in) return;
  shown_ = state;
  reason_ = reason;
  port_.report_link({state, reason, std::move(message), retry_in});
}

// ---- topics ---------------------------------------------------------------------------------------------------------

void Session::enqueue(Topics::Id id) {
  if (std::exchange(topics_[id].in_queue, true)) return;
  queue_.push_back(id);
}

// While it isn't known whose an error was, nothing new is asked.
void Session::pump(Time now) {
  while (phase_ == Phase::ready && errors_ == 0) {
    if (is_probing_ && asked_count_ > 0) return;
    is_probing_ = false;
    if (!suspects_.empty()) {
      if (asked_count_ > 0 || !ask(now, suspects_, Topic::Stage::suspect, 1)) return;
      is_probing_ = asked_count_ > 0;
      if (is_probing_) ++counters_.probes;
      continue;
    }
    if (queue_.empty() || asked_count_ >= options_.asked_max) return;
    if (!ask(now, queue_, Topic::Stage::queued, std::min(options_.batch_topics_max, options_.asked_max - asked_count_)))
      return;
  }
}

// One request with the next topics of `from`; false: it could not be sent.
bool Session::ask(Time now, std::deque<Topics::Id>& from, Topic::Stage stage, std::size_t count_max) {
  std::string params;
  std::vector<Topics::Id> batch;
  std::size_t taken = 0;
  for (; taken < from.size() && batch.size() < count_max; ++taken) {
    const auto id = from[taken];
    if (topics_[id].stage != stage) continue;
    if (stage == Topic::Stage::suspect && topics_[id].has_data) {
      confirm(id);
      continue;
    }
    append(params, topics_[id]);
    batch.push_back(id);
  }
  if (!batch.empty() && !port_.send(request("subscribe", params))) return false;
  for (std::size_t i = 0; i < taken; ++i) {
    if (&from == &queue_) topics_[from.front()].in_queue = false;
    from.pop_front();
  }
  for (const auto id : batch) {
    auto& topic = topics_[id];
    topic.stage = Topic::Stage::asked;
    topic.has_data = false;
    topic.asked = ++questions_;
    asked_.push_back({id, topic.asked, now});
    ++asked_count_;
  }
  return true;
}

void Session::give_back() {
  if (!has_leaving_ || phase_ != Phase::ready) return;
  std::string params;
  std::vector<Topics::Id> batch;
  for (Topics::Id id = 0; id < topics_.end() && batch.size() < options_.batch_topics_max; ++id) {
    if (topics_[id].stage != Topic::Stage::leaving) continue;
    append(params, topics_[id]);
    batch.push_back(id);
  }
  if (!batch.empty() && !port_.send(request("unsubscribe", params))) return;
  for (const auto id : batch) topics_.remove(id);
  has_leaving_ = batch.size() == options_.batch_topics_max;  // the rest next time
}

void Session::answered(Time now, std::string_view text) {
  if (text.starts_with(unsubscribed)) return;
  if (!text.starts_with(subscribed)) {
    ++counters_.odd_answers;
    return;
  }
  text.remove_prefix(subscribed.size());
  while (!text.empty()) {
    auto name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto point = name.find('.');
    const auto channel = channel_from(name.substr(0, point));
    const auto id =
        channel && point != std::string_view::npos ? topics_.find(*channel, name.substr(point + 1)) : Topics::none;
    if (id == Topics::none) {
      ++counters_.odd_answers;
      // Confirmed after it was given up: given back, or it would tick for nobody.
      if (channel && point != std::string_view::npos && name.size() < 64)
        port_.send(request("unsubscribe", json_text(name)));
      continue;
    }
    if (topics_[id].stage == Topic::Stage::asked || topics_[id].stage == Topic::Stage::suspect) confirm(id);
  }
  answered_at_ = now;
  settle_errors(now, false);
  if (phase_ == Phase::ready && asked_count_ == 0) pump(now);
}

void Session::confirm(Topics::Id id) {
  auto& topic = topics_[id];
  if (topic.stage == Topic::Stage::asked) --asked_count_;
  topic.stage = Topic::Stage::held;
  topic.silences = 0;
  ++counters_.confirmed;
  if (!topic.wanted) {
    topic.stage = Topic::Stage::leaving;
    has_leaving_ = true;
  } else if (std::exchange(topic.gap, false)) {
    port_.report_topic(topic.ref, TopicState::live, "", "");
  }
}

void Session::reject(Topics::Id id, std::string_view reason, const std::string& message) {
  const auto& topic = topics_[id];
  if (topic.stage == Topic::Stage::asked) --asked_count_;
  if (topic.wanted) port_.report_topic(topic.ref, TopicState::rejected, reason, message);
  topics_.remove(id);
}

// Errors name no topic. `is_late`: nothing more will come of the answer.
void Session::settle_errors(Time now, bool is_late) {
  if (errors_ == 0) return;
  if (is_late) {
    for (const auto& question : asked_)
      if (is_open_question(question) && topics_[question.id].has_data) confirm(question.id);
  }
  if (asked_count_ <= errors_) {
    counters_.odd_answers += errors_ - asked_count_;
    for (const auto& question : asked_) {
      if (!is_open_question(question)) continue;
      ++counters_.refused;
      reject(question.id, to_string(Errc::provider_unsupported),
             where_ + ": the venue refused " + topics_[question.id].text() + " (" + error_text_ +
                 "): the plan lacks this channel");
    }
  } else if (is_late) {
    for (const auto& question : asked_) {
      if (!is_open_question(question)) continue;
      topics_[question.id].stage = Topic::Stage::suspect;
      suspects_.push_back(question.id);
    }
    asked_count_ = 0;
  } else {
    return;
  }
  asked_.clear();
  errors_ = 0;
  pump(now);
}

void Session::look_for_silence(Time now) {
  while (!asked_.empty()) {
    const auto question = asked_.front();
    if (is_open_question(question)) {
      if (now - question.at < options_.answer_timeout) return;
      auto& topic = topics_[question.id];
      if (topic.has_data) {
        confirm(question.id);
      } else if (heard_ < question.at && topic.silences == 0) {
        // Not a word since: it is the connection that is dead, not this topic.
        for (const auto& other : asked_)
          if (is_open_question(other)) ++topics_[other.id].silences;
        return leave("silent", "no answer to a subscription, nor anything else; connected anew", hold_of_failure());
      } else {
        ++counters_.unconfirmed;
        // The venue may believe that it is held: both sides are to agree that it is not.
        port_.send(request("unsubscribe", topic.text()));
        reject(question.id, to_string(Errc::request_timeout),
               where_ + ": the venue never confirmed " + topic.text() + ": no such channel, or it was held already");
      }
    }
    asked_.pop_front();
  }
}

// Pings are answered by machines on the way, too. Minute bars and options' trades may well be silent for minutes.
void Session::look_for_muteness(Time now, bool is_open) {
  const bool talks = topics_.size(Channel::quote) > 0 || (!is_options_ && topics_.size(Channel::trade) > 0);
  if (!is_open || !talks || options_.mute_first == Ms{0}) {
    expected_ = now;
    return;
  }
  const auto patience = doubled(options_.mute_first, mutes_, std::max(options_.mute_first, options_.mute_max));
  if (now - std::max({heard_, since_, expected_}) < patience) return;
  ++mutes_;
  ++counters_.mutes;
  leave("silent",
        "not a message in " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(patience).count()) +
            " s while the market is open; connected anew",
        options_.hold_first);
}

void Session::restart_topics(std::string_view reason) {
  for (const auto id : queue_) topics_[id].in_queue = false;
  queue_.clear();
  suspects_.clear();
  asked_.clear();
  asked_count_ = errors_ = 0;
  has_leaving_ = is_probing_ = false;
  announce_gaps(reason);
  for (Topics::Id id = 0; id < topics_.end(); ++id) {
    auto& topic = topics_[id];
    if (topic.stage == Topic::Stage::none) continue;
    if (!topic.wanted) {
      topics_.remove(id);
      continue;
    }
    topic.stage = Topic::Stage::queued;
    enqueue(id);
  }
}

void Session::announce_gaps(std::string_view reason) {
  has_unannounced_ = false;
  for (Topics::Id id = 0; id < topics_.end(); ++id) {
    auto& topic = topics_[id];
    if (topic.stage == Topic::Stage::none || !topic.wanted || std::exchange(topic.gap, true)) continue;
    ++counters_.gaps;
    port_.report_topic(topic.ref, TopicState::gap, reason, "");
  }
}

}  // namespace tradebus::massive::stream
