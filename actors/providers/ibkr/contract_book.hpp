// Contracts that were looked up: our symbols and the venue's numbers for them. Bounded; what was not used for longest
// goes first. Plain.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/brokers/ibkr/wire/contract_messages.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::ibkr::data {

struct KnownContract {
  Symbol symbol;
  Instrument instrument;
  wire::ContractData data;           // without its hours and lists
  std::optional<Timestamp> history;  // where the venue's history begins, once it was asked for

  // What a request needs: by number it is never ambiguous.
  wire::Contract contract() const;
  bool is_pair() const { return data.contract.sec_type == "CASH"; }
};
using KnownContractPtr = std::shared_ptr<KnownContract>;

class ContractBook {
 public:
  explicit ContractBook(std::size_t size_max) : size_max_{size_max} {}

  KnownContractPtr find(const Symbol& symbol);
  void add(KnownContractPtr contract);
  std::size_t size() const { return by_symbol_.size(); }

 private:
  std::size_t size_max_;
  std::list<KnownContractPtr> used_;  // the last one first
  std::unordered_map<Symbol, std::list<KnownContractPtr>::iterator> by_symbol_;
};

// The one contract that is meant. instrument.unknown: none, or several; then it names where they are listed.
Result<KnownContractPtr> choose(const Instrument& instrument, std::vector<wire::ContractData> found);

// "CSCO=NASDAQ": where a symbol that is listed at several places is meant. config.invalid says what is wrong.
Result<std::map<Symbol, std::string>> parse_primary_exchanges(const std::vector<std::string>& texts);

// "NASDAQ" -> "XNAS"; itself where no code is known.
std::string to_mic(const std::string& exchange);

TickerDetails to_details(const KnownContract& contract);

}  // namespace tradebus::ibkr::data
