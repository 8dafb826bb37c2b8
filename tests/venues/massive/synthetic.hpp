// A market made up by arithmetic: any moment of any day is known without the ones before it, and the same in every run.
// What it holds together: minute bars are built of its trades, quotes stand around them, options follow their
// underlying.
#pragma once

#include <map>

#include "tests/venues/massive/universe.hpp"

namespace tradebus::massive_sim {

class SyntheticMarket final : public Market {
 public:
  SyntheticMarket();

  const std::vector<Listing>& listings() const override { return listings_; }
  std::vector<Trade> trades(std::string_view ticker, Span span) const override;
  std::vector<Quote> quotes(std::string_view ticker, Span span) const override;
  bool known(std::string_view ticker) const override;
  Span extent() const override;
  std::vector<Contract> contracts(std::string_view underlying, Day day) const override;
  std::optional<Greeks> greeks(const Contract& contract, Ns now) const override;
  std::optional<double> open_interest(const Contract& contract, Day day) const override;
  const std::vector<Split>& splits() const override { return splits_; }
  const std::vector<Dividend>& dividends() const override { return dividends_; }

 private:
  struct Asked;  // a ticker with what makes its prices

  std::optional<Asked> find(std::string_view ticker) const;
  void minute_trades(const Asked& asked, Ms minute, const Session& session, std::vector<Trade>& out) const;
  void minute_quotes(const Asked& asked, Ms minute, const Session& session, std::vector<Quote>& out) const;

  std::map<std::string, Instrument, std::less<>> instruments_;
  std::vector<Listing> listings_;
  std::vector<Split> splits_;
  std::vector<Dividend> dividends_;
};

}  // namespace tradebus::massive_sim
