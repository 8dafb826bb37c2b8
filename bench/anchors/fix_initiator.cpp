// Anchor: sends NewOrderSingle with at most `window` under way, measures to each ExecutionReport.
// Arguments: port window seconds. Ends with one line of JSON: requests, seconds, per_second, p50_us, p99_us.
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/ThreadedSocketInitiator.h>
#include <quickfix/fix42/NewOrderSingle.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "bench/anchors/fix_common.hpp"
#include "bench/support/measure.hpp"

namespace {

using tradebus::bench::now_ns;
constexpr std::size_t orders_max = 1 << 20;  // ids are used again after so many

class Trader : public tradebus::bench::FixApplication {
 public:
  explicit Trader(double seconds) : seconds_{seconds} {}

  void onLogon(const FIX::SessionID& session) override {
    std::lock_guard<std::mutex> lock{mutex_};
    session_ = session;
    logged_on_ = true;
    changed_.notify_all();
  }

  // The session's thread: the next order goes out from here, as it would in a program made for speed.
  void fromApp(const FIX::Message& report, const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                                        FIX::IncorrectTagValue,
                                                                        FIX::UnsupportedMessageType) override {
    FIX::ClOrdID id;
    report.getField(id);
    const auto now = now_ns();
    const auto sent = sent_at_[std::strtoul(id.getString().c_str(), nullptr, 10)];
    if (sent >= measure_from_) latency_ns_.push_back(now - sent);
    if (now < until_) return send();
    std::lock_guard<std::mutex> lock{mutex_};
    last_ = now;
    --under_way_;
    changed_.notify_all();
  }

  bool await_logon() {
    std::unique_lock<std::mutex> lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10}, [this] { return logged_on_; });
  }

  bool run(int window) {
    measure_from_ = now_ns() + 100000000;  // warm-up
    until_ = measure_from_ + static_cast<std::int64_t>(seconds_ * 1e9);
    under_way_ = window;
    for (int i = 0; i < window; ++i) send();
    std::unique_lock<std::mutex> lock{mutex_};
    return changed_.wait_for(lock, std::chrono::milliseconds{static_cast<int>(seconds_ * 1000) + 5000},
                             [this] { return under_way_ == 0; });
  }

  void report() {
    const double took = static_cast<double>(last_ - measure_from_) / 1e9;
    const auto n = latency_ns_.size();
    std::printf("{\"requests\": %zu, \"seconds\": %.6f, \"per_second\": %.1f, \"p50_us\": %.2f, \"p99_us\": %.2f}\n", n,
                took, static_cast<double>(n) / took, tradebus::bench::percentile_us(latency_ns_, 0.5),
                tradebus::bench::percentile_us(latency_ns_, 0.99));
  }

 private:
  void send() {
    const auto number = next_++ % orders_max;
    FIX42::NewOrderSingle order{FIX::ClOrdID{std::to_string(number)},
                                FIX::HandlInst{'1'},
                                FIX::Symbol{"QAAAA"},
                                FIX::Side{FIX::Side_BUY},
                                FIX::TransactTime{},
                                FIX::OrdType{FIX::OrdType_LIMIT}};
    order.set(FIX::OrderQty{1});
    order.set(FIX::Price{1.0});
    order.set(FIX::TimeInForce{FIX::TimeInForce_GOOD_TILL_CANCEL});
    sent_at_[number] = now_ns();
    FIX::Session::sendToTarget(order, session_);
  }

  const double seconds_;
  std::int64_t measure_from_ = 0;
  std::int64_t until_ = 0;
  FIX::SessionID session_;
  std::atomic<std::size_t> next_{0};
  std::vector<std::int64_t> sent_at_ = std::vector<std::int64_t>(orders_max);
  std::vector<std::int64_t> latency_ns_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool logged_on_ = false;
  int under_way_ = 0;
  std::int64_t last_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error{"usage: bench_fix_initiator PORT WINDOW SECONDS"};
  Trader trader{std::atof(argv[3])};
  FIX::MemoryStoreFactory store;
  const auto settings = tradebus::bench::fix_settings("initiator", std::atoi(argv[1]));
  FIX::ThreadedSocketInitiator initiator{trader, store, settings};
  initiator.start();
  const bool done = trader.await_logon() && trader.run(std::atoi(argv[2]));
  initiator.stop(true);  // always before the destructor, which crashes otherwise
  if (!done) throw std::runtime_error{"no logon, or reports are missing"};
  trader.report();
} catch (const std::exception& error) {
  std::fprintf(stderr, "fix_initiator: %s\n", error.what());
  return 1;
}
