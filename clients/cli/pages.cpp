#include "clients/cli/pages.hpp"

#include <algorithm>

namespace tradebus::cli {

namespace {

using client::Expected;
using client::Value;

constexpr std::uint64_t page_max = client::Session::page_max;

std::uint64_t whole(const Value& value) { return static_cast<std::uint64_t>(value.integer().value_or(0)); }

}  // namespace

Expected<JournalEnd> read_events(Context& ctx, EventRange& range, const TakeRow& take) {
  JournalEnd end;
  std::uint64_t count = 0;
  for (;;) {
    const auto left = range.limit == 0 ? page_max : std::min(page_max, range.limit - count);
    Value args;
    args.set("after", range.after).set("limit", left);
    if (range.until != 0) args.set("until", range.until);
    if (!range.account.empty()) args.set("account", range.account);
    const auto page = ctx.request("get_events", args);
    if (!page) return page.error();
    end.last_seq = whole((*page)["last_seq"]);
    end.holes = end.holes || whole((*page)["first_kept"]) > range.after + 1;
    const auto* events = (*page)["events"].array();
    if (events == nullptr || events->empty()) return end;
    const auto before = range.after;
    for (const auto& event : *events) {
      range.after = std::max(range.after, whole(event["seq"]));
      ++count;
      if (!take(event) || count == range.limit) return end;
    }
    if (range.after == before) return end;  // a server that does not move on
  }
}

Expected<std::uint64_t> read_orders(Context& ctx, Value args, std::string after, const TakeRow& take) {
  args.set("limit", page_max);
  std::uint64_t count = 0;
  for (;;) {
    const auto page = ctx.request("get_orders", args.set("after_order", after));
    if (!page) return page.error();
    const auto* orders = (*page)["orders"].array();
    if (orders == nullptr || orders->empty()) return count;
    for (const auto& order : *orders) {
      ++count;
      if (!take(order)) return count;
    }
    auto last = orders->back()["order_id"].text_or("");
    if (last == after) return count;  // a server that does not move on
    after = std::move(last);
  }
}

}  // namespace tradebus::cli
