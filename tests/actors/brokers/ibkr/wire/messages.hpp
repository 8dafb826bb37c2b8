// What the tests have in common: fields into payloads and back, messages from files, a sink that keeps what it is told.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "actors/brokers/ibkr/wire/decoder.hpp"
#include "actors/brokers/ibkr/wire/framing.hpp"

namespace tradebus::ibkr::wire::test {

using Fields = std::vector<std::string>;

inline std::string payload_of(const Fields& fields) {
  std::string out;
  for (const auto& field : fields) out.append(field).push_back('\0');
  return out;
}

inline Fields fields_of(std::string_view payload) {
  Fields out;
  while (!payload.empty()) {
    const auto end = payload.find('\0');
    BOOST_REQUIRE(end != std::string_view::npos);
    out.emplace_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
  return out;
}

// "1|6|11|": each field ends with a bar.
inline std::string payload_of(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '|') {
      out += '\0';
    } else if (line[i] == '\\' && line.substr(i, 2) == "\\n") {
      out += '\n';
      ++i;
    } else if (line[i] == '\\' && line.substr(i, 4) == "\\x7c") {
      out += '|';
      i += 3;
    } else if (line[i] == '\\' && line.substr(i, 2) == "\\\\") {
      out += '\\';
      ++i;
    } else {
      out += line[i];
    }
  }
  return out;
}

inline const std::filesystem::path samples_folder{TRADEBUS_SOURCE_DIR "/tests/actors/brokers/ibkr/wire/samples"};
inline const std::filesystem::path recordings_folder{TRADEBUS_SOURCE_DIR "/../shared/data/ibkr"};

struct Line {
  std::string comment;  // the one above it
  std::string payload;
};

inline std::vector<Line> lines_of(const std::filesystem::path& path) {
  std::ifstream in{path};
  BOOST_REQUIRE_MESSAGE(in, path << " can't be read");
  std::vector<Line> out;
  std::string comment;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) comment = line.substr(1);
    if (!line.empty() && !line.starts_with('#')) out.push_back({comment, payload_of(line)});
  }
  return out;
}

// Empty, and said aloud, where there are no recordings.
inline std::vector<Line> recorded(const std::string& name) {
  if (std::filesystem::exists(recordings_folder / name)) return lines_of(recordings_folder / name);
  BOOST_TEST_MESSAGE("skipped: no recording " << name << " beside the project");
  return {};
}

#define TRADEBUS_IBKR_TYPE(id, Message) , Message
using AnyMessage = std::variant<std::monostate TRADEBUS_IBKR_SERVER_MESSAGES(TRADEBUS_IBKR_TYPE)
                                    TRADEBUS_IBKR_TICK_BY_TICK(TRADEBUS_IBKR_TYPE)>;
#undef TRADEBUS_IBKR_TYPE

struct Recorder final : MessageSink {
#define TRADEBUS_IBKR_KEEP(id, Message) \
  void on(Message&& m) override {       \
    last = std::move(m);                \
    ++count;                            \
  }
  TRADEBUS_IBKR_SERVER_MESSAGES(TRADEBUS_IBKR_KEEP)
  TRADEBUS_IBKR_TICK_BY_TICK(TRADEBUS_IBKR_KEEP)
#undef TRADEBUS_IBKR_KEEP

  AnyMessage last;
  std::size_t count = 0;
};

// The message must be good and of that type. Views in it last as long as `payload`.
template <class Message>
Message decoded(const std::string& payload, std::int32_t version) {
  Recorder sink;
  const auto error = decode(payload, version, sink);
  BOOST_REQUIRE_MESSAGE(!error, to_error(error).message);
  BOOST_REQUIRE_EQUAL(sink.count, 1u);
  auto* found = std::get_if<Message>(&sink.last);
  BOOST_REQUIRE(found != nullptr);
  return std::move(*found);
}

inline DecodeError fault_of(const std::string& payload, std::int32_t version) {
  Recorder sink;
  const auto error = decode(payload, version, sink);
  BOOST_REQUIRE_EQUAL(sink.count, error ? 0u : 1u);
  return error;
}

inline Price price(std::string_view text) { return Price::parse(text).value(); }
inline Quantity quantity(std::string_view text) { return Quantity::parse(text).value(); }
inline Money money(std::string_view text) { return Money::parse(text).value(); }
inline Ratio ratio(std::string_view text) { return Ratio::parse(text).value(); }

// The one payload of a frame.
inline std::string unframed(std::string_view frame) {
  FrameReader reader;
  reader.feed(frame);
  std::string_view payload;
  BOOST_REQUIRE(reader.next(payload) == FrameReader::Next::payload);
  BOOST_REQUIRE_EQUAL(reader.buffered(), 0u);
  return std::string{payload};
}

// TRADEBUS_MUTATIONS=100000 for the long form.
inline std::size_t mutations(std::size_t usual) {
  const char* wish = std::getenv("TRADEBUS_MUTATIONS");
  return wish != nullptr ? std::strtoul(wish, nullptr, 10) : usual;
}

}  // namespace tradebus::ibkr::wire::test
