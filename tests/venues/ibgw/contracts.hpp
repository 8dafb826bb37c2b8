// The contract database: stocks, indices and currency pairs of data/contracts.csv, and option chains made from it:
// expirations on coming Fridays, strikes around the price of the file. An option's conId depends on nothing but its
// terms.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/venues/ibgw/fields.hpp"
#include "tests/venues/ibgw/times.hpp"

namespace tradebus::ibgw_sim {

using ConId = std::int64_t;

struct Contract {
  ConId con_id = 0;
  std::string symbol, sec_type, expiry;
  Num strike;
  std::string right, multiplier, exchange, primary, currency, local_symbol, trading_class;
  // -- details --
  Num min_tick, price;  // the price of the file: where a market without a recording begins
  ConId under = 0;      // what it is an option on
  std::string under_type;
  std::string long_name, industry, category, subcategory, isin, stock_type;
  std::vector<std::string> exchanges;
  int market_rule = 26;
  Num strike_step;  // of its option chain; zero: none

  Num size() const { return Num::parse(multiplier).value_or(1); }  // what one of it stands for
  bool option() const { return sec_type == "OPT"; }
  bool bag() const { return sec_type == "BAG"; }
};

// As it stands in requests: empty fields match anything.
struct ContractQuery {
  ConId con_id = 0;
  std::string symbol, sec_type, expiry;
  Num strike;
  std::string right, multiplier, exchange, primary, currency, local_symbol, trading_class;
  std::string id_type, id;
};
ContractQuery read_c12(Reader& in);

class Contracts {
 public:
  // Throws std::runtime_error that names file and line. Options expire after `now`.
  Contracts(const std::string& file, Seconds now);

  const Contract* find(ConId id) const;
  const Contract* by_symbol(std::string_view symbol) const;  // the recording's name: of stocks, indices, pairs; OCC
  // In the order of the file; by `exchange` as asked for.
  std::vector<Contract> matches(const ContractQuery& query) const;
  std::vector<const Contract*> search(std::string_view pattern) const;
  std::vector<const Contract*> chain(ConId under) const;
  const std::map<ConId, Contract>& all() const { return all_; }

 private:
  void make_chain(const Contract& under, int number, Seconds now);

  std::map<ConId, Contract> all_;
  std::vector<ConId> order_;
  std::map<std::string, ConId, std::less<>> symbols_;
};

// Message 10.
std::string contract_data(int sv, std::int64_t req_id, const Contract& contract, Seconds now);
// Appends C11: without primaryExchange.
void put_c11(Msg& out, const Contract& contract, std::string_view right_of_stocks, std::string_view exchange,
             std::string_view zero_strike = "0");

}  // namespace tradebus::ibgw_sim
