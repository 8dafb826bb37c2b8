// Small recordings on disk for the replay's tests, and what its threads report.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/providers/replay/player.hpp"
#include "actors/providers/replay/recorded_file.hpp"
#include "actors/providers/replay/report.hpp"

namespace tradebus::replay::test {

using namespace std::chrono_literals;

inline constexpr std::string_view quote_header = "ts_ns,symbol,bid,bid_size,ask,ask_size\n";
inline constexpr std::string_view trade_header = "ts_ns,symbol,price,size\n";
inline constexpr std::string_view bar_header = "ts_ns,symbol,timeframe,open,high,low,close,volume\n";

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "replay-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }
  std::string write_gz(const std::string& name, std::string_view text) const {
    const auto packed = pack(text);
    return write(name, packed);
  }
  static std::string pack(std::string_view text) {
    z_stream z{};
    BOOST_REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&z, text.size()) + 64, '\0');
    std::string in{text};
    z.next_in = reinterpret_cast<Bytef*>(in.data());
    z.avail_in = static_cast<uInt>(in.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    BOOST_REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
  }

 private:
  std::filesystem::path path_;
};

inline Recording recording(const std::vector<std::string>& paths) {
  auto out = open_recording(paths);
  BOOST_REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
  return *out;
}

// Keeps what the threads say; a test waits for it with a deadline.
class FakeListener final : public Listener {
 public:
  void on_report(Report report) override {
    const std::lock_guard lock{mutex_};
    reports_.push_back(std::move(report));
    came_.notify_all();
  }
  template <class What>
  std::vector<What> all() {
    const std::lock_guard lock{mutex_};
    std::vector<What> out;
    for (auto& report : reports_)
      if (auto* what = std::get_if<What>(&report.what)) out.push_back(*what);
    return out;
  }
  template <class What>
  bool wait_for(std::size_t count = 1, std::chrono::seconds deadline = 60s) {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, deadline, [&] {
      std::size_t n = 0;
      for (auto& report : reports_) n += std::holds_alternative<What>(report.what) ? 1U : 0U;
      return n >= count;
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Report> reports_;
};

// The bus's side of an outlet. With `generous`, credit comes back at once.
class FakeBus {
 public:
  explicit FakeBus(bool generous = true) : generous_{generous} {}
  Outlet::Send send() {
    return [this](MarketBatch batch) {
      Player* player = nullptr;
      {
        const std::lock_guard lock{mutex_};
        if (keep_) events_.insert(events_.end(), batch.events.begin(), batch.events.end());
        count_ += batch.events.size();
        for (const auto& dropped : batch.dropped) dropped_ += dropped.count;
        cursors_.push_back(batch.cursor);
        batch_sizes_.push_back(batch.events.size());
        player = generous_ ? player_ : nullptr;
        came_.notify_all();
      }
      if (player != nullptr) player->add_credit(1);
    };
  }
  void serve(Player* player) {
    const std::lock_guard lock{mutex_};
    player_ = player;
  }
  void count_only() { keep_ = false; }
  template <class Condition>
  bool wait_until(Condition condition, std::chrono::seconds deadline = 60s) {
    std::unique_lock lock{mutex_};
    return came_.wait_for(lock, deadline, [&] { return condition(*this); });
  }
  // The following are for the test's thread when nothing flows, or within wait_until().
  std::size_t count() const { return count_; }
  std::size_t batches() const { return cursors_.size(); }
  std::uint64_t dropped() const { return dropped_; }
  std::vector<MarketEvent> events() {
    const std::lock_guard lock{mutex_};
    return events_;
  }
  std::vector<std::uint64_t> cursors() {
    const std::lock_guard lock{mutex_};
    return cursors_;
  }
  std::vector<std::size_t> batch_sizes() {
    const std::lock_guard lock{mutex_};
    return batch_sizes_;
  }

 private:
  const bool generous_;
  bool keep_ = true;
  std::mutex mutex_;
  std::condition_variable came_;
  Player* player_ = nullptr;
  std::vector<MarketEvent> events_;
  std::size_t count_ = 0;
  std::uint64_t dropped_ = 0;
  std::vector<std::uint64_t> cursors_;
  std::vector<std::size_t> batch_sizes_;
};

}  // namespace tradebus::replay::test
