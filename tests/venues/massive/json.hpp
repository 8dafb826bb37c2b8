// Writes JSON as the venue does: compact, keys in the order of the calls, the shortest text of a double, large volumes
// in scientific notation.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tradebus::massive_sim {

class Json {
 public:
  Json& begin_object() { return open('{'); }
  Json& end_object() { return close('}'); }
  Json& begin_array() { return open('['); }
  Json& end_array() { return close(']'); }
  Json& key(std::string_view name);

  Json& value(std::string_view text);
  Json& value(const char* text) { return value(std::string_view{text}); }
  Json& value(double number);
  Json& value(std::same_as<bool> auto flag) { return raw(flag ? "true" : "false"); }
  Json& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    return raw(std::to_string(number));
  }
  Json& null() { return raw("null"); }
  // JSON made elsewhere.
  Json& raw(std::string_view json);
  // A volume: 1.12117471e+08 from ten millions on.
  Json& volume(double number);

  template <class T>
  Json& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  Json& open(char bracket);
  Json& close(char bracket);
  void separate();

  std::string out_;
  bool comma_ = false;
};

}  // namespace tradebus::massive_sim
