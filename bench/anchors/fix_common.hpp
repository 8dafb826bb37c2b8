// One FIX 4.2 session over loopback, as lean as QuickFIX gets: memory store, no log, no dictionary, no delay.
#pragma once

#include <quickfix/Application.h>
#include <quickfix/SessionSettings.h>

#include <sstream>
#include <string>

namespace tradebus::bench {

inline FIX::SessionSettings fix_settings(const std::string& role, int port) {
  const bool initiator = role == "initiator";
  std::ostringstream text;
  text << "[DEFAULT]\nConnectionType=" << role << "\nStartTime=00:00:00\nEndTime=00:00:00\nHeartBtInt=30\n"
       << "UseDataDictionary=N\nResetOnLogon=Y\nSocketNodelay=Y\nSocketReuseAddress=Y\nReconnectInterval=1\n"
       << (initiator ? "SocketConnectHost=127.0.0.1\nSocketConnectPort=" : "SocketAcceptPort=") << port
       << "\n[SESSION]\nBeginString=FIX.4.2\nSenderCompID=" << (initiator ? "CLIENT" : "VENUE")
       << "\nTargetCompID=" << (initiator ? "VENUE" : "CLIENT") << "\n";
  std::istringstream in{text.str()};
  return FIX::SessionSettings{in};
}

// QuickFIX asks for all of these; most programs need two.
class FixApplication : public FIX::Application {
 public:
  void onCreate(const FIX::SessionID&) override {}
  void onLogon(const FIX::SessionID&) override {}
  void onLogout(const FIX::SessionID&) override {}
  void toAdmin(FIX::Message&, const FIX::SessionID&) override {}
  void toApp(FIX::Message&, const FIX::SessionID&) throw(FIX::DoNotSend) override {}
  void fromAdmin(const FIX::Message&, const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                                   FIX::IncorrectTagValue, FIX::RejectLogon) override {}
};

}  // namespace tradebus::bench
