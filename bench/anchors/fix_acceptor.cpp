// Anchor: a FIX venue that answers each NewOrderSingle with an ExecutionReport (new). Prints `ready`; SIGTERM ends it.
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/ThreadedSocketAcceptor.h>
#include <quickfix/fix42/ExecutionReport.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>

#include "bench/anchors/fix_common.hpp"

namespace {

class Venue : public tradebus::bench::FixApplication {
 public:
  void fromApp(const FIX::Message& order,
               const FIX::SessionID& session) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                    FIX::IncorrectTagValue, FIX::UnsupportedMessageType) override {
    FIX::ClOrdID id;
    FIX::Symbol symbol;
    FIX::Side side;
    FIX::OrderQty qty;
    order.getField(id);
    order.getField(symbol);
    order.getField(side);
    order.getField(qty);
    const auto number = std::to_string(++orders_);
    FIX42::ExecutionReport report{FIX::OrderID{number},
                                  FIX::ExecID{number},
                                  FIX::ExecTransType{'0'},
                                  FIX::ExecType{'0'},
                                  FIX::OrdStatus{'0'},
                                  symbol,
                                  side,
                                  FIX::LeavesQty{qty},
                                  FIX::CumQty{0},
                                  FIX::AvgPx{0}};
    report.set(id);
    report.set(qty);
    FIX::Session::sendToTarget(report, session);
  }

 private:
  long orders_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);

  Venue venue;
  FIX::MemoryStoreFactory store;
  const auto settings = tradebus::bench::fix_settings("acceptor", argc > 1 ? std::atoi(argv[1]) : 0);
  FIX::ThreadedSocketAcceptor acceptor{venue, store, settings};
  acceptor.start();
  std::puts("ready");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&end, &signal);
  acceptor.stop(true);
} catch (const std::exception& error) {
  std::fprintf(stderr, "fix_acceptor: %s\n", error.what());
  return 1;
}
