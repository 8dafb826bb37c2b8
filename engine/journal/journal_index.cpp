#include "engine/journal/journal_index.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "engine/journal/journal_events.hpp"
#include "engine/journal/record_codec.hpp"
#include "engine/services/background_thread.hpp"
#include "engine/services/sqlite/sqlite.hpp"

namespace tradebus {

namespace {

namespace fs = std::filesystem;
using sqlite::Statement;

constexpr std::int64_t layout = 3;
constexpr std::size_t rows_a_turn = 4;  // some 40 us

tl::unexpected<Error> unreadable(const std::string& what) {
  return fail(Errc::internal, "the journal's index: " + what);
}

tl::unexpected<Error> unreadable(const sqlite::Failure& failure, const std::string& path) {
  if (failure.code() != SQLITE_FULL) return unreadable(path + ": " + failure.what());
  return fail(Errc::overloaded, "the journal's index " + path + " finds no room on the disk; make room");
}

// This file, since the machine started. Empty when that can't be told.
std::string here(const std::string& path) {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string boot;
  struct stat found {};
  if (!(file >> boot) || ::stat(path.c_str(), &found) != 0) return {};
  return boot + " " + std::to_string(found.st_dev) + " " + std::to_string(found.st_ino);
}

std::int64_t crc_of(const LogRecord& record) { return segments::crc32c(record.payload.data(), record.payload.size()); }

std::string text_of(const std::optional<Price>& price) { return price ? price->to_string() : ""; }

}  // namespace

struct JournalIndex::Parts {
  explicit Parts(const std::string& path) : db{path} {}

  sqlite::Database db;
  std::optional<Statement> put_order;
  std::optional<Statement> put_event;
  std::optional<Statement> put_fill;
  std::optional<Statement> bust_fill;
  std::optional<Statement> put_seq;
  std::optional<Statement> by_id;
  std::optional<Statement> by_client;
  std::optional<Statement> events_of;

  void prepare() {
    put_order.emplace(db,
                      "INSERT INTO orders (number, order_id, client_key, client, client_order_id, broker, account, "
                      "symbol, side, status, created, updated, seq, segment, offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
                      "?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET status = excluded.status, updated = "
                      "excluded.updated, seq = excluded.seq, segment = excluded.segment, offset = excluded.offset");
    put_event.emplace(db,
                      "INSERT OR REPLACE INTO events (seq, ts, event, number, account, status, filled_qty, avg_price, "
                      "segment, offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    put_fill.emplace(
        db,
        "INSERT OR IGNORE INTO fills (seq, number, exec_id, account, symbol, side, qty, price, commission, "
        "ts, busted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)");
    bust_fill.emplace(db, "UPDATE fills SET busted = 1 WHERE number = ? AND exec_id = ?");
    put_seq.emplace(db, "UPDATE state SET indexed_seq = ?, indexed_crc = ?");
    by_id.emplace(db, "SELECT segment, offset FROM orders WHERE order_id = ?");
    by_client.emplace(db, "SELECT segment, offset FROM orders WHERE client = ? AND client_order_id = ?");
    events_of.emplace(
        db, "SELECT segment, offset FROM events WHERE account = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?");
  }
};

JournalIndex::JournalIndex(std::string folder) : folder_{std::move(folder)}, reader_{folder_}, finder_{folder_} {}
JournalIndex::~JournalIndex() = default;

Result<void> JournalIndex::begin(const std::string& path, bool anew) {
  if (anew)
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code ignored;  // what can't be removed shows at the opening
      fs::remove(path + suffix, ignored);
    }
  parts_ = std::make_unique<Parts>(path);
  auto& db = parts_->db;
  db.interrupt_by(interrupt_);
  db.run("PRAGMA busy_timeout = 2000");
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = OFF");  // it is rebuilt when it is not whole
  if (db.number("SELECT count(*) FROM sqlite_schema") == 0) {
    sqlite::Transaction transaction{db};
    db.run(
        "CREATE TABLE state (log_id TEXT NOT NULL, written_here TEXT NOT NULL, indexed_seq INTEGER NOT NULL, "
        "indexed_crc INTEGER NOT NULL);"
        "CREATE TABLE orders (number INTEGER PRIMARY KEY, order_id TEXT NOT NULL, client_key INTEGER NOT NULL, client "
        "TEXT NOT NULL, client_order_id TEXT NOT NULL, broker TEXT NOT NULL, account TEXT NOT NULL, symbol TEXT NOT "
        "NULL, side TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, seq "
        "INTEGER NOT NULL, segment INTEGER NOT NULL, offset INTEGER NOT NULL);"
        "CREATE INDEX orders_by_id ON orders (order_id);"
        "CREATE INDEX orders_by_client ON orders (client, client_order_id);"
        "CREATE INDEX orders_of_client ON orders (client, number);"
        "CREATE INDEX orders_by_account ON orders (account, number);"
        "CREATE INDEX orders_by_symbol ON orders (symbol, number);"
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, ts INTEGER NOT NULL, event TEXT NOT NULL, number INTEGER NOT "
        "NULL, account TEXT NOT NULL, status TEXT NOT NULL, filled_qty TEXT NOT NULL, avg_price TEXT NOT NULL, segment "
        "INTEGER NOT NULL, offset INTEGER NOT NULL);"
        "CREATE INDEX events_by_account ON events (account, seq);"
        "CREATE INDEX events_by_order ON events (number, seq);"
        "CREATE TABLE fills (seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, exec_id TEXT NOT NULL, account TEXT NOT "
        "NULL, symbol TEXT NOT NULL, side TEXT NOT NULL, qty TEXT NOT NULL, price TEXT NOT NULL, commission TEXT NOT "
        "NULL, ts INTEGER NOT NULL, busted INTEGER NOT NULL);"
        "CREATE INDEX fills_by_order ON fills (number);"
        "INSERT INTO state VALUES ('', '', 0, 0);"
        "PRAGMA user_version = 3");
    transaction.commit();
  }
  if (db.number("PRAGMA user_version") != layout) return {};  // it is made anew
  parts_->prepare();
  indexed_ = static_cast<std::uint64_t>(db.number("SELECT indexed_seq FROM state"));
  return {};
}

