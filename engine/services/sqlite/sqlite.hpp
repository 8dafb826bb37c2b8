// The little of SQLite that is needed here: a connection, a prepared statement. Failures are exceptions with SQLite's
// own code and text; their users turn them into Results. One thread.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tradebus::sqlite {

class Failure : public std::runtime_error {
 public:
  Failure(int code, const std::string& what) : std::runtime_error{what}, code_{code & 0xff} {}
  int code() const { return code_; }  // SQLITE_CORRUPT, SQLITE_FULL, ...
  bool is_corruption() const { return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB; }

 private:
  int code_;
};

// Ends, from another thread, what a connection is at.
class Interrupt {
 public:
  // Until clear(): what the connection is at, and what takes longer than some microseconds, fails with
  // SQLITE_INTERRUPT. PRAGMA quick_check and integrity_check, once begun after it, do not: look at is_set() before.
  void set();
  void clear() { set_.store(false, std::memory_order_relaxed); }
  bool is_set() const { return set_.load(std::memory_order_relaxed); }

 private:
  friend class Database;
  void watch(sqlite3* db);  // null: none any more

  std::atomic<bool> set_{false};
  std::mutex mutex_;
  sqlite3* db_ = nullptr;
};

// The file belongs to this connection alone while it is open (locking_mode = EXCLUSIVE): SQLite then keeps the index of
// a write-ahead log on the heap. As the mapped file that it is otherwise (-shm), a full disk ends the process with
// SIGBUS on file systems whose blocks are smaller than a page, or that copy on write. Who else wants the file meanwhile
// is told "database is locked".
class Database {
 public:
  // Made when it is missing; its folder must exist.
  explicit Database(const std::string& path);
  void run(const char* sql);
  std::int64_t number(const char* sql);
  std::string text(const char* sql);
  // Of one connection at a time.
  void interrupt_by(std::shared_ptr<Interrupt> interrupt);
  std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  sqlite3* get() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const {
      if (interrupt) interrupt->watch(nullptr);
      sqlite3_close_v2(db);
    }
    std::shared_ptr<Interrupt> interrupt;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// Parameters and columns are bound and read in order.
class Statement {
 public:
  Statement(const Database& db, const char* sql);

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind_null();
  // The next row; false at the end, after which it is ready to be bound anew.
  bool step();
  void run();  // all rows, none looked at

  std::int64_t number();
  std::string text();
  bool is_text() const { return sqlite3_column_type(handle_.get(), column_) == SQLITE_TEXT; }
  std::optional<std::int64_t> maybe_number();
  void reset();

 private:
  void check(int code) const;
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  sqlite3* db_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int parameter_ = 0;
  int column_ = 0;
};

// Rolled back unless committed.
class Transaction {
 public:
  enum class For : std::uint8_t { reading, writing };
  explicit Transaction(Database& db, For what = For::writing) : db_{db} {
    db_.run(what == For::writing ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  ~Transaction() {
    if (!done_) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    db_.run("COMMIT");
    done_ = true;
  }

 private:
  Database& db_;
  bool done_ = false;
};

}  // namespace tradebus::sqlite
