#include "tests/venues/massive/http_script.hpp"

#include <zlib.h>

#include <stdexcept>

#include "tests/venues/massive/call.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr std::size_t gzip_from = 200;  // smaller ones gain nothing
constexpr std::string_view proxy_page =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "</body>\r\n</html>\r\n";

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

void apply_status(HttpReply& reply, const Fault& fault, std::string_view request_id) {
  const std::string_view text = fault.status == 429
                                    ? "You've exceeded the maximum requests per minute, please wait or upgrade your "
                                      "subscription to continue. https://massive.com/pricing"
                                    : reason_of(fault.status);
  reply.status = fault.status;
  reply.body = failure(fault.status, request_id, text).body;
  reply.content_type = "application/json";
  reply.headers.clear();
  if (fault.retry_after) reply.headers.emplace_back("Retry-After", std::to_string(*fault.retry_after));
}

}  // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int gzip_wrapper = 15 + 16;
  if (deflateInit2(&stream, 5, Z_DEFLATED, gzip_wrapper, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2 failed");
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

HttpScript script_of(const HttpRequest& request, HttpReply reply, std::string_view request_id) {
  HttpScript out;
  out.after = request.keep_alive ? After::next_request : After::close;
  const std::optional<Fault> fault = reply.fault;
  const auto is = [&](FaultKind kind) { return fault && fault->kind == kind; };
  if (is(FaultKind::reset) || is(FaultKind::half_open)) {
    out.after = is(FaultKind::reset) ? After::reset : After::hang;
    return out;
  }
  if (is(FaultKind::garbage)) {
    out.bytes = std::string("\x16\x03\x01") + "!!! this is no HTTP\r\n\r\n";
    out.after = After::close;
    return out;
  }
  if (is(FaultKind::status)) apply_status(reply, *fault, request_id);
  if (is(FaultKind::empty_body)) reply.body.clear();
  if (is(FaultKind::html_error)) {
    reply.status = 502;
    reply.content_type = "text/html";
    reply.body = proxy_page;
    reply.headers.clear();
  }
  const bool truncated = is(FaultKind::truncated_gzip);
  if (truncated || (request.accepts_gzip && reply.body.size() >= gzip_from)) {
    reply.body = gzip(reply.body);
    reply.headers.emplace_back("Content-Encoding", "gzip");
    if (truncated) reply.body.resize(reply.body.size() / 2);
  }
  out.bytes = "HTTP/1.1 " + std::to_string(reply.status) + ' ' + std::string(reason_of(reply.status)) + "\r\n";
  out.bytes += "Server: nginx/1.19.2\r\nContent-Type: " + reply.content_type + "\r\n";
  if (!request_id.empty()) out.bytes += "X-Request-Id: " + std::string(request_id) + "\r\n";
  for (const auto& [name, value] : reply.headers) out.bytes += name + ": " + value + "\r\n";
  out.bytes += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  out.bytes += request.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  out.whole = out.bytes.size();
  if (request.method != "HEAD") out.bytes += reply.body;
  if (is(FaultKind::cut)) {
    out.bytes.resize(out.whole + (out.bytes.size() - out.whole) / 2);
    out.after = After::close;
  }
  if (is(FaultKind::slow_body)) {
    out.chunk = 1;
    out.delay_chunk_ms = fault->delay_ms;
  }
  if (is(FaultKind::slow_first_byte)) out.delay_first_ms = fault->delay_ms;
  return out;
}

}  // namespace tradebus::massive_sim