Result<JournalIndex::Opened> JournalIndex::open(const std::string& folder, const Options& options) {
  const auto path = folder + "/index.sqlite";
  const auto log_id = segments::log_id_of(folder);
  if (!log_id) return tl::unexpected{log_id.error()};
  Opened out;
  out.index.reset(new JournalIndex{folder});
  auto& index = *out.index;
  index.interrupt_ = options.interrupt;
  const bool existed = fs::exists(path);
  try {
    static_cast<void>(index.begin(path, false));
    auto& db = index.parts_->db;
    const auto found = db.text("SELECT log_id FROM state");
    if (options.begins_anew)
      out.rebuilt = "it was found damaged";
    else if (db.number("PRAGMA user_version") != layout)
      out.rebuilt = "it has another layout";
    else if (!found.empty() && found != *log_id)
      out.rebuilt = "it is of another journal";
    else if (!index.ends_with(db.number("SELECT indexed_crc FROM state")))
      out.rebuilt =
          "it ends with a record that the journal does not have: an older journal was restored, or lost its end";
    else if (existed && !index.was_written(here(path)) && !index.is_whole())
      out.rebuilt = "it is damaged";
  } catch (const sqlite::Failure& failure) {
    if (failure.code() == SQLITE_INTERRUPT || failure.code() == SQLITE_FULL) return unreadable(failure, path);
    out.rebuilt = failure.what();
  }
  const bool begins_anew = !out.rebuilt.empty();
  if (!existed) out.rebuilt.clear();
  try {
    if (begins_anew) {
      index.parts_.reset();
      static_cast<void>(index.begin(path, true));
    }
    Statement name{index.parts_->db, "UPDATE state SET log_id = ?, written_here = ?"};
    name.bind(*log_id).bind(here(path)).run();
  } catch (const sqlite::Failure& failure) {
    return unreadable(failure, path);
  }
  return out;
}

tl::unexpected<Error> JournalIndex::failed(const sqlite::Failure& failure) {
  damaged_ = damaged_ || failure.is_corruption();
  return unreadable(failure, folder_);
}

