// Writes an order journal of many orders, each filled: what a start has to read.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "engine/journal/durable_journal.hpp"
#include "engine/orders/fingerprint.hpp"

int main(int argc, char** argv) {
  using namespace tradebus;
  std::string folder;
  std::uint64_t orders = 1'000'000;
  CLI::App app{"fills a journal"};
  app.add_option("--folder", folder, "data_dir/journal")->required();
  app.add_option("--orders", orders, "how many");
  CLI11_PARSE(app, argc, argv);

  DurableJournalOptions options;
  options.folder = folder;
  options.sync = JournalSync::write;
  auto opened = DurableJournal::open(std::move(options));
  if (!opened) {
    std::fprintf(stderr, "bench_fill_journal: %s\n", opened.error().message.c_str());
    return 1;
  }
  auto& journal = *opened->journal;
  OrderRecord record;
  record.sent = record.acknowledged = true;
  Order& order = record.event.order;
  order.client = ClientName{"bench"};
  order.broker = BrokerName{"paper"};
  order.account = AccountId{"PAPER"};
  order.symbol = Symbol{"AAPL"};
  order.order_type = OrderType::limit;
  order.limit_price = Price::from_int(190);
  order.qty = Quantity::from_int(100);
  for (std::uint64_t n = 1; n <= orders; ++n) {
    const auto number = std::to_string(n);
    record.number = n;
    order.order_id = OrderId{"o-bench-" + number};
    order.client_order_id = ClientOrderId{"bench-" + number};
    record.client_key = client_key(order.client, order.client_order_id);
    record.fingerprint = n;
    order.created = order.updated = record.event.ts =
        from_unix_ns(1'718'631'000'000'000'000 + static_cast<std::int64_t>(n));
    order.status = OrderStatus::pending_new;
    order.filled_qty = Quantity{};
    order.leaves_qty = order.qty;
    record.event.event = OrderEventType::pending_new;
    record.event.fill.reset();
    journal.append(record);
    order.status = OrderStatus::filled;
    order.filled_qty = order.qty;
    order.leaves_qty = Quantity{};
    record.event.event = OrderEventType::fill;
    record.event.fill = Fill{ExecId{"e" + number}, order.qty, Price::from_int(190), {}, record.event.ts};
    journal.append(record);
    if (n % 1'000 == 0) journal.flush();
  }
  journal.flush();
  std::printf("{\"orders\": %llu, \"bytes\": %llu}\n", static_cast<unsigned long long>(orders),
              static_cast<unsigned long long>(journal.status().bytes));
}
