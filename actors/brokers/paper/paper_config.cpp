#include "actors/brokers/paper/paper_config.hpp"

#include <cmath>

namespace tradebus::paper {

namespace {

template <class Amount>
Result<Amount> amount(const Section& section, const std::string& key) {
  auto value = Amount::parse(section.get<std::string>(key));
  if (!value) return fail(Errc::config_invalid, "brokers.paper." + key + ": " + value.error().message);
  if (value->is_negative()) return fail(Errc::config_invalid, "brokers.paper." + key + " must not be below 0");
  return value;
}

}  // namespace

SectionSpec section() {
  SectionSpec spec;
  spec.path = "brokers.paper";
  spec.about = "A simulated broker: fills against the live quotes of the data providers.";
  spec.keys = {
      {"cash", std::string{"100000"}, "starting cash, in the account's currency; a decimal text, held exactly"},
      {"commission_per_share", std::string{"0"}, "commission a unit, charged on each fill; a decimal text"},
      {"commission_min", std::string{"0"}, "the least commission of an order that is filled; a decimal text"},
      {"margin", std::string{"reg_t"}, "\"cash\": no credit, no short sales; \"reg_t\": half of what is opened"},
      {"slippage_bps", 0.0, "basis points that a market order pays beyond the touch", 0, 1'000},
      {"latency_ms", std::int64_t{0}, "milliseconds between an order's arrival and its acceptance", 0, 60'000},
      {"account", std::string{"PAPER"}, "the account's name"},
      {"sessions", false, "orders trade only while their exchange is open; else whenever quotes come"},
      {"persist", true, "orders, fills and the account are kept in data_dir; never in a replay"},
  };
  for (const std::size_t money : {0U, 1U, 2U}) spec.keys[money].decimal = true;
  return spec;
}

Result<PaperConfig> read_config(const Section& section) {
  PaperConfig out;
  const auto cash = amount<Money>(section, "cash");
  if (!cash) return tl::unexpected{cash.error()};
  if (*cash > Money::from_raw(Int128{1'000'000'000'000'000} * Money::scale))
    return fail(Errc::config_invalid, "brokers.paper.cash must not be above 1e15");
  const auto commission = amount<Price>(section, "commission_per_share");
  if (!commission) return tl::unexpected{commission.error()};
  const auto least = amount<Money>(section, "commission_min");
  if (!least) return tl::unexpected{least.error()};
  if (*least > Money::from_int(1'000'000))
    return fail(Errc::config_invalid, "brokers.paper.commission_min must not be above 1e6");
  const auto& margin = section.get<std::string>("margin");
  if (margin != "cash" && margin != "reg_t")
    return fail(Errc::config_invalid, "brokers.paper.margin is \"cash\" or \"reg_t\", not \"" + margin + "\"");
  out.cash = *cash;
  out.margin = margin == "cash" ? Margin::cash : Margin::reg_t;
  out.commission_per_share = *commission;
  out.commission_min = *least;
  out.slippage_micro_bps = std::llround(section.get<double>("slippage_bps") * 1e6);
  out.latency = std::chrono::milliseconds{section.get<std::int64_t>("latency_ms")};
  out.sessions = section.get<bool>("sessions");
  out.persist = section.get<bool>("persist");
  out.account = AccountId{section.get<std::string>("account")};
  if (out.account.empty()) return fail(Errc::config_invalid, "brokers.paper.account must not be empty");
  return out;
}

}  // namespace tradebus::paper
