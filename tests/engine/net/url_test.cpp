#include <boost/test/unit_test.hpp>

#include "engine/net/proxy_settings.hpp"
#include "engine/net/url.hpp"

using namespace tradebus;

BOOST_AUTO_TEST_SUITE(urls)

BOOST_AUTO_TEST_CASE(a_url_in_its_parts) {
  const auto url = parse_url("HTTPS://Api.Massive.com/v3/reference/tickers?limit=5&apiKey=K#part");
  BOOST_REQUIRE(url);
  BOOST_TEST(url->scheme == "https");
  BOOST_TEST(url->host == "api.massive.com");
  BOOST_TEST(url->port == 443);
  BOOST_TEST(url->target == "/v3/reference/tickers?limit=5&apiKey=K");
  BOOST_TEST(url->host_header() == "api.massive.com");
  BOOST_TEST(url->origin() == "https://api.massive.com:443");
  BOOST_TEST(url->shown() == "https://api.massive.com/v3/reference/tickers?...");
  BOOST_TEST(!url->is_loopback());
}

BOOST_AUTO_TEST_CASE(the_path_of_an_option_stands_as_it_is) {
  BOOST_TEST(parse_url("https://h/v3/snapshot/options/AAPL/O:AAPL230616C00150000")->target ==
             "/v3/snapshot/options/AAPL/O:AAPL230616C00150000");
}

BOOST_AUTO_TEST_CASE(ports_queries_without_a_path_and_users) {
  BOOST_TEST(parse_url("ws://h:8080")->host_header() == "h:8080");
  BOOST_TEST(parse_url("wss://h:443/stocks")->host_header() == "h");
  BOOST_TEST(parse_url("http://h?x=1")->target == "/?x=1");
  const auto user = parse_url("http://me:p%40ss@proxy:3128");
  BOOST_REQUIRE(user);
  BOOST_TEST(user->user_info == "me:p@ss");
  BOOST_TEST(user->host == "proxy");
  BOOST_TEST(user->shown() == "http://proxy:3128/");
}

BOOST_AUTO_TEST_CASE(addresses) {
  const auto v6 = parse_url("https://[2001:DB8::1]:8443/x");
  BOOST_REQUIRE(v6);
  BOOST_TEST(v6->host == "2001:db8::1");
  BOOST_TEST(v6->authority() == "[2001:db8::1]:8443");
  BOOST_TEST(parse_url("http://[::1]/")->host_header() == "[::1]");
  for (const char* text : {"http://[::1]", "http://127.0.0.1", "http://127.9.9.9", "http://LOCALHOST:1"})
    BOOST_TEST(parse_url(text)->is_loopback(), text);
  for (const char* text : {"http://[::2]", "http://128.0.0.1", "http://127.0.0.1.evil.example",
                           "http://localhost.evil.example", "http://0.0.0.0"})
    BOOST_TEST(!parse_url(text)->is_loopback(), text);
  BOOST_TEST(is_ip_address("192.0.2.1"));
  BOOST_TEST(is_ip_address("2001:db8::1"));
  BOOST_TEST(!is_ip_address("h"));
}

