// The link against a scripted peer, over real sockets.
#include "actors/brokers/ibkr/link.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

using namespace tradebus;
using namespace tradebus::ibkr;
using namespace std::chrono_literals;

namespace {

constexpr auto deadline = 20s;

// What the link told, and waiting for it.
class Heard final : public LinkListener {
 public:
  void on_open(std::uint64_t connection) override {
    note([&] { opened.push_back(connection); });
  }
  void on_bytes(std::uint64_t, std::string more) override {
    note([&] { bytes += more; });
  }
  void on_closed(std::uint64_t connection, std::string why) override {
    note([&] { closed.emplace_back(connection, std::move(why)); });
  }
  template <class Condition>
  bool until(Condition condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, deadline, condition);
  }

  std::vector<std::uint64_t> opened;  // these are looked at in until()
  std::string bytes;
  std::vector<std::pair<std::uint64_t, std::string>> closed;

 private:
  template <class Change>
  void note(Change change) {
    const std::lock_guard lock{mutex_};
    change();
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

// A listener on a free port that does nothing by itself.
class Peer {
 public:
  Peer() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    BOOST_REQUIRE(listen(listener_, 4) == 0);
    socklen_t size = sizeof at;
    BOOST_REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~Peer() {
    hang_up();
    close(listener_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void take() { socket_ = accept(listener_, nullptr, nullptr); }
  void say(const std::string& text) {
    BOOST_REQUIRE_EQUAL(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  std::string hear(std::size_t size) {
    std::string out(size, '\0');
    const auto n = recv(socket_, out.data(), size, MSG_WAITALL);
    out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return out;
  }
  // As much as fits between the two ends.
  std::size_t flood() {
    const std::string text(65'536, 'x');
    std::size_t sum = 0;
    for (int idle = 0; idle < 20;) {
      const auto n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) {
        sum += static_cast<std::size_t>(n);
        idle = 0;
        continue;
      }
      pollfd_wait();
      ++idle;
    }
    return sum;
  }
  void hang_up() {
    if (socket_ >= 0) close(std::exchange(socket_, -1));
  }
  LinkOptions options() const {
    LinkOptions out;
    out.host = "127.0.0.1";
    out.port = port_;
    return out;
  }

 private:
  // A moment in which room may come.
  void pollfd_wait() const {
    timeval wait{0, 10'000};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(socket_, &set);
    select(socket_ + 1, nullptr, &set, nullptr, &wait);
    if (FD_ISSET(socket_, &set)) return;
  }
  int listener_ = -1;
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ibkr_link)

BOOST_AUTO_TEST_CASE(bytes_go_both_ways_as_they_are) {
  Heard heard;
  Peer peer;
  Link link{heard};
  BOOST_CHECK(!link.send("early"));  // nothing is open
  link.open(1, peer.options());
  peer.take();
  BOOST_REQUIRE(heard.until([&] { return heard.opened.size() == 1; }));
  BOOST_CHECK(link.send("hello"));
  BOOST_CHECK_EQUAL(peer.hear(5), "hello");
  // Half a frame is handed on at once: what it means is the owner's.
  peer.say(
      std::string{"\0\0\0\x08"
                  "4|2",
                  7});
  BOOST_REQUIRE(heard.until([&] { return heard.bytes.size() == 7; }));
  peer.say("rest");
  BOOST_REQUIRE(heard.until([&] { return heard.bytes.size() == 11; }));
  peer.hang_up();
  BOOST_REQUIRE(heard.until([&] { return heard.closed.size() == 1; }));
  BOOST_CHECK_EQUAL(heard.closed[0].first, 1);
  BOOST_CHECK_EQUAL(heard.closed[0].second, "the gateway closed the connection");
  BOOST_CHECK(!link.send("late"));
}

BOOST_AUTO_TEST_CASE(nobody_listens) {
  Heard heard;
  Link link{heard};
  LinkOptions options;
  {
    const Peer gone;
    options = gone.options();
  }
  link.open(7, options);
  BOOST_REQUIRE(heard.until([&] { return heard.closed.size() == 1; }));
  BOOST_CHECK(heard.opened.empty());
  BOOST_CHECK(!heard.closed[0].second.empty());
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_has_a_limit) {
  Heard heard;
  Peer peer;
  Link link{heard};
  auto options = peer.options();
  options.sending_bytes_max = 100'000;
  link.open(1, options);
  peer.take();
  BOOST_REQUIRE(heard.until([&] { return heard.opened.size() == 1; }));
  const std::string text(50'000, 'x');
  std::size_t taken = 0;
  while (link.send(text)) BOOST_REQUIRE_MESSAGE(++taken < 10'000, "it takes without an end");
  BOOST_CHECK_GE(taken, 1u);
}

BOOST_AUTO_TEST_CASE(an_owner_that_is_behind_is_waited_for) {
  Heard heard;
  Peer peer;
  Link link{heard};
  auto options = peer.options();
  options.received_bytes_max = 200'000;
  link.open(1, options);
  peer.take();
  BOOST_REQUIRE(heard.until([&] { return heard.opened.size() == 1; }));
  const auto sent = peer.flood();
  std::size_t received = 0;
  heard.until([&] {
    received = heard.bytes.size();
    return true;
  });
  BOOST_CHECK_GE(received, options.received_bytes_max);
  BOOST_CHECK_LE(received, options.received_bytes_max + 65'536);
  BOOST_CHECK_LT(received, sent);
  // Taken: the rest comes.
  for (std::size_t done = 0; done < sent;) {
    link.taken(received - done);
    done = received;
    if (done == sent) break;
    BOOST_REQUIRE(heard.until([&] {
      received = heard.bytes.size();
      return received > done;
    }));
  }
  BOOST_CHECK_EQUAL(received, sent);
}

BOOST_AUTO_TEST_CASE(a_new_connection_takes_the_place_of_the_old_one) {
  Heard heard;
  Peer first;
  Peer second;
  Link link{heard};
  link.open(1, first.options());
  first.take();
  BOOST_REQUIRE(heard.until([&] { return heard.opened.size() == 1; }));
  link.open(2, second.options());
  second.take();
  BOOST_REQUIRE(heard.until([&] { return heard.opened.size() == 2; }));
  BOOST_CHECK_EQUAL(first.hear(1), "");  // it was closed
  BOOST_CHECK(link.send("x"));
  BOOST_CHECK_EQUAL(second.hear(1), "x");
  link.close();
  link.close();
  BOOST_CHECK_EQUAL(second.hear(1), "");
}

BOOST_AUTO_TEST_CASE(it_ends_while_the_peer_is_silent) {
  Heard heard;
  Peer peer;
  {
    Link link{heard};
    link.open(1, peer.options());
    peer.take();
    BOOST_REQUIRE(heard.until([&] { return heard.opened.size() == 1; }));
  }
  BOOST_CHECK_EQUAL(peer.hear(1), "");
}

BOOST_AUTO_TEST_SUITE_END()
