#include "tests/venues/massive/control.hpp"

#include <simdjson.h>

#include "tests/venues/massive/json.hpp"
#include "tests/venues/massive/new_york.hpp"
#include "tests/venues/massive/query.hpp"

namespace tradebus::massive_sim {
namespace {

HttpReply ok(std::string body = "{}") {
  HttpReply out;
  out.body = std::move(body);
  return out;
}

HttpReply refused(int status, std::string_view why) {
  Json json;
  json.begin_object().field("error", why).end_object();
  HttpReply out = ok(json.take());
  out.status = status;
  return out;
}

// A body's fields; an empty body has none.
class Fields {
 public:
  explicit Fields(const std::string& body)
      : good_(body.empty() || parser_.parse(body).get(root_) == simdjson::SUCCESS), empty_(body.empty()) {}

  bool good() const { return good_; }
  template <class T>
  std::optional<T> get(const char* name) const {
    T value{};
    if (empty_ || root_[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  bool good_;
  bool empty_;
};

}  // namespace

HttpReply Control::reply(const HttpRequest& request, std::string& request_id) {
  request_id.clear();
  const std::string path = parse_target(request.target).path;
  const bool post = request.method == "POST";
  if (path == "/stats" && request.method == "GET") return report();
  if (path == "/faults" && request.method == "DELETE") {
    faults_.clear();
    return ok();
  }
  if (path == "/faults" && post) return arm(request.body);
  if (path == "/clock" && post) return set_clock(request.body);
  if (path == "/ws/send" && post) {
    hub_.send_all(request.body);
    return ok();
  }
  if ((path == "/ws/cut" || path == "/ws/silence") && post) {
    const Fields fields{request.body};
    if (!fields.good()) return refused(400, "the body is no JSON");
    if (path == "/ws/cut") {
      hub_.cut_all(fields.get<bool>("reset").value_or(false));
    } else {
      hub_.silence(fields.get<bool>("on").value_or(true));
    }
    return ok();
  }
  return refused(404, "GET /stats; POST /faults, /clock, /ws/cut, /ws/send, /ws/silence; DELETE /faults");
}

HttpReply Control::arm(const std::string& body) {
  const Fields fields{body};
  if (!fields.good()) return refused(400, "the body is no JSON");
  std::string kind{fields.get<std::string_view>("kind").value_or("")};
  if (const auto number = fields.get<std::int64_t>("kind")) kind = std::to_string(*number);
  auto fault = parse_fault(kind);
  if (!fault) {
    return refused(400,
                   "kind must be 429, 500, 503, cut, reset, half_open, garbage, slow_body, slow_first_byte, "
                   "empty_body, html_error, "
                   "truncated_gzip, max_connections or silence");
  }
  fault->count = fields.get<std::uint64_t>("count").value_or(1);
  fault->path_prefix = fields.get<std::string_view>("path_prefix").value_or("");
  if (const auto seconds = fields.get<std::int64_t>("retry_after")) fault->retry_after = static_cast<int>(*seconds);
  if (const auto ms = fields.get<std::int64_t>("delay_ms")) fault->delay_ms = static_cast<int>(*ms);
  if (!faults_.arm(std::move(*fault))) return refused(400, "too many faults are armed: DELETE /faults");
  return ok();
}

HttpReply Control::set_clock(const std::string& body) {
  const Fields fields{body};
  if (!fields.good()) return refused(400, "the body is no JSON");
  if (const auto text = fields.get<std::string_view>("set")) {
    const auto time = parse_utc(*text);
    if (!time) return refused(400, "set must be like 2024-06-21T15:00:00Z");
    clock_.set(*time);
  }
  if (const auto frozen = fields.get<bool>("frozen")) clock_.freeze(*frozen);
  if (const auto ms = fields.get<std::int64_t>("advance_ms")) clock_.advance(*ms * ns_per_ms);
  Json json;
  json.begin_object()
      .field("now_ns", clock_.now())
      .field("now", utc_text(clock_.now()))
      .field("frozen", clock_.frozen())
      .end_object();
  return ok(json.take());
}

HttpReply Control::report() const {
  Json json;
  json.begin_object().field("calls_total", stats_.calls_total).key("calls").begin_object();
  for (const auto& [path, count] : stats_.calls) json.field(path, count);
  json.end_object().field("auth_failures", stats_.auth_failures).field("rate_limited", stats_.rate_limited);
  json.field("faults", stats_.faults).field("faults_armed", faults_.armed()).field("connections", hub_.connections());
  json.field("connections_total", stats_.connections)
      .field("evicted", stats_.evicted)
      .field("slow_consumers", stats_.slow_consumers);
  json.field("frames", stats_.frames).field("events", stats_.events).key("subscriptions").begin_array();
  for (const std::string& topic : hub_.subscriptions()) json.value(topic);
  json.end_array().field("now_ns", clock_.now()).end_object();
  return ok(json.take());
}

}  // namespace tradebus::massive_sim
