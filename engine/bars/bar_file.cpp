#include "engine/bars/bar_file.hpp"

#include <algorithm>
#include <filesystem>

#include "engine/services/background_thread.hpp"
#include "engine/services/sqlite/sqlite.hpp"

namespace tradebus {

namespace {

namespace fs = std::filesystem;
using sqlite::Failure;
using sqlite::Statement;

constexpr std::int64_t application = 0x74726264;         // "trbd": other programs' files are not taken for ours
constexpr std::int64_t checked_bytes_max = 64LL << 20U;  // larger ones are checked as they are read
constexpr std::int64_t page_bytes = 4'096;
constexpr std::size_t rows_a_turn = 16;  // some 50 us

// Journal and lock files of a database go where it goes.
constexpr const char* companions[] = {"", "-wal", "-shm"};

std::string set_aside(const std::string& path, Timestamp now) {
  auto stamp = to_iso8601(now).substr(0, 19);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  auto name = path + ".damaged-" + stamp;
  for (int n = 2; fs::exists(name); ++n) name = path + ".damaged-" + stamp + "-" + std::to_string(n);
  for (const char* end : companions)
    if (fs::exists(path + end)) fs::rename(path + end, name + end);
  return name;
}

struct Unusable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws Failure (damaged when is_corruption()), Unusable.
std::unique_ptr<sqlite::Database> open_checked(const std::string& path, std::int64_t bytes_max) {
  auto db = std::make_unique<sqlite::Database>(path);
  db->run("PRAGMA busy_timeout = 2000");
  const auto tables = db->number("SELECT count(*) FROM sqlite_schema");
  const auto found = db->number("PRAGMA user_version");
  const auto owner = db->number("PRAGMA application_id");
  if (tables == 0) {
    db->run("PRAGMA page_size = 4096");
    db->run("PRAGMA auto_vacuum = INCREMENTAL");
  } else if (owner != application) {
    throw Failure{SQLITE_NOTADB, "it is another program's"};
  } else if (found > BarFile::version) {
    throw Unusable{"it has layout " + std::to_string(found) + ", this daemon knows layouts up to " +
                   std::to_string(BarFile::version) + ": it is left as it is"};
  } else if (found < BarFile::version) {
    throw Failure{SQLITE_NOTADB, "it has no layout that was ever written"};
  }
  db->run("PRAGMA journal_mode = WAL");
  db->run("PRAGMA synchronous = NORMAL");
  db->run("PRAGMA journal_size_limit = 4194304");
  if (tables == 0) {
    sqlite::Transaction transaction{*db};
    db->run(
        "CREATE TABLE series (id INTEGER PRIMARY KEY, source TEXT NOT NULL, symbol TEXT NOT NULL, timeframe TEXT NOT "
        "NULL, adjusted INTEGER NOT NULL, used INTEGER NOT NULL, UNIQUE (source, symbol, timeframe, adjusted));"
        "CREATE INDEX series_by_symbol ON series (symbol);"
        "CREATE TABLE known (series INTEGER NOT NULL, begin INTEGER NOT NULL, end INTEGER NOT NULL, PRIMARY KEY "
        "(series, begin)) WITHOUT ROWID;"
        "CREATE TABLE bar (series INTEGER NOT NULL, ts INTEGER NOT NULL, open INTEGER NOT NULL, high INTEGER NOT NULL, "
        "low INTEGER NOT NULL, close INTEGER NOT NULL, volume NOT NULL, vwap INTEGER, trades INTEGER, PRIMARY KEY "
        "(series, ts)) WITHOUT ROWID;"
        "PRAGMA application_id = 1953653348;"
        "PRAGMA user_version = 1");
    transaction.commit();
  } else if (db->number("PRAGMA page_count") * page_bytes <= checked_bytes_max) {
    const auto verdict = db->text("PRAGMA quick_check(1)");
    if (verdict != "ok") throw Failure{SQLITE_CORRUPT, verdict};
  }
  static_assert(application == 1'953'653'348 && BarFile::version == 1, "as the statements above say");
  const auto limit = "PRAGMA max_page_count = " + std::to_string(std::max<std::int64_t>(bytes_max / page_bytes, 64));
  db->number(limit.c_str());
  return db;
}

}  // namespace

struct BarFile::Parts {
  explicit Parts(std::unique_ptr<sqlite::Database> database) : db{std::move(database)} {}

