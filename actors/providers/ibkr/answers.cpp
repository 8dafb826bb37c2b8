// What the venue says, and whose answer it is.
#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/providers/ibkr/ibkr.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::ibkr::data {

namespace {
constexpr std::size_t unknown_ids_max = 1'000;  // that are remembered as told
constexpr std::size_t rows_max = 100'000;       // of one answer in many messages
}  // namespace

void IbkrDataState::on(wire::NextValidId&& m) { session_->took(m, now()); }
void IbkrDataState::on(wire::ManagedAccounts&& m) { session_->took(m, now()); }

void IbkrDataState::on(wire::ErrorMessage&& m) {
  if (session_->took(m, now())) {
    if (m.code != 100) return;
    if (const auto left_out = fast_lines_.take(now()))
      context_.log->warn("ibkr-too-fast provider={} left_out={} message=\"lower providers.ibkr.messages_per_second\"",
                         context_.name, *left_out);
    return;
  }
  if (const auto change = connectivity_.take(m.code, m.text); change != Connectivity::Change::none)
    return connectivity(change);
  if (m.code == 10197) {
    connectivity_.competing(m.text);
    return tell_all(TopicState::gap, connectivity_.reason());
  }
  auto* asked = asked_->find(m.req_id);
  if (asked == nullptr) {
    context_.log->debug("ibkr-notice provider={} id={} code={} message=\"{}\"", context_.name, m.req_id, m.code,
                        log_text(m.text));
    return;
  }
  const auto verdict = wire::judge(m, wire::ErrorSubject::request);
  if (verdict.effect != wire::ErrorEffect::request_ended) {
    context_.log->debug("ibkr-remark provider={} id={} code={} message=\"{}\"", context_.name, m.req_id, m.code,
                        log_text(m.text));
    return;
  }
  if (asked->line != 0) return line_refused(asked->line, m, verdict);
  if (asked->ticks) return ticks_refused(*asked->ticks, m);
  if (asked->question.snapshot && m.code == 101) note_no_line_left(m, 1);
  const auto error = wire::to_error(m, verdict);
  end(m.req_id, &error);
}

void IbkrDataState::connectivity(Connectivity::Change change) {
  const auto say = [&](spdlog::level::level_enum level, const char* event, const std::string& message) {
    if (const auto left_out = venue_lines_.take(now()))
      context_.log->log(level, "{} provider={} topics={} left_out={} message=\"{}\"", event, context_.name,
                        topics_.size(), *left_out, log_text(message));
  };
  switch (change) {
    case Connectivity::Change::none:
    case Connectivity::Change::noted:
      break;
    case Connectivity::Change::venue_lost:
      say(spdlog::level::warn, "ibkr-venue-lost", connectivity_.message());
      tell_all(TopicState::gap, connectivity_.reason());
      break;
    case Connectivity::Change::venue_back:
      say(spdlog::level::info, "ibkr-venue-back", "");
      tell_all(TopicState::live, "");
      if (session_->is_up()) open_all();  // those that came meanwhile
      break;
    case Connectivity::Change::resubscribe:
      say(spdlog::level::info, "ibkr-resubscribing", "");
      tell_all(TopicState::gap, "venue");  // until data comes again
      if (session_->is_up()) reopen_all();
      break;
  }
}

void IbkrDataState::unknown_id(std::int32_t req_id, std::string_view what) {
  // After a cancel some are still on their way.
  ++unknown_ids_;
  if (unknown_told_.size() >= unknown_ids_max || !unknown_told_.insert(req_id).second) return;
  context_.log->debug("ibkr-unknown-id provider={} id={} what=\"{}\"", context_.name, req_id, what);
}

Question* IbkrDataState::question(std::int32_t req_id) {
  auto* asked = asked_->find(req_id);
  if (asked != nullptr) return asked->question.then ? &asked->question : nullptr;
  unknown_id(req_id, "answer");
  return nullptr;
}

void IbkrDataState::on(wire::TickReqParams&&) {}

void IbkrDataState::on(wire::TickSnapshotEnd&& m) {
  if (question(m.req_id) != nullptr) end(m.req_id, nullptr);
}

void IbkrDataState::on(wire::ContractData&& m) {
  if (auto* to = question(m.req_id); to != nullptr && to->contracts.size() < rows_max)
    to->contracts.push_back(std::move(m));
}
void IbkrDataState::on(wire::ContractDataEnd&& m) {
  if (question(m.req_id) != nullptr) end(m.req_id, nullptr);
}

void IbkrDataState::on(wire::OptionParameters&& m) {
  if (auto* to = question(m.req_id); to != nullptr && to->options.size() < rows_max)
    to->options.push_back(std::move(m));
}
void IbkrDataState::on(wire::OptionParametersEnd&& m) {
  if (question(m.req_id) != nullptr) end(m.req_id, nullptr);
}

void IbkrDataState::on(wire::HistoricalData&& m) {
  const auto id = m.req_id;
  auto* to = question(id);
  if (to == nullptr) return;
  to->bars = std::move(m);
  end(id, nullptr);
}

void IbkrDataState::on(wire::HeadTimestamp&& m) {
  const auto id = m.req_id;
  auto* to = question(id);
  if (to == nullptr) return;
  to->time = std::move(m.time);
  end(id, nullptr);
}

void IbkrDataState::on(wire::SymbolSamples&& m) {
  const auto id = m.req_id;
  auto* to = question(id);
  if (to == nullptr) return;
  to->samples = std::move(m);
  end(id, nullptr);
}

void IbkrDataState::on(wire::NewsProviders&& m) {
  news_providers_ = std::move(m.rows);
  news_deadline_.reset();
  for (auto& then : std::exchange(news_waiting_, {})) then(nullptr);
}

void IbkrDataState::on(wire::HistoricalNews&& m) {
  if (auto* to = question(m.req_id); to != nullptr && to->news.size() < rows_max) to->news.push_back(std::move(m));
}
void IbkrDataState::on(wire::HistoricalNewsEnd&& m) {
  if (question(m.req_id) != nullptr) end(m.req_id, nullptr);
}

}  // namespace tradebus::ibkr::data
