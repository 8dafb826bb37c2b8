#include "actors/brokers/ibkr/wire/system_messages.hpp"

#include "actors/brokers/ibkr/wire/text.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"

namespace tradebus::ibkr::wire {

void read(Reader& r, ErrorMessage& m) {
  std::int64_t ms = 0;
  if (r.version() < 194) r.skip();
  r(m.req_id, m.code, m.text);
  r.since(166, m.reject_json);
  r.since(194, ms);
  m.text = to_utf8(m.text);
  if (r.version() >= 194) m.at = from_millis(ms);
}

void read(Reader& r, NextValidId& m) {
  r.skip();
  r(m.order_id);
}

void read(Reader& r, ManagedAccounts& m) {
  r.skip();
  auto list = r.next();
  m.accounts.clear();
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto account = list.substr(0, comma);
    if (!account.empty()) m.accounts.emplace_back(account);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

void read(Reader& r, CurrentTime& m) {
  r.skip();
  read_seconds(r, m.at);
}

void read(Reader& r, CurrentTimeMillis& m) { read_millis(r, m.at); }

void read(Reader& r, FamilyCodes& m) {
  r.list(m.rows, 2, [](Reader& in, auto& row) { in(row.account, row.code); });
}

void read(Reader& r, SoftDollarTiers& m) {
  r(m.req_id);
  r.list(m.rows, 3, [](Reader& in, auto& row) { in(row.name, row.value, row.display_name); });
}

void read(Reader& r, UserInfo& m) { r(m.req_id, m.white_branding_id); }

}  // namespace tradebus::ibkr::wire
