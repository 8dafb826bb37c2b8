// The plans of the questions that a provider is asked.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/providers/massive/options.hpp"
#include "actors/providers/massive/plan.hpp"
#include "actors/providers/massive/reference.hpp"
#include "actors/providers/massive/snapshots.hpp"
#include "actors/providers/massive/symbols.hpp"
#include "actors/providers/provider.hpp"
#include "engine/calendar/calendars.hpp"

namespace tradebus::massive {

// What all plans need to know.
struct PlanContext {
  std::string provider;                  // our name, for HistoricalBars::source
  const Calendars* calendars = nullptr;  // outlives the plan
  Timestamp now{};                       // when it was asked
  std::chrono::nanoseconds lateness{};   // of the plan's data: 15 minutes where they are delayed
  std::size_t pages_max = 50;
};

// When a bar is over and its values stay: a day's and a week's with the last session (after-hours included).
Timestamp bar_end(const Calendar& calendar, Timeframe timeframe, Timestamp start);

class BarsPlan : public Plan {
 public:
  BarsPlan(GetHistoricalData query, const PlanContext& context);
  Result<Target> begin() override;
  Result<Target> take(std::string_view body) override;
  HistoricalBars answer() { return std::move(answer_); }

 private:
  void add_day(HistoricalBar day);

  GetHistoricalData query_;
  PlanContext context_;
  const Calendar* calendar_ = nullptr;
  Timeframe asked_ = Timeframe::m1;  // of the venue's bars
  Paging paging_;
  HistoricalBars answer_;
  Timestamp last_{};
};

// Snapshots of stocks; of everything else the universal one. A plan without snapshots gets the previous day alone.
class SnapshotPlan : public Plan {
 public:
  SnapshotPlan(Symbol symbol, const PlanContext& context);
  Result<Target> begin() override;
  Result<Target> take(std::string_view body) override;
  Result<Target> refused(const Error& error) override;
  DailySnapshot answer() { return std::move(answer_); }

 private:
  enum class Way : std::uint8_t { stocks, universal, previous_day };
  Symbol symbol_;
  PlanContext context_;
  const Calendar* calendar_ = nullptr;
  VenueSymbol venue_;
  Way way_ = Way::stocks;
  DailySnapshot answer_;
};

class DetailsPlan : public Plan {
 public:
  explicit DetailsPlan(Symbol symbol) : symbol_{std::move(symbol)} {}
  Result<Target> begin() override;
  Result<Target> take(std::string_view body) override;
  TickerDetails answer() { return std::move(answer_); }

 private:
  Symbol symbol_;
  bool option_ = false;
  TickerDetails answer_;
};

// Of one symbol, or of the market.
class NewsPlan : public Plan {
 public:
  static constexpr std::uint32_t items_max = 10'000;
  NewsPlan(std::optional<Symbol> symbol, std::uint32_t limit, std::optional<Timestamp> since,
           const PlanContext& context);
  Result<Target> begin() override;
  Result<Target> take(std::string_view body) override;
  NewsItems answer() { return std::move(answer_); }

 private:
  std::optional<Symbol> symbol_;
  std::uint32_t limit_;
  std::optional<Timestamp> since_;
  Paging paging_;
  std::set<std::string> ids_;
  NewsItems answer_;
};

// The chain with quotes and greeks; a plan without it gets the contracts alone.
class ChainPlan : public Plan {
 public:
  static constexpr std::uint32_t quotes_max = 50'000;
  ChainPlan(GetOptionChain query, const PlanContext& context);
  Result<Target> begin() override;
  Result<Target> take(std::string_view body) override;
  Result<Target> refused(const Error& error) override;
  OptionChain answer();
  std::uint64_t adjusted() const { return adjusted_; }

 private:
  std::string filters(const char* separator) const;
  bool wanted(const OptionQuote& quote) const;

  GetOptionChain query_;
  PlanContext context_;
  std::string underlying_;
  bool one_root_ = false;
  Paging paging_;
  bool contracts_ = false;
  std::uint64_t adjusted_ = 0;
  OptionChain answer_;
};

// One page of what the venue finds, and the symbol itself where that lacks it.
class SearchPlan : public Plan {
 public:
  explicit SearchPlan(SearchSymbols query) : query_{std::move(query)} {}
  Result<Target> begin() override;
  Result<Target> take(std::string_view body) override;
  Result<Target> refused(const Error& error) override;
  SymbolMatches answer() { return std::move(answer_); }

 private:
  Target end();

  SearchSymbols query_;
  bool exact_ = false;
  SymbolMatches answer_;
};

// Is the key good, and the venue there?
class ProbePlan : public Plan {
 public:
  Result<Target> begin() override { return Target{"/v1/marketstatus/now"}; }
  Result<Target> take(std::string_view body) override;
};

// The whole market's splits of the days from..to, then their dividends: a call for each 1,000, whatever is subscribed.
class ActionsPlan : public Plan {
 public:
  ActionsPlan(Date from, Date to, const PlanContext& context);
  Result<Target> begin() override;
  Result<Target> take(std::string_view body) override;
  Result<Target> refused(const Error& error) override;
  std::vector<CorporateAction> answer() { return std::move(actions_); }

 private:
  Target dividends();
  void add(const Symbol& symbol, Date date, CorporateActionKind kind, Quantity value);

  Date from_;
  Date to_;
  PlanContext context_;
  Paging paging_;
  bool dividends_ = false;
  std::vector<CorporateAction> actions_;
};

}  // namespace tradebus::massive
