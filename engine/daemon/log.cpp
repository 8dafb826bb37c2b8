#include "engine/daemon/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "engine/services/log_text.hpp"

namespace tradebus {

namespace {

// The message as a JSON string's inside.
class JsonText : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out.push_back('\\');
        out.push_back(c);
      } else if (byte < 0x20) {
        out.push_back(' ');
      } else {
        out.push_back(c);
      }
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonText>(); }
};

// The message as one line, whatever stands in it.
class OneLine : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const auto text = log_text({message.payload.data(), message.payload.size()}, false);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<OneLine>(); }
};

}  // namespace

Result<std::shared_ptr<spdlog::logger>> make_logger(const Section& settings) {
  spdlog::sink_ptr sink;
  const auto& file = settings.get<std::string>("file");
  try {
    if (file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  } catch (const spdlog::spdlog_ex& e) {
    return fail(Errc::config_invalid, std::string{"log.file can't be written: "} + e.what());
  }
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (settings.get<bool>("json"))
    formatter->add_flag<JsonText>('*').set_pattern(R"({"ts":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","event":"%*"})");
  else
    formatter->add_flag<OneLine>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %*");
  auto log = std::make_shared<spdlog::logger>("tradebus", std::move(sink));
  log->set_formatter(std::move(formatter));
  log->set_level(spdlog::level::from_str(settings.get<std::string>("level")));
  log->flush_on(spdlog::level::info);
  return log;
}

}  // namespace tradebus
