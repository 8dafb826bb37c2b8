// Who a server must prove to be.
#include "tests/engine/net/certificates.hpp"
#include "tests/engine/net/scripted_server.hpp"
#include "tests/engine/net/support.hpp"
#include "tests/support/temp_folder.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct TlsFixture : NetFixture {
  TlsFixture() { write_bytes(folder.file("ca.pem"), pem(authority.certificate)); }

  static void serve(Peer& peer) {
    while (!peer.read_request().empty()) peer.write(answer("ok"));
  }
  HttpClientOptions trusting() {
    auto options = quick();
    options.tls.ca_file = folder.file("ca.pem");
    return options;
  }
  HttpResult ask(const Identity& identity, std::string_view host, HttpClientOptions options, int version_max = 0) {
    ScriptedServer server{serve, server_context(identity, version_max)};
    auto http = client(std::move(options));
    Asked asked{http, get(server.url("https", "/", host))};
    auto result = asked.result();
    if (!result) {
      BOOST_TEST_MESSAGE(result.error().message);
      BOOST_TEST(http.metrics().retries == 0);  // another try would find the same
    }
    return result;
  }
  std::string refused(const Identity& identity, std::string_view host, HttpClientOptions options, int version_max = 0) {
    const auto result = ask(identity, host, std::move(options), version_max);
    BOOST_REQUIRE(!result);
    BOOST_TEST((result.error().fault == NetFault::tls_failed));
    BOOST_TEST((result.error().phase == NetPhase::tls));
    BOOST_TEST(!result.error().may_have_been_sent);
    return result.error().message;
  }

  TempFolder folder{"net-tls"};
  Identity authority = make_identity("", nullptr, true);
};
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tls, TlsFixture)

BOOST_AUTO_TEST_CASE(an_authority_that_is_named_is_trusted) {
  BOOST_TEST(ask(make_identity("DNS:venue.test", &authority), "venue.test", trusting())->body == "ok");
  BOOST_TEST(ask(make_identity("DNS:*.venue.test", &authority), "api.venue.test", trusting()).has_value());
  BOOST_TEST(ask(make_identity("IP:127.0.0.1", &authority), "127.0.0.1", trusting())->body == "ok");
}

BOOST_AUTO_TEST_CASE(a_connection_is_kept_under_tls_too) {
  ScriptedServer server{serve, server_context(make_identity("DNS:venue.test", &authority))};
  auto http = client(trusting());
  for (int i = 0; i < 3; ++i) {
    Asked asked{http, get(server.url("https", "/", "venue.test"))};
    asked.response();
  }
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(what_comes_behind_an_answer_answers_no_other_request) {
  ScriptedServer server{[](Peer& peer) {
                          peer.read_request();
                          if (peer.index == 0)
                            peer.write_together({answer("first"), answer("nobody asked for this")});
                          else
                            peer.write(answer("second"));
                          peer.wait_closed();
                        },
                        server_context(make_identity("DNS:venue.test", &authority))};
  auto http = client(trusting());
  Asked first{http, get(server.url("https", "/", "venue.test"))};
  BOOST_TEST(first.response().body == "first");
  Asked second{http, get(server.url("https", "/", "venue.test"))};
  BOOST_TEST(second.response().body == "second");
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(what_an_earlier_try_sent_stays_known) {
  const auto identity = make_identity("DNS:venue.test", &authority);
  const auto tls = server_context(identity);
  ScriptedServer server{[&](Peer& peer) {
    if (peer.index > 0) {
      peer.read_some();
      peer.write("no TLS\r\n\r\n");
      return;
    }
    peer.start_tls(tls.get());
    peer.read_request();  // and cut
  }};
  auto http = client(trusting());
  Asked asked{http, get(server.url("https", "/", "venue.test"))};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::tls_failed));
  BOOST_TEST(error.may_have_been_sent);
}

BOOST_AUTO_TEST_CASE(another_host_is_refused) {
  BOOST_TEST(has(refused(make_identity("DNS:other.test", &authority), "venue.test", trusting()), "another host"));
  BOOST_TEST(has(refused(make_identity("DNS:venue.test", &authority), "127.0.0.1", trusting()), "another host"));
  BOOST_TEST(has(refused(make_identity("DNS:*.test", &authority), "venue.test", trusting()), "another host"));
  BOOST_TEST(has(refused(make_identity("DNS:ven*.test", &authority), "venue.test", trusting()), "another host"));
}

BOOST_AUTO_TEST_CASE(an_unknown_authority_is_refused) {
  const auto message = refused(make_identity("DNS:venue.test", &authority), "venue.test", quick());
  BOOST_TEST(has(message, "isn't trusted"));
  BOOST_TEST(has(message, "venue.test"));
  BOOST_TEST(has(message, "ca_file"));
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_refused) {
  BOOST_TEST(has(refused(make_identity("DNS:venue.test", nullptr), "venue.test", trusting()), "self-signed"));
}

BOOST_AUTO_TEST_CASE(a_server_is_no_authority) {
  const auto leaf = make_identity("DNS:other.test", &authority);
  auto forged = make_identity("DNS:venue.test", &leaf);
  forged.above = leaf.certificate;
  BOOST_TEST(has(refused(forged, "venue.test", trusting()), "invalid CA"));
}

BOOST_AUTO_TEST_CASE(a_certificate_out_of_its_time_is_refused) {
  BOOST_TEST(has(refused(make_identity("DNS:venue.test", &authority, false, -7'200, 3'600), "venue.test", trusting()),
                 "expired"));
  BOOST_TEST(has(refused(make_identity("DNS:venue.test", &authority, false, 3'600, 7'200), "venue.test", trusting()),
                 "clock"));
}

BOOST_AUTO_TEST_CASE(tls_1_1_is_refused_and_1_2_taken) {
  const auto identity = make_identity("DNS:venue.test", &authority);
  BOOST_TEST(has(refused(identity, "venue.test", trusting(), TLS1_1_VERSION), "TLS 1.2"));
  BOOST_TEST(ask(identity, "venue.test", trusting(), TLS1_2_VERSION).has_value());
}

BOOST_AUTO_TEST_CASE(a_port_without_tls_is_named) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_some();
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  }};
  auto http = client(quick());
  Asked asked{http, get(server.url("https"))};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::tls_failed));
  BOOST_TEST((error.phase == NetPhase::tls));
  BOOST_TEST(says(error, "must speak TLS 1.2 or newer on this port"));
  BOOST_TEST(!error.may_have_been_sent);
}

BOOST_AUTO_TEST_CASE(an_end_without_notice_is_a_cut) {
  // A body that ends with the connection could be shortened by anyone on the way.
  ScriptedServer server{[](Peer& peer) {
                          peer.read_request();
                          peer.write("HTTP/1.1 200 OK\r\n\r\nhalf");
                        },
                        server_context(make_identity("DNS:venue.test", &authority))};
  auto options = trusting();
  options.tries_max = 1;
  auto http = client(options);
  Asked asked{http, get(server.url("https", "/", "venue.test"))};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::connection_lost));
  BOOST_TEST((error.phase == NetPhase::body));
  BOOST_TEST(says(error, "venue.test:"));
  BOOST_TEST(error.may_have_been_sent);
}

BOOST_AUTO_TEST_CASE(a_missing_ca_file_is_named) {
  HttpClientOptions options;
  options.tls.ca_file = folder.file("none.pem");
  const auto made = HttpClient::make(*thread, options);
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == Errc::config_invalid));
  BOOST_TEST(has(made.error().message, "none.pem"));
}

BOOST_AUTO_TEST_SUITE_END()
