// A market of recordings: the project's replay files (quotes, trades, bars as CSV, plain or gzip). Everything is read
// at the start and kept.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tests/venues/massive/market.hpp"

namespace tradebus::massive_sim {

class RecordedMarket final : public Market {
 public:
  static constexpr std::size_t rows_max = 20'000'000;

  // Throws std::runtime_error that names file and line.
  explicit RecordedMarket(const std::vector<std::string>& files);

  const std::vector<Listing>& listings() const override { return listings_; }
  std::vector<Trade> trades(std::string_view ticker, Span span) const override;
  std::vector<Quote> quotes(std::string_view ticker, Span span) const override;
  std::vector<Bar> seconds(std::string_view ticker, Span span) const override;
  std::vector<Bar> minutes(std::string_view ticker, Span span) const override;
  bool known(std::string_view ticker) const override { return series_.contains(std::string(ticker)); }
  Span extent() const override { return extent_; }
  std::vector<Contract> contracts(std::string_view underlying, Day day) const override;
  std::optional<Greeks> greeks(const Contract&, Ns) const override { return std::nullopt; }
  std::optional<double> open_interest(const Contract&, Day) const override { return std::nullopt; }
  const std::vector<Split>& splits() const override { return splits_; }
  const std::vector<Dividend>& dividends() const override { return dividends_; }

  struct Series {
    std::vector<Trade> trades;
    std::vector<Quote> quotes;
    std::vector<Bar> seconds, minutes, days;
  };
  const std::unordered_map<std::string, Series>& series() const { return series_; }

 protected:
  std::optional<Bar> recorded_day(std::string_view ticker, Day day) const override;

 private:
  void read(const std::string& file);
  const Series* find(std::string_view ticker) const;

  std::unordered_map<std::string, Series> series_;
  std::vector<Listing> listings_;
  std::vector<Contract> contracts_;
  std::vector<Split> splits_;
  std::vector<Dividend> dividends_;
  Span extent_;
  std::size_t rows_ = 0;
};

// AAPL240621C00190000 -> O:AAPL240621C00190000; a stock stays as it is.
std::string venue_ticker(std::string_view symbol);

}  // namespace tradebus::massive_sim
