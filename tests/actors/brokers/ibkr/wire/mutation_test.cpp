// Whatever comes is a message or a named fault: cut anywhere, changed anywhere, read at any version.
// TRADEBUS_MUTATIONS= 100000 for as many mistakes in each message.
#include <boost/test/unit_test.hpp>

#include <random>

#include "actors/brokers/ibkr/wire/error_codes.hpp"
#include "actors/brokers/ibkr/wire/handshake.hpp"
#include "actors/brokers/ibkr/wire/text.hpp"
#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "tests/actors/brokers/ibkr/wire/messages.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;
using namespace tradebus::ibkr::wire::test;

namespace {

struct Sample {
  std::string payload;
  std::int32_t version;
};

const std::vector<Sample>& samples() {
  static const auto all = [] {
    std::vector<Sample> out;
    for (const auto& line : lines_of(samples_folder / "server_178.txt")) out.push_back({line.payload, 178});
    for (const auto& [name, version] : {std::pair{"server_sv164.txt", 164},
                                        {"server_sv173.txt", 173},
                                        {"server_sv178_derived.txt", 178},
                                        {"server_sv200.txt", 200}})
      for (const auto& line : recorded(name)) out.push_back({line.payload, version});
    return out;
  }();
  return all;
}

// Of exactly this size, so that a sanitizer sees a read beyond it.
DecodeError read_exactly(std::string_view text, std::int32_t version, std::size_t& good) {
  const std::vector<char> exact(text.begin(), text.end());
  Recorder sink;
  const auto error = decode({exact.data(), exact.size()}, version, sink);
  BOOST_REQUIRE_EQUAL(sink.count, error ? 0u : 1u);
  if (error)
    BOOST_REQUIRE(!to_error(error).message.empty());
  else
    ++good;
  if (const auto* m = std::get_if<ErrorMessage>(&sink.last))
    for (int subject = 0; subject <= 5; ++subject) judge(*m, static_cast<ErrorSubject>(subject));
  return error;
}

void mutate(std::string& text, std::mt19937_64& random) {
  using namespace std::string_view_literals;
  constexpr std::string_view words[] = {"\0"sv,
                                        "\0\0\0\0"sv,
                                        "-1"sv,
                                        "2147483647"sv,
                                        "2147483648"sv,
                                        "1.7976931348623157E308"sv,
                                        "9223372036854775807"sv,
                                        "1E-400"sv,
                                        "NaN"sv,
                                        "Infinity"sv,
                                        "None"sv,
                                        "0"sv,
                                        "1"sv,
                                        "99999"sv,
                                        "\xff\xfe"sv,
                                        "\\ud800"sv};
  for (auto count = 1 + random() % 4; count > 0 && !text.empty(); --count) {
    const auto at = random() % text.size();
    switch (random() % 6) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + random() % 8);
        break;
      case 2:
        text.insert(at, words[random() % std::size(words)]);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), random() % 40));
        break;
      case 4:
        text[at] = static_cast<char>('0' + random() % 10);
        break;
      default: {  // one field for another
        const auto end = text.find('\0', at);
        if (end != std::string::npos) text.replace(at, end - at, words[random() % std::size(words)]);
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mutation)

BOOST_AUTO_TEST_CASE(our_samples_are_good) {
  for (const auto& line : lines_of(samples_folder / "server_178.txt")) {
    std::size_t good = 0;
    const auto error = read_exactly(line.payload, 178, good);
    BOOST_CHECK_MESSAGE(!error, line.comment << ": " << to_error(error).message);
  }
}

BOOST_AUTO_TEST_CASE(a_message_cut_anywhere_is_named) {
  std::size_t good = 0;
  for (const auto& sample : samples())
    for (std::size_t n = 0; n < sample.payload.size(); ++n)
      read_exactly(std::string_view{sample.payload}.substr(0, n), sample.version, good);
}

BOOST_AUTO_TEST_CASE(a_message_without_its_last_fields_is_named) {
  for (const auto& sample : samples()) {
    auto fields = fields_of(sample.payload);
    const auto id = fields[0];
    if (id == "53" || id == "62" || id == "102" || id == "18") continue;  // nothing that is read
    while (fields.size() > 1) {
      fields.pop_back();
      std::size_t good = 0;
      BOOST_TEST(static_cast<bool>(read_exactly(payload_of(fields), sample.version, good)), "message " << id);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_message_with_mistakes_is_named_or_sane) {
  const auto rounds = mutations(300);
  std::size_t good = 0;
  std::size_t bad = 0;
  std::size_t number = 0;
  for (const auto& sample : samples()) {
    std::mt19937_64 random{++number};
    for (std::size_t i = 0; i < rounds; ++i) {
      auto text = sample.payload;
      mutate(text, random);
      const auto version = random() % 4 == 0 ? 157 + static_cast<std::int32_t>(random() % 44) : sample.version;
      BOOST_TEST_CONTEXT("message " << number << ", mistake " << i) {
        if (read_exactly(text, version, good)) ++bad;
      }
    }
  }
  BOOST_TEST(good > 0u);
  BOOST_TEST(bad > 0u);
  BOOST_TEST_MESSAGE("mutated: " << good << " still messages, " << bad << " named");
}

BOOST_AUTO_TEST_CASE(texts_and_hellos_with_mistakes) {
  const auto rounds = mutations(2'000);
  std::mt19937_64 random{5};
  auto times = TimeReader::make("Europe/Berlin").value();
  using namespace std::string_view_literals;
  const std::string_view texts[] = {"20260611 09:30:30 US/Eastern"sv,
                                    "20260611-13:30:30"sv,
                                    "2026-04-14 14:58:42.0"sv,
                                    "178\0"
                                    "20260405 23:49:26 CET\0"sv,
                                    "-1\0host:4001\0"sv,
                                    "NESTL\\u00c9 &#10;&amp; {A:1}!\xfc"sv};
  for (std::size_t i = 0; i < rounds; ++i) {
    std::string text{texts[random() % std::size(texts)]};
    mutate(text, random);
    const auto at = times.read(text);
    if (at) BOOST_REQUIRE(unix_ns(*at) > -200'000'000'000'000 && unix_ns(*at) < 7'300'000'000'000'000'000);
    parse_server_hello(text, {});
    BOOST_REQUIRE(is_utf8(to_utf8(text)));
    to_utf8(unescape_html(unescape_unicode(text)));
    bare_headline(text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
