#include "bus/model/error.hpp"

#include <array>

namespace tradebus {

namespace {
constexpr std::array<std::string_view, 33> texts = {
    "ok",
    "request.malformed",
    "request.unknown_op",
    "request.invalid",
    "request.timeout",
    "auth.denied",
    "auth.role",
    "instrument.unknown",
    "provider.unavailable",
    "provider.rate_limited",
    "provider.not_found",
    "provider.unsupported",
    "broker.unavailable",
    "broker.rejected",
    "broker.unsupported",
    "broker.reconciling",
    "order.not_found",
    "order.duplicate_id",
    "order.not_open",
    "risk.kill_switch",
    "risk.max_qty",
    "risk.max_notional",
    "risk.price_band",
    "risk.position_limit",
    "risk.order_rate",
    "risk.buying_power",
    "risk.symbol",
    "risk.market_closed",
    "risk.stale_quote",
    "risk.daily_loss",
    "overloaded",
    "internal",
    "config.invalid",
};
}  // namespace

std::string_view to_string(Errc code) {
  const auto i = static_cast<std::size_t>(code);
  return i < texts.size() ? texts[i] : std::string_view{"internal"};
}

std::optional<Errc> errc_from_string(std::string_view text) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (texts[i] == text) return static_cast<Errc>(i);
  return std::nullopt;
}

}  // namespace tradebus