bool JournalIndex::is_whole() {
  if (interrupt_ && interrupt_->is_set()) throw sqlite::Failure{SQLITE_INTERRUPT, "interrupted"};
  return parts_->db.text("PRAGMA quick_check(1)") == "ok";
}

bool JournalIndex::was_written(const std::string& here) {
  return !here.empty() && parts_->db.text("SELECT written_here FROM state") == here;
}

// The record with which it ends is still the journal's.
bool JournalIndex::ends_with(std::int64_t crc) {
  if (indexed_ == 0) return true;
  bool same = false;
  const auto read = finder_.for_each(indexed_, indexed_, [&](const LogRecord& each) {
    same = crc_of(each) == crc;
    return false;
  });
  return read && same;
}

Result<bool> JournalIndex::catch_up(std::uint64_t durable_seq, std::size_t records, Haste haste) {
  if (durable_seq <= indexed_) return true;
  const auto to = std::min<std::uint64_t>(durable_seq, indexed_ + records);
  std::size_t rows = 0;
  const auto row_written = [&] {
    if (haste == Haste::ahead_of_need && ++rows % rows_a_turn == 0) background::let_by();
  };
  // An order's row has its last record's values: most have two or three within a second.
  struct Latest {
    OrderRecord record;
    std::uint64_t seq = 0;
    LogPosition position;
  };
  std::map<std::uint64_t, Latest> latest;
  std::string bad;
  try {
    sqlite::Transaction transaction{parts_->db};
    auto& parts = *parts_;
    const auto signed_of = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    std::int64_t crc = 0;
    const auto read = reader_.for_each(indexed_ + 1, to, [&](const LogRecord& each) {
      if (each.seq == to) crc = crc_of(each);
      const auto head = journal::decode_head(each.payload);
      if (!head || head->kind != journal::RecordKind::order) return true;
      auto record = journal::decode_order(each.payload);
      if (!record) {
        bad = "record " + std::to_string(each.seq) + " can't be read";
        return false;
      }
      const OrderEvent& event = record->event;
      const Order& order = event.order;
      const auto number = signed_of(record->number);
      parts.put_event->bind(signed_of(each.seq))
          .bind(unix_ns(event.ts))
          .bind(to_string(event.event))
          .bind(number)
          .bind(order.account.str())
          .bind(to_string(order.status))
          .bind(order.filled_qty.to_string())
          .bind(text_of(order.avg_price))
          .bind(std::int64_t{each.position.segment})
          .bind(std::int64_t{each.position.offset})
          .run();
      if (event.fill && event.event == OrderEventType::bust)
        parts.bust_fill->bind(number).bind(event.fill->exec_id.str()).run();
      else if (event.fill)
        parts.put_fill->bind(signed_of(each.seq))
            .bind(number)
            .bind(event.fill->exec_id.str())
            .bind(order.account.str())
            .bind(order.symbol.str())
            .bind(to_string(order.side))
            .bind(event.fill->qty.to_string())
            .bind(event.fill->price.to_string())
            .bind(event.fill->commission.to_string())
            .bind(unix_ns(event.fill->ts))
            .run();
      latest.insert_or_assign(record->number, Latest{std::move(*record), each.seq, each.position});
      row_written();
      return true;
    });
    if (!read) return tl::unexpected{read.error()};
    if (!bad.empty()) return unreadable(bad);
    for (const auto& [number, last] : latest) {
      const Order& order = last.record.event.order;
      parts.put_order->bind(signed_of(number))
          .bind(order.order_id.str())
          .bind(signed_of(last.record.client_key))
          .bind(order.client.str())
          .bind(order.client_order_id.str())
          .bind(order.broker.str())
          .bind(order.account.str())
          .bind(order.symbol.str())
          .bind(to_string(order.side))
          .bind(to_string(order.status))
          .bind(unix_ns(order.created))
          .bind(unix_ns(order.updated))
          .bind(signed_of(last.seq))
          .bind(std::int64_t{last.position.segment})
          .bind(std::int64_t{last.position.offset})
          .run();
      row_written();
    }
    parts.put_seq->bind(signed_of(to)).bind(crc).run();
    transaction.commit();
  } catch (const sqlite::Failure& failure) {
    return failed(failure);
  }
  indexed_ = to;
  return to == durable_seq;
}

