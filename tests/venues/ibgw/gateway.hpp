// What a gateway does with its clients' requests. Pure of sockets: whoever calls it calls finish() after each event, so
// that the state is kept before anyone hears.
#pragma once

#include <functional>
#include <memory>

#include "tests/venues/ibgw/book.hpp"
#include "tests/venues/ibgw/peer.hpp"
#include "tests/venues/ibgw/state.hpp"

namespace tradebus::ibgw_sim {

enum class Delivered { live, delayed, none };

struct GatewayOptions {
  std::vector<std::string> accounts = {"DU1234567"};
  Num cash = 1'000'000;
  std::vector<std::string> positions;  // SYMBOL=QUANTITY@PRICE, in the first account
  std::optional<int> master;           // the client that hears of all orders
  std::size_t lines_max = 100, clients_max = 32;
  Delivered data = Delivered::live;
  bool late_commission = false;  // after execDetailsEnd
  std::string state_file;
  BookOptions book;
};

class Gateway final : public BookListener {
 public:
  Gateway(const GatewayOptions& options, const Contracts& contracts, Seconds now);

  // -- clients --
  void connected(Peer& peer) { peers_.push_back(&peer); }
  void disconnected(Peer& peer);
  // A message after the handshake.
  void handle(Peer& peer, std::string_view payload);
  void error(Peer& peer, std::int64_t id, int code, std::string_view text, std::string_view advanced = {});

  // -- market and time --
  void play(const Row& row);
  void quote(ConId id, std::optional<Num> bid, Num bid_size, std::optional<Num> ask, Num ask_size);
  void trade(ConId id, Num price, Num size);
  void sample();  // what changed goes to the lines
  void every_second();
  void finish();  // keeps the state

  // -- what the control port does --
  void connectivity(int code);  // 1100, 1101, 1102, and other notices as they are
  void farm(const std::string& name, bool up);
  void notice(std::int64_t id, int code, const std::string& text);
  void set_data(Delivered data, bool competing);
  void order_by_hand(std::string_view request);
  Book& book() { return book_; }
  Market& market() { return market_; }
  const Contracts& contracts() const { return contracts_; }
  const Accounts& accounts() const { return accounts_; }
  const std::vector<Peer*>& peers() const { return peers_; }
  const std::map<int, std::uint64_t>& requests() const { return requests_; }
  bool lost() const { return lost_; }
  Seconds now() const { return wall_now(); }

  // -- BookListener --
  void on_order(const Working& order, Told what, std::string_view status) override;
  void on_execution(const Working& order, const Execution& execution) override;
  void on_commission(const Working& order, const Execution& execution) override;
  void on_error(int client, std::int64_t id, int code, const std::string& text, const std::string& advanced) override;
  void on_what_if(const Working& order, const Margins& margins) override;
  void on_trade(const std::string& account) override;
  void on_changed(const Working& order) override { state_->order(order); }

 private:
  using Handler = void (Gateway::*)(Peer&, Reader&);
  static Handler handler_of(int id);

  Peer* peer_of(int client) const;
  void for_order(const Working& order, const std::function<void(Peer&)>& tell);
  bool known_account(Peer& peer, std::int64_t req_id, const std::string& account);
  // The one contract that is meant; else the request is answered with 200.
  std::optional<Contract> one_contract(Peer& peer, std::int64_t req_id, const ContractQuery& query);

  // -- gateway.cpp --
  void start_api(Peer&, Reader&);
  void current_time(Peer&, Reader&);
  void managed_accounts(Peer&, Reader&);
  void next_valid_id(Peer&, Reader&);
  void ignored(Peer&, Reader&) {}
  // -- order_requests.cpp --
  void place_order(Peer&, std::string_view payload);
  void cancel_order(Peer&, Reader&);
  void global_cancel(Peer&, Reader&);
  void open_orders(Peer&, Reader&);
  void all_open_orders(Peer&, Reader&);
  void auto_open_orders(Peer&, Reader&);
  void completed_orders(Peer&, Reader&);
  void executions(Peer&, Reader&);
  void bind(Peer&);
  void tell_order(Peer&, const Working&, Told, std::string_view status);
  void report(Peer&, const std::string& payload);  // unless the link to the venue is down
  // -- account_requests.cpp --
  void positions(Peer&, Reader&);
  void cancel_positions(Peer&, Reader&);
  void positions_multi(Peer&, Reader&);
  void cancel_positions_multi(Peer&, Reader&);
  void account_summary(Peer&, Reader&);
  void cancel_account_summary(Peer&, Reader&);
  void account_updates(Peer&, Reader&);
  void account_updates_multi(Peer&, Reader&);
  void cancel_account_updates_multi(Peer&, Reader&);
  void pnl(Peer&, Reader&);
  void cancel_pnl(Peer&, Reader&);
  void pnl_single(Peer&, Reader&);
  void cancel_pnl_single(Peer&, Reader&);
  void tell_account(Peer&, const Account&, bool first);
  void tell_summary(Peer&, std::int64_t req_id, const std::set<std::string>& tags);
  void tell_pnl(Peer&);
  // -- contract_requests.cpp --
  void contract_details(Peer&, Reader&);
  void matching_symbols(Peer&, Reader&);
  void option_params(Peer&, Reader&);
  void market_rule(Peer&, Reader&);
  void news_providers(Peer&, Reader&);
  void historical_news(Peer&, Reader&);
  void news_article(Peer&, Reader&);
  // -- data_requests.cpp --
  void market_data(Peer&, Reader&);
  void cancel_market_data(Peer&, Reader&);
  void market_data_type(Peer&, Reader&);
  void tick_by_tick(Peer&, Reader&);
  void cancel_tick_by_tick(Peer&, Reader&);
  void real_time_bars(Peer&, Reader&);
  void cancel_real_time_bars(Peer&, Reader&);
  void market_depth(Peer&, Reader&);
  void implied_volatility(Peer&, Reader&);
  void option_price(Peer&, Reader&);
  void calculate(Peer&, Reader&, bool price);
  void send_line(Peer&, std::int64_t req_id, DataLine&);
  void tick_lines(ConId id, bool trade);
  Quote quote_of(const DataLine& line) const;
  // -- history_requests.cpp --
  void historical_data(Peer&, Reader&);
  void cancel_historical_data(Peer&, Reader&);
  void head_timestamp(Peer&, Reader&);
  void historical_ticks(Peer&, Reader&);
  void update_bars(Peer&, Seconds now);
  bool history_paced(Peer&, std::int64_t req_id, std::string_view text, const std::string& contract, bool twice);

  const GatewayOptions options_;
  const Contracts& contracts_;
  Market market_;
  Accounts accounts_;
  Book book_;
  std::unique_ptr<State> state_;
  std::vector<Peer*> peers_;
  std::map<int, std::uint64_t> requests_;  // by message id
  Delivered data_;
  bool competing_ = false;
  bool lost_ = false;  // 1100: nothing is reported, orders wait
  struct Waiting {
    int client, sv;
    std::string request;
  };
  std::vector<Waiting> waiting_orders_;
  std::vector<std::pair<int, std::string>> unreported_;  // client and message
};

// The error of a message that can't be read, and others without a request.
inline constexpr std::int64_t no_request = -1;

}  // namespace tradebus::ibgw_sim