BOOST_AUTO_TEST_CASE(what_is_no_url_is_refused_without_repeating_it) {
  for (const std::string text : {"",
                                 "h/path",
                                 "ftp://h/",
                                 "https://",
                                 "https:///x",
                                 "https://h:0/",
                                 "https://h:65536/",
                                 "https://h:/",
                                 "https://h:1x/",
                                 "https://a b/",
                                 "https://h/a b",
                                 "https://h/\r\nX: y",
                                 "https://[::1/",
                                 "https://[h]/",
                                 "https://[::1]x/",
                                 "https://h..x/",
                                 "https://.h/",
                                 "https://h\\x/",
                                 "https://%zz@h/",
                                 "https://\xc3\xa9/"}) {
    const auto url = parse_url(text + (text.empty() ? "" : "?apiKey=SECRET"));
    BOOST_TEST(!url, text);
    if (!url) BOOST_TEST(url.error().message.find("SECRET") == std::string::npos);
  }
  BOOST_TEST(!parse_url("https://h/" + std::string(9'000, 'x')));
}

BOOST_AUTO_TEST_CASE(percent_codes) {
  BOOST_TEST(percent_encode("O:A B/é") == "O%3AA%20B%2F%C3%A9");
  BOOST_TEST(percent_decode("O%3aA%20B") == "O:A B");
  BOOST_TEST(percent_decode("%4") == "");
  BOOST_TEST(percent_decode("%4x") == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(proxies)

namespace {
using Variables = std::map<std::string, std::string, std::less<>>;
Result<ProxySettings> settings(const Variables& variables) {
  return proxy_from_environment([&](std::string_view name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    return it == variables.end() ? std::nullopt : std::optional{it->second};
  });
}
std::string chosen(const Variables& variables, const std::string& url) {
  const auto s = settings(variables);
  BOOST_REQUIRE_MESSAGE(s, s.error().message);
  const auto* proxy = s->proxy_for(*parse_url(url));
  return proxy == nullptr ? "" : proxy->authority();
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_variables_and_their_order) {
  BOOST_TEST(chosen({}, "https://h/") == "");
  BOOST_TEST(chosen({{"HTTPS_PROXY", "http://p:1"}}, "https://h/") == "p:1");
  BOOST_TEST(chosen({{"HTTPS_PROXY", "http://p:1"}}, "wss://h/") == "p:1");
  BOOST_TEST(chosen({{"HTTPS_PROXY", "http://p:1"}}, "http://h/") == "");
  BOOST_TEST(chosen({{"HTTPS_PROXY", "http://p:1"}, {"https_proxy", "q:2"}}, "https://h/") == "q:2");
  BOOST_TEST(chosen({{"https_proxy", ""}, {"HTTPS_PROXY", "http://p:1"}}, "https://h/") == "p:1");
  BOOST_TEST(chosen({{"HTTP_PROXY", "p:1"}}, "http://h/") == "p:1");
  BOOST_TEST(chosen({{"HTTP_PROXY", "p:1"}, {"REQUEST_METHOD", "GET"}}, "http://h/") == "");
  BOOST_TEST(chosen({{"ALL_PROXY", "http://p"}}, "https://h/") == "p:80");
}

BOOST_AUTO_TEST_CASE(hosts_that_need_none) {
  const auto is_direct = [](const std::string& no_proxy, const std::string& url) {
    return chosen({{"https_proxy", "p:1"}, {"no_proxy", no_proxy}}, url).empty();
  };
  BOOST_TEST(is_direct("*", "https://h/"));
  BOOST_TEST(is_direct("massive.com", "https://massive.com/"));
  BOOST_TEST(is_direct("massive.com", "https://api.massive.com/"));
  BOOST_TEST(is_direct(".massive.com", "https://api.massive.com/"));
  BOOST_TEST(is_direct("*.massive.com", "https://api.massive.com/"));
  BOOST_TEST(is_direct("a, Massive.COM  ,b", "https://api.massive.com/"));
  BOOST_TEST(!is_direct("massive.com", "https://notmassive.com/"));
  BOOST_TEST(!is_direct("api.massive.com", "https://massive.com/"));
  BOOST_TEST(is_direct("massive.com:443", "https://api.massive.com/"));
  BOOST_TEST(!is_direct("massive.com:8443", "https://api.massive.com/"));
  BOOST_TEST(is_direct("10.1.0.0/16", "https://10.1.2.3/"));
  BOOST_TEST(!is_direct("10.1.0.0/16", "https://10.2.2.3/"));
  BOOST_TEST(!is_direct("10.1.0.0/99", "https://10.1.2.3/"));
  BOOST_TEST(is_direct("2001:db8::/32", "https://[2001:db8::1]/"));
  BOOST_TEST(is_direct("2001:db8::1", "https://[2001:db8::1]/"));
  BOOST_TEST(is_direct("[2001:db8::1]:443", "https://[2001:db8::1]/"));
  BOOST_TEST(!is_direct("0.1", "https://10.0.0.1/"));
  BOOST_TEST(is_direct("", "https://127.0.0.1/"));
  BOOST_TEST(is_direct("", "https://localhost/"));
}

BOOST_AUTO_TEST_CASE(a_bad_proxy_is_named_by_its_variable_without_its_password) {
  for (const char* value :
       {"socks5://me:SECRET@p:1", "https://me:SECRET@p:1", "http://me:SECRET@:1", "http://me:SECRET@p:x"}) {
    const auto s = settings({{"https_proxy", value}});
    BOOST_REQUIRE(!s);
    BOOST_TEST((s.error().code == Errc::config_invalid));
    BOOST_TEST(s.error().message.find("https_proxy") != std::string::npos);
    BOOST_TEST(s.error().message.find("SECRET") == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
