#include "actors/providers/sim/trading_days.hpp"

namespace tradebus::sim {

TradingDays::TradingDays(AssetClass asset_class, std::shared_ptr<const Calendars> calendars)
    : calendars_{std::move(calendars)},
      exchange_{asset_class == AssetClass::crypto || asset_class == AssetClass::fx ? nullptr
                                                                                   : calendars_->find("XNYS")} {}

std::optional<TradingDay> TradingDays::day(Date date) const {
  if (exchange_ == nullptr) return TradingDay{Timestamp{date}, Timestamp{date}, Timestamp{date + std::chrono::days{1}}};
  const auto session = exchange_->session_on(date);
  if (!session) return std::nullopt;
  return TradingDay{midnight(date), session->open, session->close};
}

TradingDays::Date TradingDays::date_of(Timestamp t) const {
  return exchange_ == nullptr ? std::chrono::floor<std::chrono::days>(t) : exchange_->date_of(t);
}

Timestamp TradingDays::midnight(Date date) const {
  return exchange_ == nullptr ? Timestamp{date} : exchange_->zone().midnight(date);
}

}  // namespace tradebus::sim
