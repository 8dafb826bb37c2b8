#include "engine/net/http_exchange.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string_view>

#include "engine/net/http_text.hpp"
#include "engine/net/inflate.hpp"

namespace tradebus {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t http_read_bytes = 65'536;
constexpr unsigned interim_max = 8;
constexpr std::string_view version = "HTTP/1.";

using Parser = http::response_parser<http::string_body>;

ExchangeFault exchange_failure(NetFault fault, NetPhase phase, std::string message, bool nothing_came = false) {
  ExchangeFault result;
  result.error.fault = fault;
  result.error.phase = phase;
  result.error.may_have_been_sent = true;
  result.error.message = std::move(message);
  result.nothing_came = nothing_came;
  return result;
}

ExchangeFault read_failure(const ExchangePlan& plan, const error_code& ec) {
  if (ec == http::error::body_limit || ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    const auto what = ec == http::error::body_limit
                          ? "body is larger than " + std::to_string(plan.response_bytes_max)
                          : "headers are larger than " + std::to_string(plan.header_bytes_max);
    return exchange_failure(NetFault::too_large, NetPhase::body,
                            plan.where + ": the answer's " + what + " bytes; ask for less");
  }
  if (ec.category() == http::make_error_code(http::error::bad_method).category() &&
      ec != http::error::partial_message && ec != http::error::end_of_stream) {
    return exchange_failure(
        NetFault::bad_answer, NetPhase::body,
        plan.where + ": the answer is not HTTP (" + ec.message() + "); is something else on this port?");
  }
  return exchange_failure(NetFault::connection_lost, NetPhase::body,
                          plan.where + ": cut in the answer (" + ec.message() + "); try again");
}

// Redirects are not followed: a key would go to a host that nobody named.
bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

tl::expected<Exchanged, ExchangeFault> finished(const ExchangePlan& plan, Parser& parser, bool is_clean) {
  auto& message = parser.get();
  Exchanged result;
  auto& response = result.response;
  response.status = message.result_int();
  for (const auto& field : message)
    response.headers.push_back({std::string{field.name_string()}, std::string{field.value()}});
  result.keep = message.keep_alive() && is_clean;
  result.bytes_in = message.body().size();
  if (is_redirect(response.status)) {
    const auto* location = response.header("Location");
    auto fault = exchange_failure(NetFault::redirected, NetPhase::body,
                                  plan.where + ": answered " + std::to_string(response.status) + " to " +
                                      (location != nullptr ? where_to(*location) : std::string{"nowhere"}) +
                                      "; redirects are not followed: configure the right address");
    fault.error.http_status = response.status;
    return tl::unexpected{std::move(fault)};
  }
  const auto* encoding = response.header("Content-Encoding");
  if (encoding == nullptr || same_name(*encoding, "identity") || message.body().empty()) {
    response.body = std::move(message.body());
    return result;
  }
  if (!same_name(*encoding, "gzip") && !same_name(*encoding, "x-gzip") && !same_name(*encoding, "deflate")) {
    return tl::unexpected{exchange_failure(NetFault::bad_answer, NetPhase::body,
                                           plan.where + ": the answer's encoding is not the one asked for (gzip)")};
  }
  auto body = inflate_body(message.body(), plan.response_bytes_max);
  if (!body && body.error() == InflateFault::too_large) {
    return tl::unexpected{exchange_failure(NetFault::too_large, NetPhase::body,
                                           plan.where + ": the answer unpacks to more than " +
                                               std::to_string(plan.response_bytes_max) + " bytes; ask for less")};
  }
  if (!body) {
    return tl::unexpected{exchange_failure(NetFault::bad_answer, NetPhase::body,
                                           plan.where + ": the answer's gzip is damaged; try again")};
  }
  response.body = std::move(*body);
  return result;
}

}  // namespace

asio::awaitable<tl::expected<Exchanged, ExchangeFault>> exchange(std::shared_ptr<Watch> watch, NetStream& stream,
                                                                 std::shared_ptr<const ExchangePlan> plan,
                                                                 bool& began_to_send) {
  const Watch::Interrupt interrupt{*watch, [&stream] { stream.close(); }};
  const auto ended = [&](bool sent) { return tl::unexpected{ExchangeFault{watch->error(plan->where, sent), false}}; };
  // The timer may not have had its turn yet: too late is too late.
  if (std::chrono::steady_clock::now() >= watch->whole()) watch->give_up(NetFault::timed_out);
  if (watch->ended()) co_return ended(false);

  watch->enter(NetPhase::send);
  began_to_send = true;
  error_code ec;
  error_code send_ec;
  co_await asio::async_write(stream, asio::buffer(plan->wire), asio::redirect_error(asio::use_awaitable, send_ec));
  if (watch->ended()) co_return ended(true);

  // After a failed write too: the answer may tell why (413, say).
  watch->enter(NetPhase::first_byte, std::chrono::steady_clock::now() + plan->first_byte_timeout);
  beast::flat_buffer buffer{plan->header_bytes_max + http_read_bytes};
  std::optional<Parser> parser;
  for (unsigned interim = 0;; ++interim) {
    // Beast bounds a header's lines, not their number: so the whole head is read here.
    for (std::size_t searched = 0;;) {
      const std::string_view seen{static_cast<const char*>(buffer.cdata().data()), buffer.size()};
      const auto end = seen.find("\r\n\r\n", searched);
      if ((end == std::string_view::npos ? seen.size() : end) > plan->header_bytes_max)
        co_return tl::unexpected{read_failure(*plan, http::error::header_limit)};
      if (seen.substr(0, version.size()) != version.substr(0, seen.size()))
        co_return tl::unexpected{read_failure(*plan, http::error::bad_version)};
      if (end != std::string_view::npos) break;
      searched = seen.size() < 3 ? 0 : seen.size() - 3;
      const bool is_first = interim == 0 && seen.empty();
      const std::size_t n =
          co_await stream.async_read_some(buffer.prepare(16'384), asio::redirect_error(asio::use_awaitable, ec));
      if (watch->ended()) co_return ended(true);
      if (ec && !is_first) co_return tl::unexpected{read_failure(*plan, ec)};
      if (ec) {
        const auto why = send_ec ? send_ec.message() : ec.message();
        co_return tl::unexpected{exchange_failure(NetFault::connection_lost, NetPhase::first_byte,
                                                  plan->where + ": cut before the answer (" + why + "); try again",
                                                  true)};
      }
      buffer.commit(n);
      if (is_first) watch->enter(NetPhase::body);
    }
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(plan->header_bytes_max) + 4);
    parser->body_limit(plan->response_bytes_max);
    if (plan->is_head) parser->skip(true);
    co_await http::async_read_header(stream, buffer, *parser, asio::redirect_error(asio::use_awaitable, ec));
    if (watch->ended()) co_return ended(true);
    if (ec) co_return tl::unexpected{read_failure(*plan, ec)};
    const unsigned status = parser->get().result_int();
    if (status >= 200) break;
    if (status == 101 || status < 100 || interim == interim_max) {
      co_return tl::unexpected{
          exchange_failure(NetFault::bad_answer, NetPhase::body,
                           plan->where + ": answered " + std::to_string(status) + ", which nobody asked for")};
    }
  }
  if (!parser->is_done()) {
    co_await http::async_read(stream, buffer, *parser, asio::redirect_error(asio::use_awaitable, ec));
    if (watch->ended()) co_return ended(true);
    if (ec) co_return tl::unexpected{read_failure(*plan, ec)};
  }
  watch->disarm();
  co_return finished(*plan, *parser, buffer.size() == 0 && !send_ec);
}

}  // namespace tradebus
