#include "actors/brokers/ibkr/wire/writer.hpp"

#include <array>
#include <charconv>

#include "actors/brokers/ibkr/wire/framing.hpp"
#include "actors/brokers/ibkr/wire/text.hpp"

namespace tradebus::ibkr::wire {

Writer::Writer(std::string& out, std::int32_t version) : out_{out}, version_{version}, begin_{out.size()} {
  out_.append(length_bytes, '\0');
}

void Writer::put(std::string_view text) {
  if (!is_printable(text)) refuse("only printable ASCII can be sent: \"" + printable(text.substr(0, 64)) + '"');
  out_ += text;
  end();
}

void Writer::put(std::int64_t value) {
  std::array<char, 24> text{};
  const auto end_of_text = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out_.append(text.data(), end_of_text);
  end();
}

void Writer::put(std::optional<OptionRight> right) {
  put(std::string_view{!right ? "" : *right == OptionRight::call ? "C" : "P"});
}

void Writer::tags(const std::vector<TagValue>& tags) {
  std::string text;
  for (const auto& [tag, value] : tags) {
    if (tag.find_first_of("=;") != std::string::npos || value.find(';') != std::string::npos)
      refuse("a tag with = or ; in it: \"" + printable(tag.substr(0, 64)) + '"');
    text.append(tag).append("=").append(value).append(";");
  }
  put(text);
}

void Writer::refuse(std::string_view why) {
  if (refusal_.empty()) refusal_ = "field " + std::to_string(field_) + ": " + std::string{why};
}

Result<void> Writer::finish() {
  const auto size = out_.size() - begin_ - length_bytes;
  if (size > frame_bytes_max) refuse("the message has more than 16777215 bytes");
  if (!refusal_.empty()) {
    out_.resize(begin_);
    return fail(Errc::request_invalid, refusal_);
  }
  for (std::size_t i = 0; i < length_bytes; ++i) out_[begin_ + i] = static_cast<char>(size >> (24 - 8 * i) & 0xff);
  return {};
}

}  // namespace tradebus::ibkr::wire