Result<OrderRecord> JournalIndex::record_at(std::int64_t segment, std::int64_t offset) {
  const LogPosition position{static_cast<std::uint32_t>(segment), static_cast<std::uint32_t>(offset)};
  const auto payload = finder_.read_at(position);
  if (!payload) return tl::unexpected{payload.error()};
  auto record = journal::decode_order(*payload);
  if (!record)
    return unreadable("no order's record at offset " + std::to_string(offset) + " of segment " +
                      std::to_string(segment));
  return std::move(*record);
}

Result<RecalledOrder> JournalIndex::recall(const GetOrder& query) {
  try {
    std::int64_t segment = 0;
    std::int64_t offset = 0;
    Statement& find = query.order_id ? *parts_->by_id : *parts_->by_client;
    if (query.order_id)
      find.bind(query.order_id->str());
    else
      find.bind(query.client.str()).bind(query.client_order_id.value_or(ClientOrderId{}).str());
    const bool found = find.step();
    if (found) {
      segment = find.number();
      offset = find.number();
    }
    find.reset();
    if (!found)
      return fail(Errc::order_not_found,
                  query.order_id ? "no order " + query.order_id->str()
                                 : "client \"" + query.client.str() + "\" has no order with client_order_id \"" +
                                       query.client_order_id.value_or(ClientOrderId{}).str() + "\"");
    auto record = record_at(segment, offset);
    if (!record) return tl::unexpected{record.error()};
    return RecalledOrder{std::move(record->event.order), record->fingerprint};
  } catch (const sqlite::Failure& failure) {
    return failed(failure);
  }
}

Result<Orders> JournalIndex::orders(const GetOrders& query) {
  try {
    std::string sql = "SELECT segment, offset FROM orders WHERE 1";
    if (query.status == OrderFilter::open) sql += " AND status NOT IN ('filled', 'canceled', 'rejected', 'expired')";
    if (query.client) sql += " AND client = ?";
    if (query.account) sql += " AND account = ?";
    if (query.symbol) sql += " AND symbol = ?";
    if (query.since) sql += " AND updated >= ?";
    if (query.after_order) sql += " AND number > coalesce((SELECT number FROM orders WHERE order_id = ?), 0)";
    sql += query.after_order ? " ORDER BY number LIMIT ?" : " ORDER BY number DESC LIMIT ?";
    Statement find{parts_->db, sql.c_str()};
    if (query.client) find.bind(query.client->str());
    if (query.account) find.bind(query.account->str());
    if (query.symbol) find.bind(query.symbol->str());
    if (query.since) find.bind(unix_ns(*query.since));
    if (query.after_order) find.bind(query.after_order->str());
    find.bind(std::int64_t{std::min(query.limit, orders_limit_max)});
    Orders out;
    while (find.step()) {
      const auto segment = find.number();
      auto record = record_at(segment, find.number());
      if (!record) return tl::unexpected{record.error()};
      out.orders.push_back(std::move(record->event.order));
    }
    if (!query.after_order) std::ranges::reverse(out.orders);
    return out;
  } catch (const sqlite::Failure& failure) {
    return failed(failure);
  }
}

Result<OrderEvents> JournalIndex::events_of(const AccountId& account, const GetOrderEvents& query,
                                            std::uint64_t durable_seq) {
  OrderEvents out = JournalEvents::none(query, durable_seq);
  try {
    auto& find = *parts_->events_of;
    find.bind(account.str())
        .bind(static_cast<std::int64_t>(query.after))
        .bind(static_cast<std::int64_t>(std::min(durable_seq, query.until.value_or(durable_seq))))
        .bind(std::int64_t{std::min(query.limit, orders_limit_max)});
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    while (find.step()) {
      const auto segment = find.number();
      found.emplace_back(segment, find.number());
    }
    find.reset();
    for (const auto& [segment, offset] : found) {
      auto record = record_at(segment, offset);
      if (!record) return tl::unexpected{record.error()};
      out.events.push_back(std::move(record->event));
    }
  } catch (const sqlite::Failure& failure) {
    return failed(failure);
  }
  return out;
}

}  // namespace tradebus
