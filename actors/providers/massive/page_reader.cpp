#include "actors/providers/massive/page_reader.hpp"

#include "engine/net/url.hpp"

namespace tradebus::massive::detail {

std::optional<Error> refusal(const Envelope& envelope) {
  if (envelope.status == "ERROR") return refused(500, envelope.text);
  if (envelope.status == "NOT_FOUND") return refused(404, envelope.text);
  if (envelope.status == "NOT_AUTHORIZED") return refused(403, envelope.text);
  return std::nullopt;
}

Result<std::string> target_of(const std::string& next_url) {
  if (next_url.starts_with('/') && !next_url.starts_with("//")) {
    auto url = parse_url("https://host" + next_url);
    if (url) return url->target;
  } else if (auto url = parse_url(next_url)) {
    return url->target;
  }
  return fail(Errc::provider_unavailable, "the venue's answer names a next page that is no URL");
}

Result<Envelope> read_envelope(json::Reader& reader, std::string_view body, json::OnField rest) {
  Envelope out;
  reader.document(body, [&](std::string_view key, json::Value& value) {
    if (key == "status")
      out.status = reader.text(key, value).value_or("");
    else if (key == "next_url")
      out.next_url = reader.text(key, value).value_or("");
    else if (key == "error" || key == "message")
      out.text = reader.text(key, value).value_or("");
    else
      rest(key, value);
  });
  if (reader.broken()) return tl::unexpected{not_understood(reader.why_broken(), body)};
  if (auto refused = refusal(out)) return tl::unexpected{std::move(*refused)};
  return out;
}

}  // namespace tradebus::massive::detail