  std::unique_ptr<sqlite::Database> db;
  Statement find{*db, "SELECT id FROM series WHERE source = ? AND symbol = ? AND timeframe = ? AND adjusted = ?"};
  Statement add{*db, "INSERT INTO series (source, symbol, timeframe, adjusted, used) VALUES (?, ?, ?, ?, ?)"};
  Statement use{*db, "UPDATE series SET used = ? WHERE id = ? AND used < ?"};
  Statement known{*db, "SELECT begin, end FROM known WHERE series = ? AND begin < ? AND end > ? ORDER BY begin"};
  Statement touching{*db, "SELECT begin, end FROM known WHERE series = ? AND begin <= ? AND end >= ?"};
  Statement drop_known{*db, "DELETE FROM known WHERE series = ? AND begin <= ? AND end >= ?"};
  Statement add_known{*db, "INSERT INTO known (series, begin, end) VALUES (?, ?, ?)"};
  Statement bars{*db,
                 "SELECT ts, open, high, low, close, volume, vwap, trades FROM bar WHERE series = ? AND ts >= ? AND ts "
                 "< ? ORDER BY ts LIMIT ?"};
  Statement drop_bars{*db, "DELETE FROM bar WHERE series = ? AND ts >= ? AND ts < ?"};
  Statement add_bar{*db,
                    "INSERT INTO bar (series, ts, open, high, low, close, volume, vwap, trades) VALUES (?, ?, ?, ?, ?, "
                    "?, ?, ?, ?)"};
  Statement oldest{*db, "SELECT id FROM series WHERE id <> ? ORDER BY used, id LIMIT 1"};
};

BarFile::BarFile(std::unique_ptr<Parts> parts, std::int64_t bytes_max)
    : parts_{std::move(parts)}, bytes_max_{bytes_max} {}

BarFile::~BarFile() = default;

Result<BarFile::Opened> BarFile::open(const std::string& path, std::int64_t bytes_max, Timestamp now) {
  Opened out;
  const auto attempt = [&] {
    auto file =
        std::unique_ptr<BarFile>{new BarFile{std::make_unique<Parts>(open_checked(path, bytes_max)), bytes_max}};
    file->count();
    return file;
  };
  try {
    try {
      out.file = attempt();
    } catch (const Failure& damage) {
      if (!damage.is_corruption()) throw;
      out.why = damage.what();
      out.set_aside = set_aside(path, now);
      out.file = attempt();
    }
    return out;
  } catch (const std::exception& e) {
    return fail(Errc::internal, "can't use " + path + ": " + e.what());
  }
}

// ---- reading -------------------------------------------------------------------------------------------------------

template <class F>
auto BarFile::guarded(const char* what, F f) -> Result<decltype(f())> {
  try {
    if constexpr (std::is_void_v<decltype(f())>) {
      f();
      return {};
    } else {
      return f();
    }
  } catch (const Failure& e) {
    damaged_ = damaged_ || e.is_corruption();
    return fail(Errc::internal, std::string{"can't "} + what + " bars: " + e.what());
  }
}

std::optional<std::int64_t> BarFile::id_of(const BarSeries& series) {
  auto& find = parts_->find;
  find.bind(series.source).bind(series.symbol.str()).bind(to_string(series.timeframe)).bind(series.adjusted ? 1 : 0);
  if (!find.step()) return std::nullopt;
  const auto id = find.number();
  find.reset();
  return id;
}

Result<KnownBars> BarFile::read(const BarSeries& series, const TimeRange& range, std::size_t limit, Timestamp now) {
  return guarded("read", [&] {
    KnownBars out;
    // Of one moment: another daemon may use the file too.
    sqlite::Transaction transaction{*parts_->db, sqlite::Transaction::For::reading};
    const auto id = id_of(series);
    if (!id) return out;
    auto& known = parts_->known;
    known.bind(*id).bind(unix_ns(range.end)).bind(unix_ns(range.begin));
    while (known.step()) {
      const auto begin = from_unix_ns(known.number());
      // What lies ahead was learned by a clock that was wrong.
      const auto end = std::min(from_unix_ns(known.number()), now);
      if (const auto part = intersection({begin, end}, range); !part.empty()) out.known.push_back(part);
    }
    if (out.known.empty()) return out;

    auto& bars = parts_->bars;
    bars.bind(*id)
        .bind(unix_ns(range.begin))
        .bind(unix_ns(std::min(range.end, now)))
        .bind(static_cast<std::int64_t>(limit) + 1);
    while (bars.step()) {
      HistoricalBar bar;
      bar.symbol = series.symbol;
      bar.ts = from_unix_ns(bars.number());
      for (auto* price : {&bar.open, &bar.high, &bar.low, &bar.close}) *price = Price::from_raw(bars.number());
      if (bars.is_text())  // more than 64 bits of billionths
        bar.volume = Quantity::parse(bars.text()).value_or(Quantity{});
      else
        bar.volume = Quantity::from_raw(bars.number());
      if (const auto vwap = bars.maybe_number()) bar.vwap = Price::from_raw(*vwap);
      bar.trades = bars.maybe_number();
      out.bars.push_back(std::move(bar));
    }
    if (out.bars.size() > limit) {
      out.cut = true;
      out.bars.pop_back();
      const auto end = out.bars.empty() ? range.begin : out.bars.back().ts + std::chrono::nanoseconds{1};
      for (auto& each : out.known) each.end = std::min(each.end, end);
      std::erase_if(out.known, [](const TimeRange& each) { return each.empty(); });
    }
    transaction.commit();
    // Which series are old matters to the hour: not a write for every read.
    const auto used = unix_ns(now) / 1'000'000'000;
    try {
      parts_->use.bind(used).bind(*id).bind(used - 3'600).run();
    } catch (const Failure& e) {
      if (e.is_corruption()) throw;  // a full disk can still be read
    }
    return out;
  });
}

// ---- writing -------------------------------------------------------------------------------------------------------

std::int64_t BarFile::make_id(const BarSeries& series, Timestamp now) {
  if (const auto id = id_of(series)) return *id;
  parts_->add.bind(series.source)
      .bind(series.symbol.str())
      .bind(to_string(series.timeframe))
      .bind(series.adjusted ? 1 : 0)
      .bind(unix_ns(now) / 1'000'000'000)
      .run();
  return parts_->db->last_id();
}

void BarFile::put(std::int64_t id, const TimeRange& range, const std::vector<HistoricalBar>& bars) {
  parts_->drop_bars.bind(id).bind(unix_ns(range.begin)).bind(unix_ns(range.end)).run();
  auto& add = parts_->add_bar;
  std::size_t rows = 0;
  for (const auto& bar : bars) {
    if (++rows % rows_a_turn == 0) background::let_by();  // the question has had its answer
    if (bar.ts < range.begin || bar.ts >= range.end) continue;
    add.bind(id).bind(unix_ns(bar.ts));
    for (const auto& price : {bar.open, bar.high, bar.low, bar.close}) add.bind(price.raw());
    const auto volume = bar.volume.raw();
    if (volume >= INT64_MIN && volume <= INT64_MAX)
      add.bind(static_cast<std::int64_t>(volume));
    else
      add.bind(bar.volume.to_string());
    bar.vwap ? add.bind(bar.vwap->raw()) : add.bind_null();
    bar.trades ? add.bind(*bar.trades) : add.bind_null();
    add.run();
  }
  TimeRange joined = range;
  auto& touching = parts_->touching;
  touching.bind(id).bind(unix_ns(range.end)).bind(unix_ns(range.begin));
  while (touching.step()) {
    joined.begin = std::min(joined.begin, from_unix_ns(touching.number()));
    joined.end = std::max(joined.end, from_unix_ns(touching.number()));
  }
  parts_->drop_known.bind(id).bind(unix_ns(range.end)).bind(unix_ns(range.begin)).run();
  parts_->add_known.bind(id).bind(unix_ns(joined.begin)).bind(unix_ns(joined.end)).run();
}

Result<void> BarFile::keep(const BarSeries& series, const TimeRange& range, const std::vector<HistoricalBar>& bars,
                           Timestamp now) {
  if (range.empty()) return {};
  const auto write = [&] {
    sqlite::Transaction transaction{*parts_->db};
    put(make_id(series, now), range, bars);
    transaction.commit();
  };
  return guarded("keep", [&] {
    try {
      write();
    } catch (const Failure& e) {
      if (e.code() != SQLITE_FULL) throw;  // the bound, or the disk's: less may fit
      make_room(id_of(series).value_or(0));
      write();
    }
    if (used_bytes() > bytes_max_ / 10 * 9) make_room(id_of(series).value_or(0));
    count();
  });
}

// Down to three quarters, so that it isn't done for every write. What goes first: other series, by when they were used;
// then the older half of this one.
void BarFile::make_room(std::int64_t keep_id) {
  auto& db = *parts_->db;
  while (used_bytes() > bytes_max_ / 4 * 3) {
    auto& oldest = parts_->oldest;
    oldest.bind(keep_id);
    const bool other = oldest.step();
    const auto id = other ? oldest.number() : keep_id;
    if (other) oldest.reset();
    sqlite::Transaction transaction{db};
    if (other) {
      for (const char* sql : {"DELETE FROM bar WHERE series = ?", "DELETE FROM known WHERE series = ?",
                              "DELETE FROM series WHERE id = ?"})
        Statement{db, sql}.bind(id).run();
      ++evicted_;
    } else {
      Statement span{db, "SELECT count(*), min(ts), max(ts) FROM bar WHERE series = ?"};
      span.bind(id);
      span.step();
      const auto many = span.number();
      const auto first = span.number();
      const auto last = span.number();
      span.reset();
      if (many < 2) return;  // nothing that could go is left
      const auto middle = first + (last - first) / 2 + 1;
      Statement{db, "DELETE FROM bar WHERE series = ? AND ts < ?"}.bind(id).bind(middle).run();
      Statement{db, "DELETE FROM known WHERE series = ? AND end <= ?"}.bind(id).bind(middle).run();
      Statement{db, "UPDATE known SET begin = ? WHERE series = ? AND begin < ?"}
          .bind(middle)
          .bind(id)
          .bind(middle)
          .run();
    }
    transaction.commit();
  }
  db.run("PRAGMA incremental_vacuum");
}

Result<std::int64_t> BarFile::forget(const Symbol& symbol, bool only_adjusted) {
  return guarded("forget", [&] {
    auto& db = *parts_->db;
    const std::string which = std::string{"(SELECT id FROM series WHERE adjusted >= "} + (only_adjusted ? "1" : "0") +
                              (symbol.empty() ? ")" : " AND symbol = ?)");
    std::int64_t gone = 0;
    sqlite::Transaction transaction{db};
    for (const char* table : {"bar WHERE series", "known WHERE series", "series WHERE id"}) {
      Statement statement{db, ("DELETE FROM " + std::string{table} + " IN " + which).c_str()};
      if (!symbol.empty()) statement.bind(symbol.str());
      statement.run();
      gone = sqlite3_changes64(db.get());
    }
    transaction.commit();
    db.run("PRAGMA incremental_vacuum");
    count();
    return gone;
  });
}

std::int64_t BarFile::used_bytes() {
  return (parts_->db->number("PRAGMA page_count") - parts_->db->number("PRAGMA freelist_count")) * page_bytes;
}

void BarFile::count() {
  bytes_ = used_bytes();
  ranges_ = parts_->db->number("SELECT count(*) FROM known");
}

}  // namespace tradebus
