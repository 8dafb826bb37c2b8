#include "engine/risk/risk_limits.hpp"

#include <vector>

namespace tradebus {

namespace {

class Reader {
 public:
  Reader(const Section& section, std::string path) : section_{section}, path_{std::move(path)} {}

  Result<ScopeLimits> read() {
    ScopeLimits out;
    amount("max_qty", out.max_qty);
    amount("max_notional", out.max_notional);
    amount("price_band_pct", out.price_band_pct);
    amount("max_position_qty", out.max_position_qty);
    amount("max_position_notional", out.max_position_notional);
    amount("max_gross_notional", out.max_gross_notional);
    amount("orders_per_second", out.orders_per_second);
    amount("daily_loss_limit", out.daily_loss_limit);
    out.allow_without_quote = section_.get<bool>("allow_without_quote");
    out.require_open_market = section_.get<bool>("require_open_market");
    out.check_buying_power = section_.get<bool>("check_buying_power");
    out.allow_symbols = symbols("allow_symbols");
    out.deny_symbols = symbols("deny_symbols");
    if (const auto age = whole("quote_max_age_ms"); age > 0) out.quote_max_age = std::chrono::milliseconds{age};
    out.duplicate_max = static_cast<std::size_t>(whole("duplicate_max"));
    out.duplicate_window = std::chrono::milliseconds{whole("duplicate_window_ms")};
    if (error_) return tl::unexpected{*error_};
    return out;
  }

 private:
  template <class Amount>
  void amount(const char* key, std::optional<Amount>& out) {
    const auto& text = section_.get<std::string>(key);
    if (text.empty() || error_) return;
    const auto exact = Amount::parse(text);
    if (!exact)
      error_ = Error{Errc::config_invalid, path_ + "." + key + " " + exact.error().message};
    else if (!exact->is_positive())
      error_ = Error{Errc::config_invalid, path_ + "." + key + " must be greater than 0; leave it empty for no limit"};
    else
      out = *exact;
  }
  std::int64_t whole(const char* key) const { return section_.get<std::int64_t>(key); }
  std::unordered_set<std::string> symbols(const char* key) const {
    const auto& list = section_.get<std::vector<std::string>>(key);
    return {list.begin(), list.end()};
  }

  const Section& section_;
  std::string path_;
  std::optional<Error> error_;
};

std::string text_of(const ConfigValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  std::string out;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value))
    for (const auto& each : *list) out += (out.empty() ? "" : " ") + each;
  return out;
}

std::string line_of(const Config& config, const std::string& path) {
  std::string out;
  for (const auto& [key, value] : config.section(path).values())
    if (config.origin(path, key) != "default" && !text_of(value).empty())
      out += (out.empty() ? "" : ", ") + key + " = " + text_of(value);
  return out.empty() ? out : path + ": " + out + "\n";
}

Result<void> read_tables(const Config& config, const char* kind, RiskTable::Named& out) {
  for (const auto& name : config.tables("risk", kind)) {
    const auto path = std::string{"risk."} + kind + "." + name;
    auto limits = Reader{config.section(path), path}.read();
    if (!limits) return tl::unexpected{limits.error()};
    out.emplace(name, std::move(*limits));
  }
  return {};
}

}  // namespace

std::string risk_summary(const Config& config) {
  auto out = line_of(config, "risk");
  for (const std::string kind : {"client", "account", "symbol"})
    for (const auto& name : config.tables("risk", kind)) out += line_of(config, "risk." + kind + "." + name);
  return out.empty() ? "none\n" : out;
}

Result<RiskTable> risk_table(const Config& config) {
  RiskTable out;
  auto global = Reader{config.section("risk"), "risk"}.read();
  if (!global) return tl::unexpected{global.error()};
  out.global = std::move(*global);
  if (auto ok = read_tables(config, "client", out.clients); !ok) return tl::unexpected{ok.error()};
  if (auto ok = read_tables(config, "account", out.accounts); !ok) return tl::unexpected{ok.error()};
  if (auto ok = read_tables(config, "symbol", out.symbols); !ok) return tl::unexpected{ok.error()};
  return out;
}

}  // namespace tradebus
