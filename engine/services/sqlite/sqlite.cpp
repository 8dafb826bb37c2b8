#include "engine/services/sqlite/sqlite.hpp"

#include <utility>

namespace tradebus::sqlite {

Database::Database(const std::string& path) {
  sqlite3* db = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(db);
  if (code != SQLITE_OK) throw Failure{code, sqlite3_errstr(code)};
  run("PRAGMA locking_mode = EXCLUSIVE");  // before anything is read: later the index of the log is mapped already
}

void Database::run(const char* sql) {
  const int code = sqlite3_exec(get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw Failure{code, sqlite3_errmsg(get())};
}

void Interrupt::set() {
  set_.store(true, std::memory_order_relaxed);
  const std::lock_guard lock{mutex_};
  if (db_ != nullptr) sqlite3_interrupt(db_);
}

void Interrupt::watch(sqlite3* db) {
  constexpr int steps = 1'000;  // of SQLite's machine, between two looks
  if (db != nullptr)
    sqlite3_progress_handler(
        db, steps, [](void* of) -> int { return static_cast<const Interrupt*>(of)->is_set() ? 1 : 0; }, this);
  const std::lock_guard lock{mutex_};
  db_ = db;
}

void Database::interrupt_by(std::shared_ptr<Interrupt> interrupt) {
  if (!interrupt) return;
  interrupt->watch(get());
  handle_.get_deleter().interrupt = std::move(interrupt);
}

std::int64_t Database::number(const char* sql) {
  Statement statement{*this, sql};
  return statement.step() ? statement.number() : 0;
}

std::string Database::text(const char* sql) {
  Statement statement{*this, sql};
  return statement.step() ? statement.text() : std::string{};
}

Statement::Statement(const Database& db, const char* sql) : db_{db.get()} {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr));
  handle_.reset(statement);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) throw Failure{code, sqlite3_errmsg(db_)};
}

Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(handle_.get(), ++parameter_, value));
  return *this;
}
Statement& Statement::bind(std::string_view text) {
  // Copied: a statement may live longer than what it was bound to.
  check(sqlite3_bind_text64(handle_.get(), ++parameter_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind_null() {
  check(sqlite3_bind_null(handle_.get(), ++parameter_));
  return *this;
}

bool Statement::step() {
  column_ = 0;
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  const std::string why = code == SQLITE_DONE ? std::string{} : std::string{sqlite3_errmsg(db_)};
  reset();
  if (code != SQLITE_DONE) throw Failure{code, why};
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  parameter_ = 0;
}

std::int64_t Statement::number() { return sqlite3_column_int64(handle_.get(), column_++); }

std::string Statement::text() {
  const auto* text = sqlite3_column_text(handle_.get(), column_);
  const int size = sqlite3_column_bytes(handle_.get(), column_++);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

std::optional<std::int64_t> Statement::maybe_number() {
  if (sqlite3_column_type(handle_.get(), column_) == SQLITE_NULL) {
    ++column_;
    return std::nullopt;
  }
  return number();
}

}  // namespace tradebus::sqlite
