#include "engine/calendar/calendars.hpp"

#include <algorithm>
#include <stdexcept>

#include "config/names.hpp"
#include "engine/calendar/calendar_file.hpp"
#include "engine/calendar/shipped.hpp"

namespace tradebus {

namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

constexpr std::array asset_classes{AssetClass::equity, AssetClass::option, AssetClass::crypto, AssetClass::fx,
                                   AssetClass::future};

}  // namespace

Result<const Calendar*> Calendars::Entry::make() const {
  std::call_once(once_, [this] { made_ = Calendar::make(spec_, zone_); });
  if (!made_) return tl::unexpected{made_.error()};
  return made_->get();
}

const Calendar& Calendars::Entry::get() const {
  const auto made = make();
  // Changed ones were made at the start, and the built-in ones are tested: a defect of ours.
  if (!made) throw std::logic_error(made.error().message);
  return **made;
}

Result<std::shared_ptr<const Calendars>> Calendars::make(const std::vector<CalendarFile>& files) {
  CalendarSpecs specs;
  for (const auto& file : shipped_calendar_files())
    if (auto ok = read_calendar_file(std::string{file.text}, std::string{file.path}, specs); !ok)
      return tl::unexpected{ok.error()};
  const auto shipped_specs = specs;
  for (const auto& file : files)
    if (auto ok = read_calendar_file(file.text, file.path, specs); !ok) return tl::unexpected{ok.error()};

  auto out = std::make_shared<Calendars>();
  std::map<std::string, std::shared_ptr<const Zone>> zones;
  // What a user's file says of an asset class or a root wins over the built-in ones: those come first.
  std::vector<const CalendarSpec*> order;
  for (const bool is_shipped : {true, false})
    for (const auto& [code, spec] : specs)
      if (shipped_specs.contains(code) == is_shipped) order.push_back(&spec);
  for (const auto* spec : order) {
    auto whole = resolved(specs, *spec);
    if (!whole) return tl::unexpected{whole.error()};
    auto& zone = zones[whole->timezone];
    if (zone == nullptr) {
      auto found = Zone::find(whole->timezone);
      if (!found)
        return fail(Errc::config_invalid, spec->origin + ": key " + spec->code + ".timezone: " + found.error().message);
      zone = *found;
    }
    const auto [it, is_new] = out->by_code_.try_emplace(spec->code, std::move(*whole), zone);
    const auto* entry = &it->second;
    if (!files.empty())
      if (auto made = entry->make(); !made) return tl::unexpected{made.error()};
    out->by_name_[lower(spec->code)] = entry;
    for (const auto& root : spec->option_roots) out->by_option_root_[root] = entry;
    for (const auto asset_class : spec->asset_classes)
      out->by_asset_class_.at(static_cast<std::size_t>(asset_class)) = entry;
  }
  // An alias never hides a code.
  for (const auto* spec : order)
    for (const auto& alias : spec->aliases) out->by_name_.try_emplace(lower(alias), &out->by_code_.at(spec->code));
  for (const auto asset_class : asset_classes)
    if (out->by_asset_class_.at(static_cast<std::size_t>(asset_class)) == nullptr)
      return fail(Errc::config_invalid,
                  "no calendar has asset_classes with \"" + std::string{to_string(asset_class)} + "\"");
  return out;
}

std::shared_ptr<const Calendars> Calendars::shipped() {
  static const auto made = [] {
    auto calendars = make({});
    if (!calendars) throw std::runtime_error("the built-in calendars: " + calendars.error().message);
    return *calendars;
  }();
  return made;
}

const Calendar* Calendars::find(std::string_view exchange) const {
  const auto it = by_name_.find(lower(exchange));
  return it == by_name_.end() ? nullptr : &it->second->get();
}

Result<const Calendar*> Calendars::get(std::string_view exchange) const {
  if (const auto* found = find(exchange)) return found;
  return invalid("exchange",
                 "exchange: there is no calendar \"" + printable(exchange) + "\"" + name_hint(exchange, codes()));
}

const Calendar& Calendars::of(const Instrument& instrument) const {
  if (instrument.underlying)
    if (const auto it = by_option_root_.find(instrument.underlying->str()); it != by_option_root_.end())
      return it->second->get();
  return by_asset_class_.at(static_cast<std::size_t>(instrument.asset_class))->get();
}

std::vector<std::string> Calendars::codes() const {
  std::vector<std::string> out;
  for (const auto& [code, entry] : by_code_) out.push_back(code);
  return out;
}

}  // namespace tradebus
