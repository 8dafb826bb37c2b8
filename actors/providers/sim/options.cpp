#include "actors/providers/sim/options.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "actors/providers/sim/black_scholes.hpp"
#include "actors/providers/sim/hash.hpp"

namespace tradebus::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t cent = Price::scale / 100;
constexpr std::int64_t strikes_each_side = 20;

Price cents(double value, double (*rounding)(double)) {
  return Price::from_raw(static_cast<std::int64_t>(rounding(value * 100)) * cent);
}

Quantity contracts(std::uint64_t count) { return Quantity::from_int(static_cast<std::int32_t>(count)); }

std::vector<std::chrono::sys_days> fridays(std::chrono::sys_days from, int count) {
  std::vector<std::chrono::sys_days> out;
  auto day = from + (std::chrono::Friday - std::chrono::weekday{from});
  for (; count > 0; --count, day += std::chrono::weeks{1}) out.push_back(day);
  return out;
}

bool is_third_friday(std::chrono::sys_days friday) {
  const auto day = static_cast<unsigned>(std::chrono::year_month_day{friday}.day());
  return day >= 15 && day <= 21;
}

// Options of listed share classes are written on a root without the dot.
std::string root_of(const Profile& underlying) {
  std::string root = underlying.symbol.str();
  std::erase(root, '.');
  return root;
}

}  // namespace

Timestamp expiry_time(const Date& expiry, const TradingDays& days) {
  const auto day = days.day(expiry.to_days());
  return day ? day->close : days.midnight(expiry.to_days()) + 16h;
}

OptionQuote value_option(const OptionContract& contract, Price spot, Timestamp now, const TradingDays& days) {
  const Instrument& option = contract.instrument;
  OptionInputs in;
  in.spot = spot.to_double();
  in.strike = option.strike->to_double();
  in.years = std::chrono::duration<double>(expiry_time(*option.expiry, days) - now).count() / (365 * 86'400.0);
  in.rate = risk_free_rate;
  // A smile that rises away from the money, steeper for near expiries, and a skew towards low strikes; both bounded.
  const double moneyness = std::log(in.strike / in.spot) / std::sqrt(std::max(in.years, 7 / 365.0));
  const double bend = std::clamp(0.25 * moneyness * moneyness - 0.12 * moneyness, -0.1, 1.0);
  in.volatility = contract.underlying.volatility * (1 + bend);
  const OptionValue value = black_scholes(*option.right, in);

  const std::uint64_t r = hash(contract.underlying.seed, option.symbol.str());
  OptionQuote out;
  out.symbol = option.symbol;
  out.underlying = contract.underlying.symbol;
  out.expiry = option.expiry->to_string();
  out.strike = *option.strike;
  out.right = *option.right;
  out.ts = now;
  out.rx = now;
  const double half_spread = 0.01 + 0.01 * value.price;
  out.bid = std::max(cents(value.price - half_spread, std::floor), Price::from_raw(cent));
  out.ask = std::max(cents(value.price + half_spread, std::ceil), Price::from_raw(2 * cent));
  out.last = std::max(cents(value.price, std::round), Price::from_raw(cent));
  out.bid_size = contracts(1 + (r & 63));
  out.ask_size = contracts(1 + ((r >> 6) & 63));
  const auto interest = static_cast<std::uint64_t>(5'000 * std::exp(-2 * moneyness * moneyness) * unit(mix(r))) + 1;
  out.open_interest = contracts(interest);
  out.volume = contracts(interest / 8);
  out.iv = in.volatility;
  out.delta = value.delta;
  out.gamma = value.gamma;
  out.theta = value.theta;
  out.vega = value.vega;
  out.underlying_price = spot;
  out.quality = Quality::simulated;
  return out;
}

std::vector<Date> expiries(Timestamp now, const TradingDays& days) {
  auto first = days.date_of(now);
  if (const auto today = days.day(first); today && now >= today->close) ++first;
  // An expiry whose Friday has no session is on the last day before it that has one.
  const auto expiry = [&](std::chrono::sys_days friday) {
    for (int back = 0; back < 5; ++back)
      if (days.day(friday - std::chrono::days{back})) return Date::from_days(friday - std::chrono::days{back});
    return Date::from_days(friday);
  };
  std::vector<Date> out;
  for (const auto day : fridays(first, 4)) out.push_back(expiry(day));
  std::erase_if(out, [&](const Date& date) { return date.to_days() < first; });
  int months = 3;
  for (const auto day : fridays(first, 16)) {
    if (months == 0 || !is_third_friday(day)) continue;
    --months;
    if (const auto date = expiry(day); std::ranges::find(out, date) == out.end()) out.push_back(date);
  }
  std::ranges::sort(out);
  return out;
}

std::vector<Price> strikes(Price spot) {
  const double s = spot.to_double();
  const std::int64_t step = s < 25      ? 50
                            : s < 100   ? 100
                            : s < 200   ? 250
                            : s < 500   ? 500
                            : s < 2'000 ? 1'000
                                        : 5'000;  // cents
  const std::int64_t middle = (spot.raw() / cent + step / 2) / step;
  std::vector<Price> out;
  for (auto i = std::max<std::int64_t>(1, middle - strikes_each_side); i <= middle + strikes_each_side; ++i)
    out.push_back(Price::from_raw(i * step * cent));
  return out;
}

Result<std::vector<OptionQuote>> option_chain(const Profile& underlying, const GetOptionChain& query, Price spot,
                                              Timestamp now, const TradingDays& days) {
  if (underlying.asset_class != AssetClass::equity)
    return fail(Errc::provider_not_found,
                "no options are written on \"" + underlying.symbol.str() + "\": only equities have chains");
  const std::string root = root_of(underlying);
  std::vector<OptionQuote> out;
  for (const Date& expiry : expiries(now, days)) {
    if (query.expiry && *query.expiry != expiry) continue;
    for (const Price strike : strikes(spot)) {
      if ((query.strike_min && strike < *query.strike_min) || (query.strike_max && strike > *query.strike_max))
        continue;
      for (const OptionRight right : {OptionRight::call, OptionRight::put}) {
        if (query.right && *query.right != right) continue;
        if (out.size() >= query.limit) return out;
        auto instrument = Instrument::option(root, expiry, right, strike);
        if (!instrument)
          return fail(Errc::provider_not_found,
                      "no options on \"" + underlying.symbol.str() + "\": " + instrument.error().message);
        out.push_back(value_option({std::move(*instrument), underlying}, spot, now, days));
      }
    }
  }
  return out;
}

}  // namespace tradebus::sim
