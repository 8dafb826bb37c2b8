// What the server says of the connection, of itself, and errors of everything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/brokers/ibkr/wire/reader.hpp"
#include "bus/model/time.hpp"

namespace tradebus::ibkr::wire {

// 4. A notice, or a request's or an order's error: error_codes.hpp says which, and what to do.
struct ErrorMessage {
  std::int32_t req_id = -1;  // or the order's id; -1: of nothing in particular
  std::int32_t code = 0;
  std::string text;                  // UTF-8
  std::string reject_json;           // 201's details
  std::optional<Timestamp> at = {};  // from 194 on
};
// 9. The next order id of this client; may come again, and lower than ids that were used.
struct NextValidId {
  std::int32_t order_id = 0;
};
// 15
struct ManagedAccounts {
  std::vector<std::string> accounts;
};
// 49
struct CurrentTime {
  Timestamp at{};
};
// 109, from 197 on
struct CurrentTimeMillis {
  Timestamp at{};
};
// 78
struct FamilyCodes {
  struct Row {
    std::string account;
    std::string code;
  };
  std::vector<Row> rows;
};
// 77
struct SoftDollarTiers {
  struct Row {
    std::string name;
    std::string value;
    std::string display_name;
  };
  std::int32_t req_id = 0;
  std::vector<Row> rows;
};
// 107
struct UserInfo {
  std::int32_t req_id = 0;
  std::string white_branding_id;
};

void read(Reader& r, ErrorMessage& m);
void read(Reader& r, NextValidId& m);
void read(Reader& r, ManagedAccounts& m);
void read(Reader& r, CurrentTime& m);
void read(Reader& r, CurrentTimeMillis& m);
void read(Reader& r, FamilyCodes& m);
void read(Reader& r, SoftDollarTiers& m);
void read(Reader& r, UserInfo& m);

}  // namespace tradebus::ibkr::wire
